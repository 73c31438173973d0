/**
 * The network layer (ANSI/ASHRAE 135, clause 6.2): addresses across networks, network layer messages, or an APDU.
 *
 * Hot code: nothing is allocated on the usual path.
 */
import { u16 } from '@annunciator/packet/bytes';
import { Aspect, type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { readApdu } from './apdu.ts';
import { type Context, violation } from './context.ts';
import { hex2, Operation } from './names.ts';

/** The only version (clause 6.2.1). */
export const VERSION = 1;

/** Bits of the control octet (clause 6.2.2). */
const NETWORK_MESSAGE = 0x80;
const DESTINATION = 0x20;
const SOURCE = 0x08;
const RESERVED = 0x50;

/** Network number that stands for all networks; a source cannot have it. */
const ALL_NETWORKS = 0xffff;

/** Could these bytes begin an NPDU? */
export function beginsNpdu(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start >= 3 && bytes[start] === VERSION && (bytes[start + 1] & RESERVED) === 0;
}

/** Reads the NPDU in `bytes[start, end)`. */
export function readNpdu(facts: Facts, context: Context, bytes: Uint8Array, start: number, end: number): void {
  context.sourceNetwork = -1;
  context.destinationNetwork = -1;
  if (end - start < 2) return violation(facts, 'bacnet.npdu-short', true, `${end - start} bytes, at least 2 expected`);
  if (bytes[start] !== VERSION) return violation(facts, 'bacnet.npdu-version', false, `version ${bytes[start]}, ${VERSION} expected`);
  const control = bytes[start + 1];
  if (control & RESERVED) violation(facts, 'bacnet.npdu-control', false, `control ${hex2(control)}`);
  let at = start + 2;
  if (control & DESTINATION) {
    if (at + 3 > end) return violation(facts, 'bacnet.npdu-short', true, 'no room for the destination');
    context.destinationNetwork = u16(bytes, at);
    at += 3 + bytes[at + 2];
    if (context.destinationNetwork === 0) violation(facts, 'bacnet.npdu-address', false, 'destination network 0');
  }
  if (control & SOURCE) {
    if (at + 3 > end) return violation(facts, 'bacnet.npdu-short', true, 'no room for the source');
    const network = u16(bytes, at);
    context.sourceNetwork = network;
    const length = bytes[at + 2];
    at += 3 + length;
    if (network === 0 || network === ALL_NETWORKS || length === 0)
      violation(facts, 'bacnet.npdu-address', false, `source network ${network}, address of ${length} bytes`);
  }
  // The hop count follows both addresses, but belongs to the destination.
  if (control & DESTINATION) at++;
  if (at > end) return violation(facts, 'bacnet.npdu-short', true, 'an address runs past the message');
  if (control & NETWORK_MESSAGE) networkMessage(facts, bytes, at, end);
  else readApdu(facts, context, bytes, at, end);
  if (context.sourceNetwork >= 0 || context.destinationNetwork >= 0)
    facts.use(Aspect.BacnetRoute, context.sourceNetwork, context.destinationNetwork);
}

function networkMessage(facts: Facts, bytes: Uint8Array, at: number, end: number): void {
  if (at >= end) return violation(facts, 'bacnet.npdu-short', true, 'a network layer message without a type');
  const type = bytes[at];
  facts.message(PROTOCOLS.bacnet.index, Operation.Network | type, type === 0 || type === 0x12 ? Role.Request : Role.Notification);
  if (facts.countsFields) facts.field('bacnet.mesgtyp', hex2(type));
}
