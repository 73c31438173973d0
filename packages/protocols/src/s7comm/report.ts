/** Facts of S7comm that several parts tell: violations, failures, and requests that wait for their answer. */
import type { ActionFact, ActionName, FactParameters, Facts } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { RETURN_CODES, type S7Violation, VIOLATIONS } from './names.ts';

export const S7 = PROTOCOLS.s7comm.index;

export function violate(facts: Facts, name: S7Violation, text: string): void {
  const protocol = name.startsWith('s7comm-plus') ? PROTOCOLS.s7commPlus.index : S7;
  facts.tell({ is: 'violation', protocol, name, malformed: VIOLATIONS[name].malformed, text });
}

/** An item was answered with a return code other than success. Told once per message, with the first code. */
export function tellItemFailure(facts: Facts, operation: number, code: number, items: number): void {
  const text = `${items} ${items === 1 ? 'item was' : 'items were'} refused: ${RETURN_CODES[code] ?? 'return code'} (0x${code.toString(16).padStart(2, '0')}).`;
  facts.tell({ is: 'failure', protocol: S7, name: 's7comm.error', code, operation, text, parameters: { kind: 'item', items } });
}

interface Waiting {
  readonly reference: number;
  readonly frame: number;
  readonly toServer: boolean;
  readonly action: ActionName;
  readonly text: string;
  readonly parameters: FactParameters;
}

/** Requests a connection remembers until they are answered; the oldest is dropped, it was never answered. */
const MOST_WAITING = 8;

/** Actions that were asked for on one connection and wait for the peer's word. */
export class WaitingActions {
  readonly #waiting: Waiting[] = [];

  /** Tells the action as requested and remembers it under the reference of its PDU. */
  request(facts: Facts, reference: number, action: ActionName, text: string, parameters: FactParameters): void {
    if (this.#waiting.length === MOST_WAITING) this.#waiting.shift();
    this.#waiting.push({ reference, frame: facts.frame, toServer: facts.toServer, action, text, parameters });
    tellAction(facts, action, 'requested', text, parameters);
  }

  /** The peer answered: tells the action again as accepted or refused, if one waits under this reference. */
  answer(facts: Facts, reference: number, accepted: boolean): void {
    if (this.#waiting.length === 0) return;
    const at = this.#waiting.findIndex((waiting) => waiting.reference === reference && waiting.toServer !== facts.toServer);
    if (at < 0) return;
    const [{ action, text, parameters, frame }] = this.#waiting.splice(at, 1);
    const phase = accepted ? 'accepted' : 'refused';
    facts.tell({ is: 'action', protocol: S7, action, phase, text, parameters, requestFrame: frame });
  }
}

export function tellAction(facts: Facts, action: ActionName, phase: ActionFact['phase'], text: string, parameters: FactParameters): void {
  facts.tell({ is: 'action', protocol: S7, action, phase, text, parameters });
}
