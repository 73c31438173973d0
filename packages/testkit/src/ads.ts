/** ADS/AMS of Beckhoff TwinCAT (TwinCAT ADS/AMS specification): packets over TCP, and the discovery service over UDP. */
import type { Host } from './host.ts';
import { octets } from './octets.ts';
import { Connection } from './tcp.ts';
import type { Timeline } from './timeline.ts';

export const PORT = 48_898;

const NOTHING: Uint8Array = new Uint8Array(0);

/** One packet between net ids 10.1.1.20.1.1 (port 851) and 10.1.1.10.1.1 (port 32788). */
export function packet(command: number, data = NOTHING, options: { answer?: boolean; error?: number; port?: number } = {}): Uint8Array {
  const device = octets()
    .u8(10, 1, 1, 20, 1, 1)
    .u16le(options.port ?? 851)
    .take();
  const client = octets().u8(10, 1, 1, 10, 1, 1).u16le(32_788).take();
  const header = octets()
    .u16le(0)
    .u32le(32 + data.length);
  if (options.answer) header.bytes(client).bytes(device);
  else header.bytes(device).bytes(client);
  return header
    .u16le(command)
    .u16le(options.answer ? 5 : 4)
    .u32le(data.length)
    .u32le(options.error ?? 0)
    .u32le(7)
    .bytes(data)
    .take();
}

export const read = (group: number, offset: number, size: number): Uint8Array => octets().u32le(group).u32le(offset).u32le(size).take();
export const write = (group: number, offset: number, data: Uint8Array): Uint8Array =>
  octets().u32le(group).u32le(offset).u32le(data.length).bytes(data).take();
/** Write Control: the state to go to. */
export const control = (state: number): Uint8Array => octets().u16le(state).u16le(0).u32le(0).take();
/** Answer to Read Device Info. */
export const deviceInfo = (name: string, major: number, minor: number, build: number): Uint8Array =>
  octets().u32le(0).u8(major, minor).u16le(build).text(name, 16).take();

/** A datagram of the discovery service: tags of an id and a text. */
export function discovery(service: number, tags: readonly (readonly [number, string])[], answer = false): Uint8Array {
  const out = octets()
    .u32(0x03661471)
    .u32le(0)
    .u16le(service)
    .u8(0, answer ? 0x80 : 0)
    .u8(10, 1, 1, 10, 1, 1)
    .u16le(10_000)
    .u32le(tags.length);
  for (const [tag, value] of tags)
    out
      .u16le(tag)
      .u16le(value.length + 1)
      .text(`${value}\0`);
  return out.take();
}

/** A command and its answer, of result 0 unless told. */
export function exchange(connection: Connection, command: number, data?: Uint8Array, answer: Uint8Array = octets().u32le(0).take()): void {
  connection.request(packet(command, data)).response(packet(command, answer, { answer: true }));
}

/** A connection of a client with a controller. */
export function session(timeline: Timeline, client: Host, controller: Host): Connection {
  return new Connection(timeline, client, controller, PORT);
}
