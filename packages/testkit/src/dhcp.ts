/** DHCP for IPv4 (RFC 2131, options of RFC 2132). */
import type { Host } from './host.ts';
import { group, host } from './host.ts';
import { octets } from './octets.ts';
import type { Timeline } from './timeline.ts';
import * as udp from './udp.ts';

export const SERVER_PORT = 67;
export const CLIENT_PORT = 68;

export const MessageType = { Discover: 1, Offer: 2, Request: 3, Decline: 4, Ack: 5, Nak: 6, Release: 7, Inform: 8 } as const;

const NO_ADDRESS: Uint8Array = new Uint8Array(4);

export interface LeaseOptions {
  /** The client's vendor class, option 60. */
  readonly vendorClass?: string;
  /** How the server answers the request. */
  readonly outcome?: 'ack' | 'nak' | 'silence';
}

/** One message. Options are (code, value) pairs after the message type. */
export function message(
  type: number,
  transaction: number,
  client: Host,
  given: Uint8Array,
  options: readonly (readonly [number, Uint8Array])[] = [],
  clientAddress = NO_ADDRESS,
): Uint8Array {
  const toClient = type === MessageType.Offer || type === MessageType.Ack || type === MessageType.Nak;
  const whole = octets()
    .u8(toClient ? 2 : 1, 1, 6, 0)
    .u32(transaction)
    .u32(0);
  whole.bytes(clientAddress).bytes(given).u32(0).u32(0).bytes(client.mac).zeros(10).zeros(192);
  whole.u32(0x63825363).u8(53, 1, type);
  for (const [code, value] of options) whole.u8(code, value.length).bytes(value);
  whole.u8(255);
  return whole.zeros(300 - whole.length).take();
}

/** Discover, offer, request and the server's answer for a client that takes its own `ip`. */
export function lease(timeline: Timeline, client: Host, server: Host, options: LeaseOptions = {}): void {
  const transaction = timeline.random.next();
  const unbound = { ...host(client.name, '0.0.0.0', undefined, client.vlan), mac: client.mac };
  const all = group('255.255.255.255');
  const describe: [number, Uint8Array][] = [[12, octets().text(client.name).take()]];
  if (options.vendorClass !== undefined) describe.push([60, octets().text(options.vendorClass).take()]);
  const wish: [number, Uint8Array][] = [[50, client.address], [54, server.address], ...describe];
  const terms: [number, Uint8Array][] = [
    [54, server.address],
    [51, octets().u32(86_400).take()],
    [1, Uint8Array.of(255, 255, 255, 0)],
  ];
  udp.send(timeline, unbound, CLIENT_PORT, all, SERVER_PORT, message(MessageType.Discover, transaction, client, NO_ADDRESS, describe));
  udp.send(timeline, server, SERVER_PORT, all, CLIENT_PORT, message(MessageType.Offer, transaction, client, client.address, terms));
  udp.send(timeline, unbound, CLIENT_PORT, all, SERVER_PORT, message(MessageType.Request, transaction, client, NO_ADDRESS, wish));
  if (options.outcome === 'silence') return;
  const nak = options.outcome === 'nak';
  const answer = nak
    ? message(MessageType.Nak, transaction, client, NO_ADDRESS, [[54, server.address]])
    : message(MessageType.Ack, transaction, client, client.address, terms);
  udp.send(timeline, server, SERVER_PORT, all, CLIENT_PORT, answer);
}

/** The client prolongs what it has. */
export function renew(timeline: Timeline, client: Host, server: Host): void {
  const transaction = timeline.random.next();
  const name: [number, Uint8Array][] = [[12, octets().text(client.name).take()]];
  udp.send(
    timeline,
    client,
    CLIENT_PORT,
    server,
    SERVER_PORT,
    message(MessageType.Request, transaction, client, NO_ADDRESS, name, client.address),
  );
  const terms: [number, Uint8Array][] = [
    [54, server.address],
    [51, octets().u32(86_400).take()],
  ];
  udp.send(
    timeline,
    server,
    SERVER_PORT,
    client,
    CLIENT_PORT,
    message(MessageType.Ack, transaction, client, client.address, terms, client.address),
  );
}
