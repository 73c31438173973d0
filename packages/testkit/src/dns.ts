/** DNS (RFC 1035) and its relatives on the local link: mDNS (RFC 6762), LLMNR (RFC 4795), NetBIOS names (RFC 1002). */
import type { Host } from './host.ts';
import { addressBytes, group } from './host.ts';
import { octets } from './octets.ts';
import type { Timeline } from './timeline.ts';
import * as udp from './udp.ts';

export const PORT = 53;
export const MDNS_PORT = 5353;
export const LLMNR_PORT = 5355;
export const NBNS_PORT = 137;

export const RecordType = { A: 1, NS: 2, CNAME: 5, PTR: 12, TXT: 16, AAAA: 28, SRV: 33, NB: 32 } as const;

export const Rcode = { NoError: 0, ServFail: 2, NxDomain: 3, Refused: 5 } as const;

export interface Answer {
  readonly name: string;
  readonly type: number;
  readonly data: Uint8Array;
  /** Seconds. */
  readonly ttl?: number;
}

/** Labels of a name. */
export function nameBytes(name: string): Uint8Array {
  const labels = octets();
  for (const label of name.split('.').filter((part) => part !== '')) labels.u8(label.length).text(label);
  return labels.u8(0).take();
}

export function addressAnswer(name: string, ip: string, ttl = 300): Answer {
  return { name, type: ip.includes(':') ? RecordType.AAAA : RecordType.A, data: addressBytes(ip), ttl };
}

/** A whole message with at most one question. `recordClass` carries the flush bit of mDNS. */
export function message(
  id: number,
  flags: number,
  question: { readonly name: string; readonly type: number } | undefined,
  answers: readonly Answer[] = [],
  recordClass = 1,
): Uint8Array {
  const whole = octets()
    .u16(id)
    .u16(flags)
    .u16(question ? 1 : 0)
    .u16(answers.length)
    .u32(0);
  if (question) whole.bytes(nameBytes(question.name)).u16(question.type).u16(1);
  for (const answer of answers) {
    whole
      .bytes(nameBytes(answer.name))
      .u16(answer.type)
      .u16(recordClass)
      .u32(answer.ttl ?? 300)
      .u16(answer.data.length)
      .bytes(answer.data);
  }
  return whole.take();
}

/** A question and its answer. Without addresses the answer is `rcode`, by default "no such name". */
export function lookup(
  timeline: Timeline,
  client: Host,
  server: Host,
  name: string,
  addresses: readonly string[] = [],
  options: { readonly type?: number; readonly rcode?: number; readonly answered?: boolean } = {},
): void {
  const id = timeline.random.below(65536);
  const port = timeline.port();
  const question = { name, type: options.type ?? RecordType.A };
  udp.send(timeline, client, port, server, PORT, message(id, 0x0100, question));
  if (options.answered === false) return;
  const rcode = options.rcode ?? (addresses.length > 0 ? Rcode.NoError : Rcode.NxDomain);
  const answers = addresses.map((ip) => addressAnswer(name, ip));
  udp.send(timeline, server, PORT, client, port, message(id, 0x8180 | rcode, question, answers));
}

/** A host tells the link its name. */
export function mdnsAnnounce(timeline: Timeline, sender: Host, name = `${sender.name}.local`): void {
  udp.send(
    timeline,
    sender,
    MDNS_PORT,
    group('224.0.0.251'),
    MDNS_PORT,
    message(0, 0x8400, undefined, [addressAnswer(name, sender.ip, 120)], 0x8001),
    { timeToLive: 255 },
  );
}

export function mdnsQuery(timeline: Timeline, sender: Host, name: string, type: number = RecordType.PTR): void {
  udp.send(timeline, sender, MDNS_PORT, group('224.0.0.251'), MDNS_PORT, message(0, 0, { name, type }), { timeToLive: 255 });
}

/** A name asked of the link; `owner` answers when given. */
export function llmnr(timeline: Timeline, client: Host, name: string, owner?: Host): void {
  const id = timeline.random.below(65536);
  const port = timeline.port();
  const question = { name, type: RecordType.A };
  udp.send(timeline, client, port, group('224.0.0.252'), LLMNR_PORT, message(id, 0, question), { timeToLive: 1 });
  if (owner) udp.send(timeline, owner, LLMNR_PORT, client, port, message(id, 0x8000, question, [addressAnswer(name, owner.ip, 30)]));
}

/** First-level encoding of a NetBIOS name (RFC 1001, 14.1); suffix 0x00 workstation, 0x20 server. */
export function netbiosName(name: string, suffix = 0): string {
  const padded = octets().text(name.toUpperCase(), 15, 0x20).u8(suffix).take();
  return [...padded].map((byte) => String.fromCharCode(65 + (byte >> 4), 65 + (byte & 15))).join('');
}

/** A NetBIOS name asked of the subnet. */
export function nbnsQuery(timeline: Timeline, client: Host, broadcast: Host, name: string, suffix = 0x20): void {
  const question = { name: netbiosName(name, suffix), type: RecordType.NB };
  udp.send(timeline, client, NBNS_PORT, broadcast, NBNS_PORT, message(timeline.random.below(65536), 0x0110, question));
}

/** A host claims its own NetBIOS name. */
export function nbnsRegistration(timeline: Timeline, client: Host, broadcast: Host, suffix = 0): void {
  const name = netbiosName(client.name, suffix);
  const registration = octets()
    .u16(timeline.random.below(65536))
    .u16(0x2910)
    .u16(1)
    .u16(0)
    .u16(0)
    .u16(1)
    .bytes(nameBytes(name))
    .u16(RecordType.NB)
    .u16(1)
    .u16(0xc00c)
    .u16(RecordType.NB)
    .u16(1)
    .u32(300_000)
    .u16(6)
    .u16(0)
    .bytes(client.address)
    .take();
  udp.send(timeline, client, NBNS_PORT, broadcast, NBNS_PORT, registration);
}
