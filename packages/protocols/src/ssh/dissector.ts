/**
 * SSH (RFC 4253): the identification lines, and the packets of the key exchange that travel in clear; what follows is
 * encrypted and passed over. What a side offers in the key exchange is its HASSH fingerprint (Salesforce, BSD licence). Each side's banner is one message: the client's a request, the server's a response.
 *
 * Hot code: one object per connection, nothing per packet.
 */
import { createHash } from 'node:crypto';
import { text, u32 } from '@annunciator/packet/bytes';
import { Confidence, type Dissector } from '../dissector.ts';
import { Aspect, type Facts, Role } from '../facts.ts';
import { lineEnd } from '../http/line.ts';
import { PROTOCOLS } from '../registry.ts';
import { BANNER, KEY_EXCHANGE_INIT, messageName, NEW_KEYS, VIOLATIONS } from './names.ts';

const SSH = PROTOCOLS.ssh.index;
/** Longest identification line (RFC 4253, 4.2) and packet (6.1), with room for what implementations send. */
const LONGEST_LINE = 255;
const LONGEST_PACKET = 65_536;
/** Longest offer of algorithms that is read; usual ones have a tenth of it. */
const LONGEST_OFFER = 16_384;
const PACKET_HEADER = 6;
const COOKIE = 16;
/** Name lists of an offer that make the fingerprint of a client, and of a server: key exchange, ciphers, MACs, compression. */
const CLIENT_LISTS = [0, 2, 4, 6];
const SERVER_LISTS = [0, 3, 5, 7];

class Side {
  named = false;
  /** `OpenSSH_9.6`, with what the side adds about its system. */
  software = '';
  encrypted = false;
  /** Bytes of a packet in clear that are passed over. */
  left = 0;
}

class Session {
  readonly client = new Side();
  readonly server = new Side();
}

function sessionOf(facts: Facts): Session {
  if (facts.state instanceof Session) return facts.state;
  const session = new Session();
  facts.state = session;
  return session;
}

/** `SSH-2.0-` or `SSH-1.` at `at`. */
function isBanner(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] !== 83 || bytes[at + 1] !== 83 || bytes[at + 2] !== 72 || bytes[at + 3] !== 45) return false;
  return (bytes[at + 4] === 49 || bytes[at + 4] === 50) && bytes[at + 5] === 46;
}

function identify(bytes: Uint8Array, start: number, end: number): Confidence {
  const known = Math.min(4, end - start);
  for (let index = 0; index < known; index++) if (bytes[start + index] !== 'SSH-'.charCodeAt(index)) return Confidence.No;
  if (end - start < 7) return Confidence.More;
  return isBanner(bytes, start) ? Confidence.Certain : Confidence.No;
}

function readBanner(facts: Facts, side: Side, bytes: Uint8Array, start: number, end: number): number {
  const feed = lineEnd(bytes, start, end);
  if (feed < 0) return end - start > LONGEST_LINE ? -1 : start;
  // A server may send other lines before its own (RFC 4253, 4.2).
  if (!isBanner(bytes, start)) return facts.toServer ? -1 : feed + 1;
  const stop = bytes[feed - 1] === 13 ? feed - 1 : feed;
  facts.message(SSH, BANNER, facts.toServer ? Role.Request : Role.Response);
  const line = text(bytes, start, stop, LONGEST_LINE);
  const software = /^SSH-[^-]+-(.*)$/.exec(line)?.[1] ?? '';
  if (feed - start > LONGEST_LINE) {
    const sentence = `An identification line has at most ${LONGEST_LINE} bytes, this one has ${feed - start}.`;
    facts.tell({
      is: 'violation',
      protocol: SSH,
      name: 'ssh.banner-length',
      malformed: VIOLATIONS['ssh.banner-length'].malformed,
      text: sentence,
    });
  }
  const os = /Ubuntu|Debian|FreeBSD|Windows|Raspbian|Cisco/.exec(software)?.[0];
  if (os) facts.tell({ is: 'identity', protocol: SSH, of: 'sender', os });
  side.named = true;
  side.software = software;
  const session = sessionOf(facts);
  if (session.client.named && session.server.named) facts.use(Aspect.SshSession, 0, 0);
  return feed + 1;
}

/** The offer in `bytes[start, end)`, behind the cookie: ten lists of names, each with its length. */
function readOffer(facts: Facts, side: Side, bytes: Uint8Array, start: number, end: number): void {
  const lists: string[] = [];
  for (let at = start; lists.length < 8; ) {
    if (at + 4 > end || at + 4 + u32(bytes, at) > end) return;
    const next = at + 4 + u32(bytes, at);
    lists.push(text(bytes, at + 4, next, LONGEST_OFFER));
    at = next;
  }
  const offered = (facts.toServer ? CLIENT_LISTS : SERVER_LISTS).map((list) => lists[list]).join(';');
  const value = createHash('md5').update(offered).digest('hex');
  if (facts.countsFields) facts.field(facts.toServer ? 'ssh.kex.hassh' : 'ssh.kex.hasshserver', value);
  facts.tell({ is: 'fingerprint', protocol: SSH, kind: facts.toServer ? 'hassh' : 'hassh-server', value, about: side.software });
}

function readPacket(facts: Facts, side: Side, bytes: Uint8Array, start: number, end: number): number {
  if (end - start < PACKET_HEADER) return start;
  const length = u32(bytes, start);
  const code = bytes[start + 5];
  if (length < 5 || length > LONGEST_PACKET || bytes[start + 4] >= length) {
    side.encrypted = true;
    return end;
  }
  const offer = code === KEY_EXCHANGE_INIT && length <= LONGEST_OFFER;
  if (offer && end - start < 4 + length) return start;
  facts.message(SSH, code, facts.toServer ? Role.Request : Role.Response);
  if (facts.countsFields) facts.field('ssh.message_code', code);
  if (offer) readOffer(facts, side, bytes, start + PACKET_HEADER + COOKIE, start + 4 + length - bytes[start + 4]);
  if (code === NEW_KEYS) {
    side.encrypted = true;
    // After the key exchange a client signs in: how it ends is encrypted, that it tries is not.
    if (facts.toServer) facts.tell({ is: 'login', protocol: SSH, outcome: 'attempt', user: '' });
  }
  const passed = Math.min(4 + length, end - start);
  side.left = 4 + length - passed;
  return start + passed;
}

export const ssh: Dissector = {
  protocol: PROTOCOLS.ssh,
  reports: [PROTOCOLS.ssh],
  tcpPorts: [22],
  udpPorts: [],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: LONGEST_OFFER + 4,

  identify: (bytes, start, end, stream) => (stream ? identify(bytes, start, end) : Confidence.No),

  stream(facts, bytes, start, end) {
    const session = sessionOf(facts);
    const side = facts.toServer ? session.client : session.server;
    if (!side.named) return readBanner(facts, side, bytes, start, end);
    if (side.left > 0) {
      const passed = Math.min(side.left, end - start);
      side.left -= passed;
      return start + passed;
    }
    return side.encrypted ? end : readPacket(facts, side, bytes, start, end);
  },

  gap(facts) {
    if (!(facts.state instanceof Session)) return;
    for (const side of [facts.state.client, facts.state.server]) {
      side.named = true;
      side.encrypted = true;
      side.left = 0;
    }
  },

  operationName: (_protocol, code) => messageName(code),
  aspects: { [Aspect.SshSession]: () => ({ session: 'SSH' }) },
};
