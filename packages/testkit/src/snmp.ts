/** SNMP version 2c (RFC 1901, RFC 3416): requests of one object and their answers. */
import type { Host } from './host.ts';
import { join, octets } from './octets.ts';
import type { Timeline } from './timeline.ts';
import * as udp from './udp.ts';

export const PORT = 161;
export const Pdu = { Get: 0xa0, GetNext: 0xa1, Response: 0xa2, Set: 0xa3, GetBulk: 0xa5 } as const;

const NOTHING = new Uint8Array(0);

function element(tag: number, content: Uint8Array): Uint8Array {
  const head = octets().u8(tag);
  if (content.length < 128) head.u8(content.length);
  else head.u8(0x82).u16(content.length);
  return head.bytes(content).take();
}
const integer = (value: number): Uint8Array => element(2, Uint8Array.of(value));

/** `1.3.6.1.2.1.1.5.0` as X.690 8.19 encodes it. */
export function objectIdentifier(dotted: string): Uint8Array {
  const [first, second, ...arcs] = dotted.split('.').map(Number);
  const out = [first * 40 + second];
  for (const arc of arcs) {
    const digits = [arc & 127];
    for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) digits.unshift(128 | (rest & 127));
    out.push(...digits);
  }
  return Uint8Array.from(out);
}

/** A whole message about one object; no value is the NULL of a request. */
export function message(pdu: number, community: string, object: string, value: Uint8Array = element(5, NOTHING)): Uint8Array {
  const variable = element(0x30, join(element(6, objectIdentifier(object)), value));
  const inside = element(pdu, join(integer(7), integer(0), integer(0), element(0x30, variable)));
  return element(0x30, join(integer(1), element(4, octets().text(community).take()), inside));
}

/** A request and its answer. */
export function exchange(timeline: Timeline, manager: Host, agent: Host, pdu: number, object: string, community = 'public'): void {
  const port = timeline.port();
  const value = element(4, octets().text('value').take());
  udp.send(timeline, manager, port, agent, PORT, message(pdu, community, object, pdu === Pdu.Set ? value : undefined));
  udp.send(timeline, agent, PORT, manager, port, message(Pdu.Response, community, object, value));
}
