/**
 * The application layer (ANSI/ASHRAE 135, clause 20.1): the eight APDU types, segments, and what their services carry.
 *
 * Hot code: values are read in place; segments of long messages are copied once.
 */
import { i32 } from '@annunciator/packet/bytes';
import { type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { type Context, violation } from './context.ts';
import { answerDeed, requestDeed, unconfirmedDeed } from './deeds.ts';
import { Confirmed, confirmedName, hex2, Operation, operationName, Pdu, Unconfirmed } from './names.ts';
import { Aim, propertyAnswer, propertyRequest, recipientsFit } from './properties.ts';
import { abortReason, errorName, rejectReason } from './reasons.ts';
import { Application, checkTags, readTag, stoppedAt, Tag, unsigned } from './tags.ts';
import { vendorName } from './vendors.ts';

const BACNET = PROTOCOLS.bacnet.index;

/** Bits of the first octet (clauses 20.1.2.1 and 20.1.5.1). */
const SEGMENTED = 0x08;
const MORE = 0x04;
/** Segment-Ack and Abort: sent by the server of the transaction (clauses 20.1.6.3, 20.1.9.2). */
const BY_SERVER = 0x01;

const tag = new Tag();

/** Reads the APDU in `bytes[start, end)`. */
export function readApdu(facts: Facts, context: Context, bytes: Uint8Array, start: number, end: number): void {
  if (start >= end) return violation(facts, 'bacnet.apdu-missing', true, 'no byte after the NPDU');
  const type = bytes[start] >> 4;
  switch (type) {
    case Pdu.ConfirmedRequest:
      return confirmedRequest(facts, context, bytes, start, end);
    case Pdu.UnconfirmedRequest:
      return unconfirmedRequest(facts, context, bytes, start, end);
    case Pdu.SimpleAck:
    case Pdu.SegmentAck:
    case Pdu.Error:
    case Pdu.Reject:
    case Pdu.Abort:
      return shortAnswer(facts, context, type, bytes, start, end);
    case Pdu.ComplexAck:
      return complexAck(facts, context, bytes, start, end);
    default:
      return violation(facts, 'bacnet.apdu-type', false, `type ${type}, 0 to 7 expected`);
  }
}

function tooShort(facts: Facts, type: number, bytes: number): void {
  violation(facts, 'bacnet.apdu-short', true, `APDU type ${type} of ${bytes} bytes`);
}

/** Walks all tags; true when they are well formed. */
function checked(facts: Facts, bytes: Uint8Array, start: number, end: number): boolean {
  const wrong = checkTags(bytes, start, end);
  if (wrong === null) return true;
  const what =
    stoppedAt < end
      ? `tag ${hex2(bytes[stoppedAt])} at byte ${stoppedAt - start} of ${end - start}`
      : 'the data ends inside a constructed value';
  violation(facts, wrong, true, what);
  return false;
}

function confirmedRequest(facts: Facts, context: Context, bytes: Uint8Array, start: number, end: number): void {
  const segmented = (bytes[start] & SEGMENTED) !== 0;
  const choice = start + (segmented ? 5 : 3);
  if (choice >= end) return tooShort(facts, Pdu.ConfirmedRequest, end - start);
  const service = bytes[choice];
  const invoke = bytes[start + 2];
  facts.message(BACNET, service, Role.Request);
  if (facts.countsFields) {
    facts.field('bacapp.type', Pdu.ConfirmedRequest);
    facts.field('bacapp.confirmed_service', service);
  }
  if (!segmented) return requestData(facts, context, service, invoke, bytes, choice + 1, end);
  const assembly = context.flow.segment(facts.toServer, (service << 8) | invoke, bytes[start + 3], bytes, choice + 1, end);
  if (assembly === null || bytes[start] & MORE) return;
  requestData(facts, context, service, invoke, assembly.bytes, 0, assembly.length);
  context.flow.done(assembly);
}

function requestData(facts: Facts, context: Context, service: number, invoke: number, bytes: Uint8Array, start: number, end: number): void {
  const { flow } = context;
  // The parameters of a private transfer are the vendor's own, tags or not.
  if (service === Confirmed.PrivateTransfer) return flow.remember(facts.toServer, invoke, service, 0);
  if (!checked(facts, bytes, start, end)) return flow.remember(facts.toServer, invoke, service, 0);
  let aim: Aim = Aim.Nothing;
  if (
    service === Confirmed.ReadProperty ||
    service === Confirmed.WriteProperty ||
    service === Confirmed.ReadPropertyMultiple ||
    service === Confirmed.WritePropertyMultiple
  )
    aim = propertyRequest(facts, service, bytes, start, end);
  else if ((service === Confirmed.AddListElement || service === Confirmed.RemoveListElement) && !recipientsFit(bytes, start, end))
    violation(facts, 'bacnet.value-type', false, `${confirmedName(service)} on a recipient list with elements that are no destinations`);
  flow.remember(facts.toServer, invoke, service, requestDeed(facts, service, aim, bytes, start, end));
}

function unconfirmedRequest(facts: Facts, context: Context, bytes: Uint8Array, start: number, end: number): void {
  if (start + 2 > end) return tooShort(facts, Pdu.UnconfirmedRequest, end - start);
  const service = bytes[start + 1];
  const asks = service === Unconfirmed.WhoIs || service === Unconfirmed.WhoHas;
  facts.message(BACNET, Operation.Unconfirmed | service, asks ? Role.Request : Role.Notification);
  if (facts.countsFields) {
    facts.field('bacapp.type', Pdu.UnconfirmedRequest);
    facts.field('bacapp.unconfirmed_service', service);
  }
  if (service === Unconfirmed.PrivateTransfer || !checked(facts, bytes, start + 2, end)) return;
  unconfirmedDeed(facts, service);
  if (service === Unconfirmed.IAm) iAm(facts, context, bytes, start + 2, end);
}

/** I-Am (clause 16.10.1): object identifier, longest APDU, segmentation, vendor. */
function iAm(facts: Facts, context: Context, bytes: Uint8Array, start: number, end: number): void {
  let device = -1;
  let vendor = -1;
  let at = start;
  for (let part = 0; part < 4 && readTag(tag, bytes, at, end); part++) {
    if (part === 0 && tag.number === Application.ObjectIdentifier && tag.length === 4) device = i32(bytes, tag.value) & 0x3fffff;
    else if (part === 3 && tag.number === Application.Unsigned) vendor = unsigned(tag, bytes);
    at = tag.next;
  }
  if (device < 0 || vendor < 0 || context.sourceNetwork >= 0) return;
  if (!context.flow.fresh(`${facts.toServer} ${context.origin} ${device} ${vendor}`)) return;
  const name = vendorName(vendor);
  facts.tell({
    is: 'identity',
    protocol: BACNET,
    of: context.origin === '' ? 'sender' : { ip: context.origin },
    ...(name !== undefined && { vendor: name }),
    serial: `BACnet device ${device}`,
  });
}

function complexAck(facts: Facts, context: Context, bytes: Uint8Array, start: number, end: number): void {
  const segmented = (bytes[start] & SEGMENTED) !== 0;
  const choice = start + (segmented ? 4 : 2);
  if (choice >= end) return tooShort(facts, Pdu.ComplexAck, end - start);
  const service = bytes[choice];
  const invoke = bytes[start + 1];
  facts.message(BACNET, service, Role.Response);
  if (facts.countsFields) {
    facts.field('bacapp.type', Pdu.ComplexAck);
    facts.field('bacapp.confirmed_service', service);
  }
  if (!segmented) return ackData(facts, context, service, invoke, bytes, choice + 1, end);
  const assembly = context.flow.segment(facts.toServer, 0x10000 | (service << 8) | invoke, bytes[start + 2], bytes, choice + 1, end);
  if (assembly === null || bytes[start] & MORE) return;
  ackData(facts, context, service, invoke, assembly.bytes, 0, assembly.length);
  context.flow.done(assembly);
}

function ackData(facts: Facts, context: Context, service: number, invoke: number, bytes: Uint8Array, start: number, end: number): void {
  const asked = context.flow.take(facts.toServer, invoke);
  if (asked >= 0 && (asked & 0xff) === service) answerDeed(facts, service, asked >> 8, true);
  if (service === Confirmed.PrivateTransfer || !checked(facts, bytes, start, end)) return;
  if (service === Confirmed.ReadProperty || service === Confirmed.ReadPropertyMultiple)
    propertyAnswer(facts, context, service, bytes, start, end);
}

function shortAnswer(facts: Facts, context: Context, type: number, bytes: Uint8Array, start: number, end: number): void {
  const least = type === Pdu.SegmentAck ? 4 : 3;
  if (end - start < least) return tooShort(facts, type, end - start);
  const invoke = bytes[start + 1];
  const third = bytes[start + 2];
  if (facts.countsFields) facts.field('bacapp.type', type);
  if (type === Pdu.SegmentAck) return facts.message(BACNET, Operation.SegmentAck, bytes[start] & BY_SERVER ? Role.Response : Role.Request);
  // Who aborts may be the client, too; then nobody answered.
  const answers = type !== Pdu.Abort || (bytes[start] & BY_SERVER) !== 0;
  const asked = answers ? context.flow.take(facts.toServer, invoke) : -1;
  const named = type === Pdu.SimpleAck || type === Pdu.Error;
  const operation = named ? third : asked >= 0 ? asked & 0xff : type === Pdu.Reject ? Operation.Reject : Operation.Abort;
  facts.message(BACNET, operation, answers ? Role.Response : Role.Notification);
  if (named && facts.countsFields) facts.field('bacapp.confirmed_service', third);
  if (asked >= 0 && (!named || (asked & 0xff) === third)) answerDeed(facts, asked & 0xff, asked >> 8, type === Pdu.SimpleAck);
  switch (type) {
    case Pdu.Error:
      return readError(facts, operation, bytes, start + 3, end);
    case Pdu.Reject:
      if (facts.countsFields) facts.field('bacapp.reject_reason', third);
      return failure(facts, 'bacnet.reject', third, operation, `rejected: ${rejectReason(third)}`);
    case Pdu.Abort:
      if (facts.countsFields) facts.field('bacapp.abort_reason', third);
      return failure(facts, 'bacnet.abort', third, operation, `aborted: ${abortReason(third)}`);
    default:
  }
}

/** Error class and code (clause 18), for some services inside a constructed value. */
function readError(facts: Facts, operation: number, bytes: Uint8Array, start: number, end: number): void {
  if (!checked(facts, bytes, start, end)) return;
  let at = start;
  if (readTag(tag, bytes, at, end) && tag.opening) at = tag.next;
  const first = readTag(tag, bytes, at, end) && !tag.context && tag.number === Application.Enumerated ? unsigned(tag, bytes) : -1;
  const second = first >= 0 && readTag(tag, bytes, tag.next, end) && tag.number === Application.Enumerated ? unsigned(tag, bytes) : -1;
  if (facts.countsFields) {
    if (first >= 0) facts.field('bacapp.error_class', first);
    if (second >= 0) facts.field('bacapp.error_code', second);
  }
  failure(facts, 'bacnet.error', second, operation, `answered with error ${errorName(first, second)}`, first);
}

function failure(facts: Facts, name: string, code: number, operation: number, text: string, errorClass = -1): void {
  const service = operation < Operation.Unconfirmed ? confirmedName(operation) : operationName(operation);
  facts.tell({
    is: 'failure',
    protocol: BACNET,
    name,
    code,
    operation,
    text: `${service} ${text}`,
    parameters: { service, ...(errorClass >= 0 && { errorClass }) },
  });
}
