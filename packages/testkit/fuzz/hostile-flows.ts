/**
 * What an attacker can make the sensor remember: so many flows, each left with the largest half-read thing its protocol
 * allows. Prints what is kept for each kind of flow.
 *
 *     node --expose-gc packages/testkit/fuzz/hostile-flows.ts [--flows 262144] [--kind NAME] [--payloads N]
 */
import { parseArgs } from 'node:util';
import { Packet } from '@annunciator/packet/packet';
import { Sensor } from '@annunciator/sensor/sensor';
import * as bacnet from '../src/bacnet.ts';
import * as dnp3 from '../src/dnp3.ts';
import { host } from '../src/host.ts';
import * as s7comm from '../src/s7comm.ts';
import { Flag } from '../src/tcp.ts';
import { octets } from '../src/octets.ts';

const text = (value: string): Uint8Array => Buffer.from(value, 'latin1');

/** Payloads that one flow sends from client to server; nothing ever completes them. */
const KINDS: Record<string, { readonly port: number; readonly udp?: boolean; readonly payloads: (flow: number) => Uint8Array[] }> = {
  'nothing but a SYN': { port: 502, payloads: () => [] },
  'COTP data units without a last one': {
    port: 102,
    payloads: () => Array.from({ length: 44 }, () => s7comm.tpktData(new Uint8Array(1400), false)),
  },
  'DNP3 segments without a last one': {
    port: 20_000,
    payloads: () =>
      Array.from({ length: 8 * 8 }, (_, i) =>
        dnp3.linkFrame(0xc4, 1 + (i >> 3), 7, Uint8Array.of((i & 7) === 0 ? 0x40 : i & 7, ...new Uint8Array(240))),
      ),
  },
  'BACnet segments without a last one': {
    port: 47_808,
    udp: true,
    payloads: () =>
      Array.from({ length: 44 }, (_, i) => bacnet.datagram(octets().u8(0x0c, 0x75, 9, i, 4, 12).bytes(new Uint8Array(1400)).take())),
  },
  'HTTP requests with long paths and no answer': {
    port: 80,
    payloads: (flow) =>
      Array.from({ length: 32 }, (_, i) =>
        text(`GET /${'a'.repeat(1200)}${flow}x${i} HTTP/1.1\r\nHost: h\r\nAuthorization: Basic QWxhZGRpbjpvcGVu\r\n\r\n`),
      ),
  },
  'HTTP header without an end': {
    port: 80,
    payloads: () => [text('GET / HTTP/1.1\r\nHost: h\r\nX: '), ...Array.from({ length: 20 }, () => text('b'.repeat(1400)))],
  },
  'segments behind a hole': { port: 502, payloads: () => [new Uint8Array(0), ...Array.from({ length: 8 }, () => new Uint8Array(1000))] },
};

export interface HostileFlows {
  readonly kind: string;
  readonly flows: number;
  readonly packets: number;
  /** Bytes kept by the sensor beyond what it took when it was new, garbage collected. */
  readonly kept: number;
}

export function hostileKinds(): string[] {
  return Object.keys(KINDS);
}

/** Opens so many flows of a kind, `most` payloads each, until more than `limit` bytes are kept. `collect` frees garbage before memory is measured. */
export function hostileFlows(
  kind: string,
  flows: number,
  collect: () => void,
  most = Number.POSITIVE_INFINITY,
  limit = Number.POSITIVE_INFINITY,
): HostileFlows {
  const { port, udp = false, payloads } = KINDS[kind];
  collect();
  const before = memory();
  const sensor = new Sensor({ report: () => undefined });
  const packet = new Packet();
  packet.linkType = 1;
  packet.seconds = 1_780_000_000;
  const server = host('server', '10.0.0.2');
  const put = (flow: number, sequence: number, flags: number, payload: Uint8Array): void => {
    const frame = frameOf(flow, server.address, port, udp, sequence, flags, payload);
    packet.bytes = frame;
    packet.start = 0;
    packet.end = packet.wireLength = frame.length;
    packet.frame++;
    packet.nanoseconds = (packet.nanoseconds + 1000) % 1e9;
    sensor.take(packet);
  };
  let opened = 0;
  for (; opened < flows; opened++) {
    let sequence = 1000;
    if (!udp) put(opened, sequence++, Flag.SYN, new Uint8Array(0));
    for (const payload of payloads(opened).slice(0, most)) {
      if (payload.length === 0) sequence += 500;
      else put(opened, sequence, Flag.ACK | Flag.PSH, payload);
      sequence += payload.length;
    }
    if (opened % 4096 === 4095 && memory() - before > limit) {
      collect();
      if (memory() - before > limit) break;
    }
  }
  collect();
  const kept = memory() - before;
  // Keeps the sensor alive up to here.
  if (sensor.path.flows.size < 0) throw new Error('no flows');
  return { kind, flows: opened, packets: packet.frame, kept };
}

function memory(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function frameOf(
  flow: number,
  server: Uint8Array,
  port: number,
  udp: boolean,
  sequence: number,
  flags: number,
  payload: Uint8Array,
): Uint8Array {
  const header = udp ? 8 : 20;
  const frame = new Uint8Array(34 + header + payload.length);
  const view = new DataView(frame.buffer);
  frame.set([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, 0x45]);
  view.setUint16(16, frame.length - 14);
  frame[22] = 64;
  frame[23] = udp ? 17 : 6;
  frame.set([10, 1 + (flow >> 22), 0, 1 + ((flow >> 14) & 127)], 26);
  frame.set(server, 30);
  view.setUint16(34, 1024 + (flow & 0x3fff));
  view.setUint16(36, port);
  if (udp) view.setUint16(38, 8 + payload.length);
  else {
    view.setUint32(38, sequence);
    frame[46] = 0x50;
    frame[47] = flags;
  }
  frame.set(payload, 34 + header);
  return frame;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { flows: { type: 'string', default: '262144' }, kind: { type: 'string' }, payloads: { type: 'string', default: '64' } },
  });
  const { gc } = globalThis;
  if (!gc) throw new Error('Start node with --expose-gc, so that memory can be measured.');
  console.log('| each flow leaves | flows | packets | kept MiB | kept bytes / flow |');
  console.log('|---|--:|--:|--:|--:|');
  for (const kind of values.kind ? [values.kind] : hostileKinds()) {
    const { flows, packets, kept } = hostileFlows(kind, Number(values.flows), () => gc(), Number(values.payloads), 1.5 * 2 ** 30);
    console.log(`| ${kind} | ${flows} | ${packets} | ${(kept / 2 ** 20).toFixed(0)} | ${Math.round(kept / flows)} |`);
  }
}
