/** SLMP of Mitsubishi Electric in 3E frames, binary code (SH-080956ENG). */
import type { Host } from './host.ts';
import { octets } from './octets.ts';
import { Connection } from './tcp.ts';
import type { Timeline } from './timeline.ts';

export const PORT = 5007;
const NOTHING: Uint8Array = new Uint8Array(0);

export const request = (command: number, subcommand = 0, data = NOTHING): Uint8Array =>
  octets()
    .u16(0x5000)
    .u8(0, 0xff)
    .u16le(0x03ff)
    .u8(0)
    .u16le(6 + data.length)
    .u16le(16)
    .u16le(command)
    .u16le(subcommand)
    .bytes(data)
    .take();
export const answer = (endCode = 0, data = NOTHING): Uint8Array =>
  octets()
    .u16(0xd000)
    .u8(0, 0xff)
    .u16le(0x03ff)
    .u8(0)
    .u16le(2 + data.length)
    .u16le(endCode)
    .bytes(data)
    .take();

/** What Read Type Name answers. */
export const typeName = (model: string, code: number): Uint8Array => octets().text(model, 16, 0x20).u16le(code).take();

export function session(timeline: Timeline, client: Host, plc: Host): Connection {
  return new Connection(timeline, client, plc, PORT);
}

/** Reads ten data registers. */
export function read(connection: Connection): Connection {
  return connection
    .request(request(Command.ReadDevices, 0, octets().u24le(100).u8(0xa8).u16le(10).take()))
    .response(answer(0, new Uint8Array(20)));
}

export const Command = { ReadTypeName: 0x0101, ReadDevices: 0x0401, WriteDevices: 0x1401, RemoteRun: 0x1001, RemoteStop: 0x1002 } as const;
