/** Facts of MMS that several parts tell: violations and failures. */
import type { FactParameters, Facts } from '../facts.ts';
import { MMS } from './actions.ts';
import { type MmsViolation, VIOLATIONS } from './names.ts';

export function violate(facts: Facts, name: MmsViolation, text: string): void {
  facts.tell({ is: 'violation', protocol: MMS, name, malformed: VIOLATIONS[name].malformed, text });
}

/** A request was refused, or a part of it. `kind` says which PDU told: error, reject, data-access or association. */
export function fail(facts: Facts, operation: number, code: number, kind: string, text: string, parameters: FactParameters = {}): void {
  facts.tell({ is: 'failure', protocol: MMS, name: 'mms.error', code, operation, text, parameters: { kind, ...parameters } });
}
