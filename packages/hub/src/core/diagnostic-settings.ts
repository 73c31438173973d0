/** Which categories of operations the diagnostics log keeps. Without any setting it keeps all of them. */
import { randomUUID } from 'node:crypto';
import { HUB_OPERATIONS, type HubCategory } from '@annunciator/rules/hub-operation';
import { needRight, type ServiceCaller } from '../authentication/caller.ts';
import { HubError } from '../hub-error.ts';
import type { HubDocument } from '../state/hub-records.ts';
import type { Deed, HubContext } from './context.ts';

/** Settings a hub may have. */
const MOST_SETTINGS = 5;

export interface DiagnosticSetting {
  readonly name: string;
  readonly etag: string;
  readonly categories: readonly HubCategory[];
}

export class DiagnosticSettings {
  readonly #context: HubContext;
  #kept: ReadonlySet<HubCategory> | null = null;

  private constructor(context: HubContext) {
    this.#context = context;
  }

  static async open(context: HubContext): Promise<DiagnosticSettings> {
    const settings = new DiagnosticSettings(context);
    await settings.#load();
    return settings;
  }

  isKept(category: HubCategory): boolean {
    return this.#kept === null || this.#kept.has(category);
  }

  async list(caller: ServiceCaller): Promise<DiagnosticSetting[]> {
    return this.#perform(caller, 'get', async () => (await this.#documents()).map(settingOf));
  }

  /** Adds a setting or replaces it. @throws HubError ArgumentInvalid, PreconditionFailed, QuotaExceeded */
  async put(caller: ServiceCaller, name: string, categories: readonly string[]): Promise<DiagnosticSetting> {
    return this.#perform(caller, 'update', async () => {
      const unknown = categories.find((category) => !Object.hasOwn(HUB_OPERATIONS, category));
      if (unknown !== undefined) throw new HubError('ArgumentInvalid', `There is no category ${unknown.slice(0, 60)}.`);
      if (!/^[\w .-]{1,64}$/.test(name))
        throw new HubError('ArgumentInvalid', `${JSON.stringify(name.slice(0, 80))} is no name for a setting.`);
      const document = { name, etag: randomUUID(), body: JSON.stringify(categories) };
      const exists = (await this.#documents()).some((one) => one.name === name);
      await this.#context.askHub('setDocument', {
        kind: 'diagnosticSetting',
        document,
        ifMatch: exists ? '*' : null,
        limit: MOST_SETTINGS,
      });
      await this.#load();
      return settingOf(document);
    });
  }

  /** @throws HubError NotFound */
  async delete(caller: ServiceCaller, name: string): Promise<void> {
    return this.#perform(caller, 'delete', async () => {
      if (!(await this.#context.askHub('removeDocument', { kind: 'diagnosticSetting', name })))
        throw new HubError('NotFound', `There is no diagnostic setting ${name}.`);
      await this.#load();
    });
  }

  #documents(): Promise<HubDocument[]> {
    return this.#context.askHub('documents', { kind: 'diagnosticSetting' });
  }

  async #load(): Promise<void> {
    const settings = (await this.#documents()).map(settingOf);
    this.#kept = settings.length === 0 ? null : new Set(settings.flatMap(({ categories }) => categories));
  }

  #perform<T>(caller: ServiceCaller, operation: 'update' | 'delete' | 'get', act: () => Promise<T>): Promise<T> {
    const deed: Deed = { category: 'DiagnosticSettings', operation, target: null, throttle: 'registry', writes: operation === 'update' };
    return this.#context.perform(caller, deed, () => {
      needRight(caller, operation === 'get' ? 'RegistryRead' : 'RegistryWrite', null);
      return act();
    });
  }
}

function settingOf({ name, etag, body }: HubDocument): DiagnosticSetting {
  // Written by put.
  return { name, etag, categories: JSON.parse(body) as HubCategory[] };
}
