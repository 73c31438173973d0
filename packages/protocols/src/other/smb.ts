/**
 * SMB 1 to 3 over NetBIOS sessions or TCP (MS-CIFS, MS-SMB2): commands counted, refused sign-ins told. Message bodies are
 * passed over as they come.
 *
 * Hot code: one object per connection, nothing per message.
 */
import { u16le, u24, u32le } from '@annunciator/packet/bytes';
import { Confidence, type Dissector } from '../dissector.ts';
import { type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';

const SMB = PROTOCOLS.smb.index;
const FRAME = 4;
/** NetBIOS datagram header with two encoded names (RFC 1002, 4.4.2). */
const DATAGRAM = 14 + 2 * 34;
const HEADER1 = 32;
const HEADER2 = 64;
const SESSION_SETUP1 = 0x73;
const SESSION_SETUP2 = 1;
/** STATUS_LOGON_FAILURE and STATUS_ACCESS_DENIED (MS-ERREF, 2.3.1). */
const LOGON_FAILURE = 0xc000006d;
const ACCESS_DENIED = 0xc0000022;
/** SMB2 commands are told from SMB1's by this bit. */
const VERSION2 = 0x100;

/** Bytes of a message that are passed over, for each direction. */
class Session {
  client = 0;
  server = 0;
}

/** Protocol id after the frame: 1 for SMB1, 2 for SMB2 and 3, 3 for an encrypted SMB3 message, 0 for none. */
function versionAt(bytes: Uint8Array, at: number): number {
  if (bytes[at + 1] !== 0x53 || bytes[at + 2] !== 0x4d || bytes[at + 3] !== 0x42) return 0;
  return bytes[at] === 0xff ? 1 : bytes[at] === 0xfe ? 2 : bytes[at] === 0xfd || bytes[at] === 0xfc ? 3 : 0;
}

function tellSetup(facts: Facts, status: number): void {
  if (status === LOGON_FAILURE || status === ACCESS_DENIED) {
    facts.tell({ is: 'login', protocol: SMB, outcome: 'attempt', user: '' });
    facts.tell({ is: 'login', protocol: SMB, outcome: 'failure', user: '' });
  } else if (status === 0) facts.tell({ is: 'login', protocol: SMB, outcome: 'success', user: '' });
}

/** Commands whose message may carry another one behind it (MS-CIFS, 2.2.3.4). */
const ANDX = new Set([0x24, 0x2d, 0x2e, 0x2f, 0x73, 0x74, 0x75, 0xa2]);
const NO_FURTHER = 0xff;
/** Flags2: errors are NT status codes (MS-CIFS, 2.2.3.1). */
const NT_STATUS = 0x4000;
const statusText = (status: number): string => `0x${status.toString(16).padStart(8, '0')}`;
const field1 = (facts: Facts, command: number): void => facts.field('smb.cmd', `0x${command.toString(16).padStart(2, '0')}`);

/** Counts the commands chained to the one whose parameters are at `at`: each link has to lie behind the last. */
function countChain(facts: Facts, bytes: Uint8Array, header: number, command: number, end: number): void {
  let at = header + HEADER1;
  while (ANDX.has(command) && at + 5 <= end && bytes[at] >= 2) {
    command = bytes[at + 1];
    field1(facts, command);
    const next = header + u16le(bytes, at + 3);
    if (command === NO_FURTHER || next <= at) return;
    at = next;
  }
}

function readHeader1(facts: Facts, bytes: Uint8Array, at: number, end: number): void {
  const command = bytes[at + 4];
  const answer = (bytes[at + 9] & 0x80) !== 0;
  facts.message(SMB, command, answer ? Role.Response : Role.Request);
  if (facts.countsFields) {
    field1(facts, command);
    if (u16le(bytes, at + 10) & NT_STATUS) facts.field('smb.nt_status', statusText(u32le(bytes, at + 5)));
    countChain(facts, bytes, at, command, end);
  }
  if (answer && command === SESSION_SETUP1) tellSetup(facts, u32le(bytes, at + 5));
}

/** One or several messages in `bytes[at, end)`: compounds name the offset of the next (MS-SMB2, 2.2.1). */
function readHeaders2(facts: Facts, bytes: Uint8Array, at: number, end: number): void {
  while (at + HEADER2 <= end && versionAt(bytes, at) === 2) {
    const command = u16le(bytes, at + 12);
    const answer = (bytes[at + 16] & 1) !== 0;
    facts.message(SMB, VERSION2 | (command & 0xff), answer ? Role.Response : Role.Request);
    if (facts.countsFields) {
      facts.field('smb2.cmd', command);
      if (answer) facts.field('smb2.nt_status', statusText(u32le(bytes, at + 8)));
    }
    if (answer && command === SESSION_SETUP2) tellSetup(facts, u32le(bytes, at + 8));
    const next = u32le(bytes, at + 20);
    if (next < HEADER2) return;
    at += next;
  }
}

const names1: Readonly<Record<number, string>> = {
  4: 'Close',
  37: 'Trans',
  46: 'Read AndX',
  47: 'Write AndX',
  50: 'Trans2',
  113: 'Tree Disconnect',
  114: 'Negotiate Protocol',
  115: 'Session Setup AndX',
  116: 'Logoff AndX',
  117: 'Tree Connect AndX',
  160: 'NT Trans',
  162: 'NT Create AndX',
};
const names2 =
  'Negotiate,Session Setup,Logoff,Tree Connect,Tree Disconnect,Create,Close,Flush,Read,Write,Lock,Ioctl,Cancel,Echo,Query Directory,Change Notify,Query Info,Set Info,Oplock Break'.split(
    ',',
  );
const ENCRYPTED = 0x200;
const SESSION_SERVICE = 0x300;

export const smb: Dissector = {
  protocol: PROTOCOLS.smb,
  reports: [PROTOCOLS.smb],
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
    if (version === 1 && length >= HEADER1) readHeader1(facts, bytes, at, whole);
    else if (version === 2) {
      // The headers of a compound are read when all of it is there.
      if (u32le(bytes, at + 20) !== 0 && end - at < length && length <= 0x10000) return start;
      readHeaders2(facts, bytes, at, whole);
    } else if (version === 3) facts.message(SMB, ENCRYPTED, facts.toServer ? Role.Request : Role.Response);
    if (facts.toServer) session.client = length - (whole - at);
    else session.server = length - (whole - at);
    return whole;
  },

  datagram(facts, bytes, start, end) {
    const at = start + DATAGRAM;
    if (at + HEADER1 <= end && versionAt(bytes, at) === 1) readHeader1(facts, bytes, at, end);
    else facts.message(SMB, SESSION_SERVICE, Role.Notification);
  },

  gap(facts) {
    if (!(facts.state instanceof Session)) return;
    facts.state.client = 0;
    facts.state.server = 0;
  },

  operationName(_protocol, code) {
    if (code === ENCRYPTED) return 'Encrypted';
    if (code === SESSION_SERVICE) return 'NetBIOS session service';
    if (code & VERSION2) return names2[code & 0xff] ?? `SMB2 command ${code & 0xff}`;
    return names1[code] ?? `SMB command 0x${code.toString(16)}`;
  },
  aspects: {},
};
