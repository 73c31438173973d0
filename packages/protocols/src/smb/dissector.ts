/**
 * SMB 1 to 3 over NetBIOS sessions or TCP (MS-CIFS, MS-SMB, MS-SMB2): commands, sign-ins, shares and files, and DCE/RPC in named
 * pipes. Encrypted messages are counted and left alone.
 *
 * Hot code: of a message that moves data only the first bytes are looked at, the rest is passed over as it comes.
 */
import { u24, u32le } from '@annunciator/packet/bytes';
import { RPC_ASPECTS, rpcOperationName } from '../dcerpc/dissector.ts';
import { Confidence, type Dissector } from '../dissector.ts';
import { Aspect, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { ENCRYPTED, operationName, SESSION_SERVICE } from './names.ts';
import { Session } from './session.ts';
import { enough1, HEADER1, readMessage1 } from './version1.ts';
import { enough2, HEADER2, readMessages2 } from './version2.ts';

const SMB = PROTOCOLS.smb.index;
const FRAME = 4;
/** NetBIOS datagram header with two encoded names (RFC 1002, 4.4.2). */
const DATAGRAM = 14 + 2 * 34;

/** Protocol id after the frame: 1 for SMB1, 2 for SMB2 and 3, 3 for an encrypted or compressed SMB3 message, 0 for none. */
function versionAt(bytes: Uint8Array, at: number): number {
  if (bytes[at + 1] !== 0x53 || bytes[at + 2] !== 0x4d || bytes[at + 3] !== 0x42) return 0;
  return bytes[at] === 0xff ? 1 : bytes[at] === 0xfe ? 2 : bytes[at] === 0xfd || bytes[at] === 0xfc ? 3 : 0;
}

export const smb: Dissector = {
  protocol: PROTOCOLS.smb,
  reports: [PROTOCOLS.smb, PROTOCOLS.dcerpc],
  tcpPorts: [445, 139],
  udpPorts: [138],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: 0x20000,

  identify(bytes, start, end, stream) {
    if (!stream) return end - start >= DATAGRAM + HEADER1 && versionAt(bytes, start + DATAGRAM) === 1 ? Confidence.Certain : Confidence.No;
    // NetBIOS session requests and their answers come first on port 139 (RFC 1002, 4.3).
    if (bytes[start] >= 0x81 && bytes[start] <= 0x85)
      return end - start >= 4 && bytes[start + 1] === 0 ? Confidence.Possible : Confidence.No;
    if (bytes[start] !== 0) return Confidence.No;
    if (end - start < FRAME + 4) return Confidence.More;
    return versionAt(bytes, start + FRAME) === 0 ? Confidence.No : Confidence.Certain;
  },

  stream(facts, bytes, start, end) {
    if (!(facts.state instanceof Session)) facts.state = new Session();
    const session = facts.state as Session; // just made or checked
    const left = facts.toServer ? session.client : session.server;
    if (left > 0) {
      const passed = Math.min(left, end - start);
      if (facts.toServer) session.client -= passed;
      else session.server -= passed;
      return start + passed;
    }
    if (end - start < FRAME) return start;
    const type = bytes[start];
    const length = u24(bytes, start + 1);
    if (type !== 0) {
      if (type < 0x81 || type > 0x85 || length > 1024) return -1;
      if (end - start < FRAME + length) return start;
      facts.message(SMB, SESSION_SERVICE, type === 0x81 ? Role.Request : Role.Response);
      return start + FRAME + length;
    }
    if (length < 4) return -1;
    if (end - start < FRAME + Math.min(length, HEADER2)) return start;
    const at = start + FRAME;
    const version = versionAt(bytes, at);
    if (version === 0) return -1;
    const whole = Math.min(end, at + length);
    const wanted = version === 1 ? enough1(bytes, at, length) : version === 2 ? enough2(session, bytes, at, length) : 0;
    // The headers of a compound are read when all of it is there.
    const compound = version === 2 && u32le(bytes, at + 20) !== 0 && length <= 0x10000;
    if (whole - at < (compound ? length : wanted)) return start;
    if (version === 1 && length >= HEADER1) readMessage1(facts, session, bytes, at, whole, length);
    else if (version === 2) readMessages2(facts, session, bytes, at, whole);
    else if (version === 3) facts.message(SMB, ENCRYPTED, facts.toServer ? Role.Request : Role.Response);
    if (facts.toServer) session.client = length - (whole - at);
    else session.server = length - (whole - at);
    return whole;
  },

  datagram(facts, bytes, start, end) {
    const at = start + DATAGRAM;
    if (at + HEADER1 > end || versionAt(bytes, at) !== 1) {
      facts.message(SMB, SESSION_SERVICE, Role.Notification);
      return;
    }
    if (!(facts.state instanceof Session)) facts.state = new Session();
    readMessage1(facts, facts.state as Session, bytes, at, end, end - at); // just made or checked
  },

  gap(facts) {
    if (!(facts.state instanceof Session)) return;
    facts.state.client = 0;
    facts.state.server = 0;
  },

  operationName: (protocol, code) => (protocol === PROTOCOLS.dcerpc.index ? rpcOperationName(code) : operationName(code)),
  aspects: { ...RPC_ASPECTS, [Aspect.SmbLogin]: (a, _b, interned) => ({ user: interned(a) }) },
};
