/**
 * BACnet/IP over UDP (port 47808, or any by content; ANSI/ASHRAE 135, annex J), and BACnet in IEEE 802.2 frames
 * (clause 7) when the frame is handed over from its LLC header on.
 *
 * Hot code: one context is reused; state per flow is bounded (see flow.ts).
 */
import { i32, ipv4Text, u16 } from '@annunciator/packet/bytes';
import { Confidence, type Dissector } from '../dissector.ts';
import { Aspect, type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { Context, violation } from './context.ts';
import { tell } from './deeds.ts';
import { BacnetFlow } from './flow.ts';
import { Bvlc, bvlcName, hex2, objectName, Operation, operationName, propertyName, confirmedName } from './names.ts';
import { beginsNpdu, readNpdu } from './npdu.ts';

const BACNET = PROTOCOLS.bacnet.index;

/** BVLC types: BACnet/IP, and BACnet/IPv6 (annex U), which has addresses before the NPDU. */
const BVLC_IP = 0x81;
const BVLC_IP6 = 0x82;
/** LLC service access point of BACnet (clause 7): both addresses, then an unnumbered information frame. */
const SAP = 0x82;

/** Offset of the NPDU by BVLC function, 0 for functions that carry none; and the length of those, 0 when it varies. */
const npduOffset: readonly number[] = [0, 0, 0, 0, 10, 0, 0, 0, 0, 4, 4, 4, 0];
const fixedLength: readonly number[] = [6, 0, 4, 0, 0, 6, 4, 0, 10, 0, 0, 0, 0];
const bvlcText: readonly string[] = npduOffset.map((_, code) => hex2(code));

/** The function that a result refuses, by result code / 16 (annex J.2.1.1). */
const refusedFunction: readonly number[] = [
  Bvlc.Result,
  Bvlc.WriteBroadcastTable,
  Bvlc.ReadBroadcastTable,
  Bvlc.RegisterForeignDevice,
  Bvlc.ReadForeignTable,
  Bvlc.DeleteForeignEntry,
  Bvlc.DistributeBroadcast,
];

const context = new Context();

function readBvlc(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
  if (end - start < 4) return violation(facts, 'bacnet.bvlc-length', true, `datagram of ${end - start} bytes, at least 4 expected`);
  const type = bytes[start];
  const code = bytes[start + 1];
  const length = u16(bytes, start + 2);
  if (type !== BVLC_IP && type !== BVLC_IP6) violation(facts, 'bacnet.bvlc-type', false, `type ${hex2(type)}, 0x81 expected`);
  if (length !== end - start) violation(facts, 'bacnet.bvlc-length', true, `length ${length}, the datagram has ${end - start} bytes`);
  // What lies after a wrong length is still read: receivers trust the datagram, and one violation says enough.
  if (type === BVLC_IP6) return readBvlc6(facts, code, bytes, start, end);
  if (facts.countsFields) facts.field('bvlc.function', bvlcText[code] ?? hex2(code));
  if (code >= npduOffset.length) {
    facts.message(BACNET, Operation.Bvlc | code, Role.Notification);
    return violation(facts, 'bacnet.bvlc-function', false, `function ${hex2(code)}`);
  }
  const offset = npduOffset[code];
  if (offset > 0) {
    if (start + offset > end) return violation(facts, 'bacnet.bvlc-length', true, `${bvlcName(code)} of ${end - start} bytes`);
    if (code === Bvlc.ForwardedNpdu) context.origin = ipv4Text(i32(bytes, start + 4));
    return readNpdu(facts, context, bytes, start + offset, end);
  }
  const answers = code === Bvlc.Result || code === Bvlc.ReadBroadcastTableAck || code === Bvlc.ReadForeignTableAck;
  facts.message(BACNET, Operation.Bvlc | code, answers ? Role.Response : Role.Request);
  const fixed = fixedLength[code];
  if (fixed > 0 && end - start !== fixed)
    return violation(facts, 'bacnet.bvlc-length', true, `${bvlcName(code)} of ${end - start} bytes, ${fixed} expected`);
  if (code === Bvlc.WriteBroadcastTable) tell(facts, 'configuration.write', 'requested', `${bvlcName(code)} (BVLC function 0x01)`);
  else if (code === Bvlc.ReadBroadcastTable || code === Bvlc.ReadForeignTable) tell(facts, 'identity.request', 'requested', bvlcName(code));
  else if (code === Bvlc.Result && u16(bytes, start + 4) !== 0) {
    const result = u16(bytes, start + 4);
    const refused = refusedFunction[result >> 4] ?? Bvlc.Result;
    const text = `${bvlcName(refused)} refused (BVLC result 0x${result.toString(16).padStart(4, '0')})`;
    facts.tell({ is: 'failure', protocol: BACNET, name: 'bacnet.result', code: result, operation: Operation.Bvlc | refused, text });
  }
}

/** BACnet/IPv6 (annex U.2): Original-Unicast, Original-Broadcast and Forwarded-NPDU carry an NPDU behind virtual addresses. */
function readBvlc6(facts: Facts, code: number, bytes: Uint8Array, start: number, end: number): void {
  const offset = code === 1 ? 10 : code === 2 ? 7 : code === 8 ? 25 : code === 12 ? 7 : 0;
  if (offset > 0 && start + offset <= end) readNpdu(facts, context, bytes, start + offset, end);
}

export const bacnet: Dissector = {
  protocol: PROTOCOLS.bacnet,
  reports: [PROTOCOLS.bacnet],
  tcpPorts: [],
  udpPorts: Array.from({ length: 16 }, (_, offset) => 47808 + offset),
  etherTypes: [],
  ipProtocols: [],
  longestMessage: 0,

  identify(bytes, start, end, stream) {
    if (stream || end - start < 4) return Confidence.No;
    if (isLlc(bytes, start, end)) return beginsNpdu(bytes, start + 3, end) ? Confidence.Certain : Confidence.No;
    const code = bytes[start + 1];
    const offset = npduOffset[code];
    const lengthFits = u16(bytes, start + 2) === end - start;
    const carries = offset !== undefined && offset > 0 && beginsNpdu(bytes, start + offset, end);
    if (bytes[start] === BVLC_IP && offset !== undefined) {
      if (carries && lengthFits) return Confidence.Certain;
      const fixed = fixedLength[code];
      if (offset === 0 && lengthFits && fixed === end - start) return Confidence.Certain;
    }
    // One wrong part on BACnet's own port (type, function, length, version) is a broken message; two are another protocol.
    const known = bytes[start] === BVLC_IP || bytes[start] === BVLC_IP6;
    const right = Number(known) + Number(offset !== undefined) + Number(lengthFits) + Number(carries);
    return right >= 3 || (known && lengthFits) ? Confidence.Possible : Confidence.No;
  },

  datagram(facts, bytes, start, end) {
    if (!(facts.state instanceof BacnetFlow)) facts.state = new BacnetFlow();
    context.flow = facts.state as BacnetFlow; // Just made sure of.
    context.origin = '';
    if (isLlc(bytes, start, end)) readNpdu(facts, context, bytes, start + 3, end);
    else readBvlc(facts, bytes, start, end);
  },

  operationName: (_protocol, code) => operationName(code),

  aspects: {
    [Aspect.BacnetObject]: (a, b) => ({ object: objectName(a), service: confirmedName(b >>> 24), property: propertyName(b & 0xffffff) }),
    [Aspect.BacnetRoute]: (a, b) => ({
      sourceNetwork: a < 0 ? 'local' : a,
      destinationNetwork: b < 0 ? 'local' : b === 0xffff ? 'all' : b,
    }),
  },
};

function isLlc(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start >= 5 && bytes[start] === SAP && bytes[start + 1] === SAP && (bytes[start + 2] & 0xef) === 3;
}
