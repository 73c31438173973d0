/** Fields of a GOOSE PDU, for custom rules (IEC 61850-8-1, annex A). */
import { text } from '@annunciator/packet/bytes';
import { Detail } from '../details.ts';
import type { Facts } from '../facts.ts';
import { Field } from './names.ts';
import type { GoosePdu } from './parse.ts';

/** @param simulated the header or the PDU says that a test device sends the message */
export function pduDetails(facts: Facts, pdu: GoosePdu, bytes: Uint8Array, simulated: boolean): void {
  facts.detailText(Detail.GooseReference, text(bytes, pdu.starts[Field.gocbRef], pdu.ends[Field.gocbRef]));
  facts.detail(Detail.GooseStateNumber, pdu.unsigned(bytes, Field.stNum));
  facts.detail(Detail.GooseSequenceNumber, pdu.unsigned(bytes, Field.sqNum));
  facts.detail(Detail.GooseSimulation, simulated ? 1 : 0);
  facts.detail(Detail.GooseConfRev, pdu.unsigned(bytes, Field.confRev));
}
