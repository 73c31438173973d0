/**
 * Reads a CIP request or reply (ODVA, THE CIP NETWORKS LIBRARY volume 1, 2-4.1) and the messages embedded in it:
 * Multiple Service Packet (appendix) and Unconnected Send (3-5.5.2).
 *
 * Hot code: works on one path, one exchange and the pending slots of the flow; only tag symbols allocate. Embedded
 * messages lie inside the message around them and do not overlap, so the work is bounded by bytes times `MAX_DEPTH`.
 */
import { u16le } from '@annunciator/packet/bytes';
import { Detail } from '../details.ts';
import { Aspect, type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { replyAction, requestAction } from './cip-actions.ts';
import { Class, carriesTag, className, generalStatusName, Service, serviceName } from './cip-names.ts';
import { CipPath, readPath, symbolText } from './cip-path.ts';
import { CLOSE_PATH_SIZE, forwardClose, forwardOpen, opened } from './connection-manager.ts';
import { requestDetails } from './details.ts';
import { type Exchange, MAX_DEPTH, violation } from './exchange.ts';
import { identityReply } from './identity.ts';
import { hex2, hex4, hex8 } from './names.ts';
import { pcccOperation, pcccReply, pcccRequest } from './pccc.ts';

const CIP = PROTOCOLS.cip.index;
const path = new CipPath();

/** Set in the service code of replies. */
export const REPLY = 0x80;

/** Classes whose messages Wireshark hands to a reader of their own, which lists `cip.rr` once more. */
const listsTwice = (classId: number, service: number): boolean =>
  classId === Class.ConnectionManager ||
  classId === Class.Modbus ||
  classId === Class.ConnectionConfiguration ||
  (classId === Class.Pccc && (service & ~REPLY) === Service.ExecutePccc);

/** What `message` gets: the class decides what a service code means. Classes beyond 16 bits share one name. */
export function operationCode(classId: number, service: number): number {
  return ((classId & 0xffff) << 8) | service;
}

/** Name of an operation code of CIP. */
export function cipOperationName(code: number): string {
  return serviceName(code >>> 8, code & 0xff);
}

/** Reads the message in `bytes[start, end)`; `exchange` says what it belongs to. */
export function readCip(facts: Facts, exchange: Exchange, bytes: Uint8Array, start: number, end: number): void {
  if (end - start < 2) return violation(facts, 'cip.short-message', true, `${end - start} bytes, at least 2 expected`);
  if (exchange.depth >= MAX_DEPTH) return violation(facts, 'cip.nesting', false, `more than ${MAX_DEPTH} messages inside each other`);
  exchange.depth++;
  if (bytes[start] & REPLY) readReply(facts, exchange, bytes, start, end);
  else readRequest(facts, exchange, bytes, start, end);
  exchange.depth--;
}

function listClass(facts: Facts, value: number, width: number): void {
  facts.field('cip.class', width === 1 ? hex2(value) : width === 2 ? hex4(value) : hex8(value));
}

function listMessage(facts: Facts, service: number): void {
  facts.field('cip.service', hex2(service));
  facts.field('cip.sc', hex2(service & ~REPLY));
  facts.field('cip.rr', service & REPLY ? '0x01' : '0x00');
}

function readRequest(facts: Facts, exchange: Exchange, bytes: Uint8Array, start: number, end: number): void {
  const service = bytes[start];
  const data = start + 2 + 2 * bytes[start + 1];
  const fits = data <= end;
  const broken = readPath(path, bytes, start + 2, fits ? data : end);
  const { classId, instance, attribute } = path;
  const pending = exchange.pending;
  const kept = pending !== null && pending.add(service, classId, attribute);
  if (kept) for (let i = 0; i < path.classCount; i++) pending.addClass(path.classes[i], path.widths[i]);
  const code = operationCode(classId, service);
  facts.message(CIP, code, Role.Request);
  if (facts.countsFields) {
    listMessage(facts, service);
    for (let i = 0; i < path.classCount; i++) listClass(facts, path.classes[i], path.widths[i]);
    if (listsTwice(classId, service)) facts.field('cip.rr', '0x00');
  }
  if (!fits) return violation(facts, 'cip.path-overrun', true, `path of ${bytes[start + 1]} words, ${end - start - 2} bytes left`);
  if (broken >= 0)
    return violation(facts, 'cip.path-segment', true, `segment ${hex2(bytes[broken])} at byte ${broken - start} of the message`);

  if (path.classCount > 0) {
    facts.use(Aspect.CipClass, classId, 0);
    facts.use(Aspect.CipClassService, classId, service);
  }
  if (path.symbolStart >= 0 && isTagService(service) && carriesTag(classId)) {
    const writes = service === Service.WriteTag || service === Service.WriteTagFragmented || service === Service.ReadModifyWriteTag;
    facts.use(Aspect.CipSymbol, writes ? 1 : 0, facts.internSpelled(bytes, path.symbolStart, path.symbolEnd, symbolText));
  }
  if (facts.wantsDetails) requestDetails(facts, service, path, bytes, data, end);
  requestAction(facts, exchange.flow, classId, service, instance);

  if (service === Service.MultipleServicePacket) readPacket(facts, exchange, bytes, data, end);
  else if (classId === Class.ConnectionManager) connectionRequest(facts, exchange, service, bytes, data, end);
  else if (classId === Class.Pccc && service === Service.ExecutePccc) {
    if (!pcccRequest(facts, exchange.flow, bytes, data, end)) violation(facts, 'pccc.short-message', true, `${end - data} bytes`);
    if (kept) pending.attributes[pending.count - 1] = pcccOperation(bytes, data, end);
  }
}

function isTagService(service: number): boolean {
  return (
    (service >= Service.ReadTag && service <= Service.ReadModifyWriteTag) ||
    service === Service.ReadTagFragmented ||
    service === Service.WriteTagFragmented
  );
}

/** Count, offsets from the count on, then the messages: the same in requests and replies. */
function readPacket(facts: Facts, exchange: Exchange, bytes: Uint8Array, start: number, end: number): void {
  const count = start + 2 <= end ? u16le(bytes, start) : -1;
  if (count < 0 || start + 2 + 2 * count > end)
    return violation(facts, 'cip.embedded-length', true, `${count} messages announced, ${end - start} bytes left`);
  let from = start + 2 + 2 * count;
  for (let i = 0; i < count; i++) {
    const at = start + u16le(bytes, start + 2 + 2 * i);
    const to = i + 1 < count ? start + u16le(bytes, start + 4 + 2 * i) : end;
    // Offsets that go forward keep the messages apart, and the work bounded.
    if (at < from || to < at || to > end)
      return violation(
        facts,
        'cip.packet-offset',
        true,
        `message ${i + 1} of ${count} from byte ${at - start} to ${to - start} of ${end - start}`,
      );
    readCip(facts, exchange, bytes, at, to);
    from = to;
  }
}

function connectionRequest(facts: Facts, exchange: Exchange, service: number, bytes: Uint8Array, start: number, end: number): void {
  if (service === Service.UnconnectedSend) {
    const size = start + 4 <= end ? u16le(bytes, start + 2) : -1;
    if (size < 0 || start + 4 + size > end)
      return violation(facts, 'cip.embedded-length', true, `embedded message of ${size} bytes, ${end - start - 4} left`);
    exchange.through = true;
    readCip(facts, exchange, bytes, start + 4, start + 4 + size);
    return;
  }
  if (service === Service.ForwardOpen || service === Service.LargeForwardOpen) {
    const connection = forwardOpen(bytes, start, end, service === Service.LargeForwardOpen);
    if (connection === null) return violation(facts, 'cip.short-message', true, `Forward Open of ${end - start} bytes`);
    if (exchange.pending !== null) exchange.pending.connection = connection;
    for (let i = 0; i < connection.classes.length; i++) {
      exchange.pending?.addClass(connection.classes[i], connection.widths[i]);
      if (facts.countsFields) listClass(facts, connection.classes[i], connection.widths[i]);
    }
    return;
  }
  if (service === Service.ForwardClose) {
    const size = start + CLOSE_PATH_SIZE;
    if (size + 2 > end || size + 2 + 2 * bytes[size] > end)
      return violation(facts, 'cip.short-message', true, `Forward Close of ${end - start} bytes`);
    const connection = forwardClose(exchange.flow, bytes, start, end);
    if (exchange.pending !== null) exchange.pending.connection = connection;
    readPath(path, bytes, size + 2, size + 2 + 2 * bytes[size]);
    if (facts.countsFields) {
      for (let i = 0; i < path.classCount; i++) listClass(facts, path.classes[i], path.widths[i]);
      if (connection !== null) listConnection(facts, connection.classes, connection.widths);
    }
    if (connection !== null)
      for (let i = 0; i < connection.classes.length; i++) exchange.pending?.addClass(connection.classes[i], connection.widths[i]);
  }
}

/** Lists the classes of a connection's path, as Wireshark does for what the connection carries. */
export function listConnection(facts: Facts, classes: readonly number[], widths: readonly number[]): void {
  for (let i = 0; i < classes.length; i++) listClass(facts, classes[i], widths[i]);
}

function readReply(facts: Facts, exchange: Exchange, bytes: Uint8Array, start: number, end: number): void {
  const service = bytes[start] & ~REPLY;
  const pending = exchange.pending;
  let entry = pending === null ? -1 : exchange.entry;
  // The target of an Unconnected Send answers with the embedded message's reply; only a router that fails answers itself.
  const wrapped =
    pending !== null &&
    entry >= 0 &&
    entry + 1 < pending.count &&
    pending.classIds[entry] === Class.ConnectionManager &&
    pending.services[entry] === Service.UnconnectedSend;
  if (wrapped) {
    exchange.through = true;
    if (facts.countsFields) listEntry(facts, exchange, entry);
    if (service === pending.services[entry + 1] && service !== Service.UnconnectedSend) entry++;
  }
  if (pending !== null && (entry >= pending.count || pending.services[entry] !== service)) entry = -1;
  const classId = entry >= 0 && pending !== null ? pending.classIds[entry] : 0;
  const attribute = entry >= 0 && pending !== null ? pending.attributes[entry] : -1;
  exchange.entry = entry >= 0 ? entry + 1 : exchange.entry + 1;

  const code = operationCode(classId, service);
  facts.message(CIP, code, Role.Response);
  if (facts.countsFields) {
    listMessage(facts, bytes[start]);
    if (entry >= 0 && !(wrapped && classId === Class.ConnectionManager)) listEntry(facts, exchange, entry);
    if (listsTwice(classId, service)) facts.field('cip.rr', '0x01');
  }
  if (start + 4 > end) return violation(facts, 'cip.short-message', true, `reply of ${end - start} bytes, at least 4 expected`);
  const status = bytes[start + 2];
  const data = start + 4 + 2 * bytes[start + 3];
  if (facts.wantsDetails) facts.detail(Detail.CipStatus, status);
  if (facts.countsFields) facts.field('cip.genstat', hex2(status));
  if (data > end)
    return violation(facts, 'cip.status-overrun', true, `additional status of ${bytes[start + 3]} words, ${end - start - 4} bytes left`);
  const accepted = status === 0 || status === 6;
  if (!accepted) {
    const extended = data > start + 4 ? u16le(bytes, start + 4) : -1;
    facts.tell({
      is: 'failure',
      protocol: CIP,
      name: 'cip.status',
      code: status,
      operation: code,
      text: `${serviceName(classId, service)} answered with ${generalStatusName(status)} (0x${status.toString(16).padStart(2, '0')})`,
      parameters: {
        service: serviceName(classId, service),
        class: className(classId),
        ...(extended >= 0 && { extendedStatus: hex4(extended) }),
      },
    });
  }
  // An embedded error (0x1e) still carries the replies of a Multiple Service Packet.
  if (service === Service.MultipleServicePacket && (accepted || status === 0x1e) && data < end)
    readPacket(facts, exchange, bytes, data, end);
  if (entry < 0 || pending === null) return;
  replyAction(facts, classId, service, accepted);
  if (classId === Class.Pccc && service === Service.ExecutePccc && accepted) {
    if (!pcccReply(facts, exchange.flow, attribute, exchange.through, bytes, data, end))
      violation(facts, 'pccc.short-message', true, `${end - data} bytes`);
  }
  if (!accepted) return;
  if (classId === Class.Identity)
    identityReply(facts, exchange.flow, exchange.connection, exchange.through, service, attribute, bytes, data, end);
  else if (classId === Class.ConnectionManager) {
    if (service === Service.ForwardOpen || service === Service.LargeForwardOpen) opened(facts, exchange.flow, pending, bytes, data, end);
    else if (service === Service.ForwardClose && pending.connection !== null) exchange.flow.closed(pending.connection);
  }
}

/** Lists the classes that the request's path had for one entry. */
function listEntry(facts: Facts, exchange: Exchange, entry: number): void {
  const pending = exchange.pending;
  if (pending === null || entry >= pending.count) return;
  for (let i = pending.classStart[entry]; i < pending.classStart[entry + 1]; i++) listClass(facts, pending.classes[i], pending.widths[i]);
}
