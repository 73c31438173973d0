/** What answers and reports tell: results of reads and writes, errors, status, identity. Hot code: a positive answer to a read or write allocates nothing. */
import { text } from '@annunciator/packet/bytes';
import { integer, Tlv } from '../ber/tlv.ts';
import type { Facts } from '../facts.ts';
import { MMS } from './actions.ts';
import {
  DATA_ACCESS_ERRORS,
  ERROR_CLASSES,
  LOGICAL_STATUS,
  operationName,
  PHYSICAL_STATUS,
  PROGRAM_STATES,
  REJECTED,
  Service,
} from './names.ts';
import { fail } from './report.ts';

/** Context tags as identifier octets. */
const PRIMITIVE_0 = 0x80;
const CONSTRUCTED_1 = 0xa1;
const LONGEST_TEXT = 128;

const tlv = new Tlv();
const inner = new Tlv();

/** Reads the results of a read or write and tells those that failed, once for the message. True when none did. */
export function readResults(facts: Facts, bytes: Uint8Array, service: number, start: number, end: number): boolean {
  let from = start;
  let to = end;
  if (service === Service.Read) {
    // the optional specification of what was read comes first
    for (let at = start; at < end && tlv.read(bytes, at, end); at = tlv.next) {
      from = tlv.start;
      to = tlv.tag === CONSTRUCTED_1 ? tlv.end : tlv.start;
    }
  }
  let failed = 0;
  let items = 0;
  let code = 0;
  for (let at = from; at < to && tlv.read(bytes, at, to); at = tlv.next) {
    items++;
    if (tlv.tag !== PRIMITIVE_0) continue;
    if (failed++ === 0) code = integer(bytes, tlv.start, tlv.end);
  }
  if (failed === 0) return true;
  const name = DATA_ACCESS_ERRORS[code] ?? `error ${code}`;
  fail(facts, service, code, 'data-access', `${operationName(service)} failed for ${failed} of ${items} variables: ${name}`, {
    failed,
    items,
  });
  return false;
}

/** Logical and physical status of the device (status response, unsolicited status) as one number; -1 when the contents hold none. */
export function statusOf(bytes: Uint8Array, start: number, end: number): number {
  let logical = -1;
  let physical = -1;
  for (let at = start; at < end && tlv.read(bytes, at, end); at = tlv.next) {
    if (tlv.tag === PRIMITIVE_0) logical = integer(bytes, tlv.start, tlv.end) & 0xff;
    else if (tlv.tag === PRIMITIVE_0 + 1) physical = integer(bytes, tlv.start, tlv.end) & 0xff;
  }
  return logical < 0 || physical < 0 ? -1 : (logical << 8) | physical;
}

/** Tells a status that is not the usual one (0: state changes allowed, operational). */
export function tellStatus(facts: Facts, status: number): void {
  const logical = LOGICAL_STATUS[status >> 8] ?? `${status >> 8}`;
  const physical = PHYSICAL_STATUS[status & 0xff] ?? `${status & 0xff}`;
  const sentence = `logical status ${logical}, physical status ${physical}`;
  facts.tell({ is: 'condition', protocol: MMS, name: 'mms.vmd-status', text: sentence, parameters: { logical, physical } });
}

/** Vendor, model and revision of an identify response. */
export function tellIdentity(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
  const parts = ['', '', ''];
  for (let at = start; at < end && tlv.read(bytes, at, end); at = tlv.next) {
    const part = tlv.tag - PRIMITIVE_0;
    if (part >= 0 && part < parts.length) parts[part] = text(bytes, tlv.start, tlv.end, LONGEST_TEXT).trim();
  }
  const [vendor, model, firmware] = parts;
  facts.tell({
    is: 'identity',
    protocol: MMS,
    of: 'sender',
    ...(vendor && { vendor }),
    ...(model && { model }),
    ...(firmware && { firmware }),
  });
}

/** State of a program invocation, as the operating mode of that part of the device. */
export function tellProgramState(facts: Facts, bytes: Uint8Array, start: number, end: number, program: string): void {
  if (!tlv.read(bytes, start, end) || tlv.tag !== PRIMITIVE_0) return;
  const mode = PROGRAM_STATES[integer(bytes, tlv.start, tlv.end)];
  if (mode) facts.tell({ is: 'identity', protocol: MMS, of: 'sender', mode, place: `program ${program}` });
}

/** A confirmed error, or the refusal of an initiate, conclude or cancel. `bytes[start, end)` holds the contents of `ServiceError`. */
export function tellError(facts: Facts, bytes: Uint8Array, operation: number, start: number, end: number): void {
  let group = -1;
  let code = 0;
  let description = '';
  for (let at = start; at < end && tlv.read(bytes, at, end); at = tlv.next) {
    if (tlv.tag === 0xa0 && inner.read(bytes, tlv.start, tlv.end)) {
      group = inner.number;
      code = integer(bytes, inner.start, inner.end) & 0xff;
    } else if (tlv.tag === PRIMITIVE_0 + 2) description = `: ${text(bytes, tlv.start, tlv.end, LONGEST_TEXT)}`;
  }
  const [name, codes] = ERROR_CLASSES[group] ?? ['unknown class', []];
  const sentence = `${operationName(operation)} was refused with ${name} ${codes[code] ?? code}${description}`;
  fail(facts, operation, ((group & 0xff) << 8) | code, 'error', sentence);
}

/** A reject: the peer could not make sense of a PDU. `bytes[start, end)` holds the contents after the invoke id. */
export function tellReject(facts: Facts, bytes: Uint8Array, operation: number, start: number, end: number): void {
  if (!tlv.read(bytes, start, end)) return;
  const code = integer(bytes, tlv.start, tlv.end) & 0xff;
  const sentence = `${operationName(operation)} was rejected: ${REJECTED[tlv.number] ?? 'PDU'} reason ${code}`;
  fail(facts, operation, (tlv.number << 8) | code, 'reject', sentence);
}
