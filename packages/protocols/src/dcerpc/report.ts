/** What both forms of DCE/RPC tell alike. */
import type { Facts } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { type DcerpcViolation, statusText, VIOLATIONS } from './names.ts';

const DCERPC = PROTOCOLS.dcerpc.index;

export function violate(facts: Facts, name: DcerpcViolation, sentence: string): void {
  facts.tell({ is: 'violation', protocol: DCERPC, name, malformed: VIOLATIONS[name].malformed, text: sentence });
}

/** A call or a bind was refused. `operation` is the operation number of the call, -1 for a bind. */
export function tellFault(facts: Facts, code: number, operation: number, what: string): void {
  const text = `${what}: ${statusText(code)}`;
  facts.tell({ is: 'failure', protocol: DCERPC, name: 'dcerpc.fault', code, operation, text, parameters: { status: statusText(code) } });
}
