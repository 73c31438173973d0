/** The shared access policies in memory; they are few and asked for with every token. */
import { newKey, type Policy } from '../authentication/policies.ts';
import { HubError } from '../hub-error.ts';
import type { HubState } from '../state/requests.ts';

export class PolicyBook {
  readonly #state: HubState;
  readonly #byName: Map<string, Policy>;

  private constructor(state: HubState, policies: readonly Policy[]) {
    this.#state = state;
    this.#byName = new Map(policies.map((policy) => [policy.name, policy]));
  }

  static async open(state: HubState): Promise<PolicyBook> {
    return new PolicyBook(state, await state.askHub('policies', {}));
  }

  get(name: string): Policy | undefined {
    return this.#byName.get(name);
  }

  all(): Policy[] {
    return [...this.#byName.values()];
  }

  /** Gives a policy new keys: the secondary key becomes the primary, so that callers can change over. @throws HubError NotFound */
  async rotate(name: string): Promise<Policy> {
    const before = this.#byName.get(name);
    if (!before) throw new HubError('NotFound', `There is no shared access policy ${name}.`);
    const after = { ...before, primaryKey: before.secondaryKey, secondaryKey: newKey() };
    await this.#state.askHub('setPolicy', { policy: after });
    this.#byName.set(name, after);
    return after;
  }
}
