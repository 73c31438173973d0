import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { pcap, type Segment, segmentFrame } from '../tests/build.ts';
import { captureNames, capturePath, NO_CAPTURES } from '../tests/captures.ts';
import { MemorySource } from '../tests/memory-source.ts';
import { randomNumbers } from '../tests/random.ts';
import { type Layers, records, TwinDecoder } from '../tests/twin.ts';
import { TwinFlows } from '../tests/twin-streams.ts';
import { ipv4Text, macText } from './bytes.ts';
import { CaptureFile } from './capture/capture-file.ts';
import { CaptureReader } from './capture/capture-reader.ts';
import { Decoder, IpProtocol } from './decode.ts';
import { isReadable } from './link-types.ts';
import { Packet, Tcp } from './packet.ts';
import { Flow, FLOW_WIDTH, FlowBit, FlowTable } from './tables/flow-table.ts';
import { TcpOrder } from './tcp-order.ts';

interface Seen {
  /** One line a frame. */
  readonly frames: string[];
  /** One line a flow, sorted. */
  readonly flows: string[];
}

const digest = (pieces: readonly Uint8Array[]): string => {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex').slice(0, 16);
};

async function fastPath(content: Uint8Array, piece?: number): Promise<Seen> {
  const reader = new CaptureReader([await CaptureFile.from('memory', new MemorySource(content, piece))]);
  const decoder = new Decoder();
  const flows = new FlowTable({ initialFlows: 64 });
  const streams = new Map<number, { pieces: Uint8Array[]; gaps: number }>();
  const streamOf = (row: number, direction: number): { pieces: Uint8Array[]; gaps: number } => {
    const stream = streams.get(row * 2 + direction) ?? { pieces: [], gaps: 0 };
    streams.set(row * 2 + direction, stream);
    return stream;
  };
  const order = new TcpOrder(flows, {
    consume(row, direction, bytes, start, end) {
      streamOf(row, direction).pieces.push(bytes.slice(start, end));
      return end;
    },
    gap(row, direction) {
      const stream = streamOf(row, direction);
      stream.pieces.push(Buffer.from('<gap>'));
      stream.gaps++;
    },
    restart(row) {
      for (const direction of [0, 1]) streamOf(row, direction).pieces.push(Buffer.from('|'));
    },
  });
  const packet = new Packet();
  const frames: string[] = [];
  const addressText = (version: number, address: number): string =>
    version === 4 ? ipv4Text(address) : decoder.addresses.ipv6Text(address);
  do {
    while (reader.next(packet)) {
      decoder.decode(packet);
      const version = packet.ipVersion;
      const tcp = packet.protocol === IpProtocol.TCP && !packet.fragment && !packet.stopped;
      frames.push(
        packet.stopped
          ? `${packet.frame} stopped`
          : [
              packet.frame,
              BigInt(packet.seconds) * 1_000_000_000n + BigInt(packet.nanoseconds),
              packet.sourceMac < 0 ? '' : macText(packet.bytes, packet.sourceMac),
              packet.destinationMac < 0 ? '' : macText(packet.bytes, packet.destinationMac),
              packet.vlan,
              packet.etherType,
              version === 0 ? '' : addressText(version, packet.source),
              version === 0 ? '' : addressText(version, packet.destination),
              packet.protocol,
              packet.sourcePort,
              packet.destinationPort,
              tcp ? `${packet.sequence >>> 0} ${packet.acknowledgement >>> 0} ${packet.flags}` : '',
              packet.missing,
              packet.fragment,
              packet.reassembled,
              packet.tunnels,
              digest([packet.bytes.subarray(packet.payload, packet.payloadEnd)]),
            ].join(' '),
      );
      if (packet.fragment || packet.stopped) continue;
      const row = flows.touch(packet);
      assert.ok(row >= 0);
      if (tcp) order.accept(packet, row, flows.direction);
    }
  } while (await reader.advance());
  order.finish();
  assert.equal(order.heldBytes, 0);

  const lines: string[] = [];
  for (let row = 0; row < flows.used; row++) {
    const column = (index: number): number => flows.rows[row * FLOW_WIDTH + index];
    const kind = column(Flow.KIND);
    const version = kind >> 16;
    const ends = [0, 1].map((side) => {
      const address = column(Flow.ADDRESS + side);
      if (version === 0) return address === 0 ? '' : flows.macs.macText(address);
      return `${addressText(version, address)} ${side === 0 ? column(Flow.PORTS) >>> 16 : column(Flow.PORTS) & 0xffff}`;
    });
    const name = `${[...ends].sort().join(' - ')} ${version === 0 ? `0x${kind.toString(16)}` : `ip${version}/${kind & 0xff}`}`;
    const bits = column(Flow.BITS);
    const sides = [0, 1].map((side) => {
      const stream = streams.get(row * 2 + side);
      const fin = (bits & (FlowBit.FIN_A << side)) !== 0;
      const counts = `${flows.packets(row, side)} ${flows.bytes(row, side)}`;
      return `${ends[side]}: ${counts} ${digest(stream?.pieces ?? [])} ${stream?.gaps ?? 0} ${fin}`;
    });
    if (ends[0] === ends[1]) continue;
    const state = [FlowBit.SYN, FlowBit.SYN_ACK, FlowBit.RST].map((bit) => (bits & bit) !== 0).join(' ');
    const server = flows.server(row);
    lines.push(`${name} ${state} ${server < 0 ? '' : ends[server]} ${sides.sort().join(' ')}`);
  }
  return { frames, flows: lines.sort() };
}

function slowTwin(content: Buffer): Seen {
  const decoder = new TwinDecoder();
  const flows = new TwinFlows();
  const frames: string[] = [];
  let frame = 0;
  for (const raw of records(content)) {
    frame++;
    if (!isReadable(raw.linkType)) continue;
    const layers = decoder.decode(raw);
    frames.push(layers.stopped ? `${frame} stopped` : twinLine(frame, raw.time, layers));
    if (!layers.fragment && !layers.stopped) flows.add(layers, raw.wire, Number(raw.time / 1_000_000_000n));
  }
  flows.finish();
  const lines: string[] = [];
  for (const [key, flow] of flows.flows) {
    const ends = Object.keys(flow.streams);
    if (ends.length === 1) continue;
    const sides = ends.map((end) => {
      const stream = flow.streams[end];
      return `${end}: ${flow.packets[end] ?? 0} ${flow.bytes[end] ?? 0} ${digest(stream.out)} ${stream.gaps} ${flow.fins.has(end)}`;
    });
    lines.push(`${key} ${flow.syn} ${flow.synAck} ${flow.rst} ${flow.server} ${sides.sort().join(' ')}`);
  }
  return { frames, flows: lines.sort() };
}

function twinLine(frame: number, time: bigint, layers: Layers): string {
  const { ip, tcp } = layers;
  return [
    frame,
    time,
    ...layers.macs,
    layers.vlan,
    layers.etherType,
    ip?.source ?? '',
    ip?.destination ?? '',
    ip?.protocol ?? 0,
    ...layers.ports,
    tcp ? `${tcp.sequence} ${tcp.acknowledgement} ${tcp.flags}` : '',
    layers.missing,
    layers.fragment,
    layers.reassembled,
    layers.tunnels,
    digest([layers.payload]),
  ].join(' ');
}

async function compare(content: Buffer, piece?: number): Promise<void> {
  const fast = await fastPath(content, piece);
  const slow = slowTwin(content);
  for (let i = 0; i < Math.max(fast.frames.length, slow.frames.length); i++) assert.equal(fast.frames[i], slow.frames[i]);
  for (let i = 0; i < Math.max(fast.flows.length, slow.flows.length); i++) assert.equal(fast.flows[i], slow.flows[i]);
}

test('the fast path and its slow twin agree on frames, flows and streams of all captures', { skip: NO_CAPTURES }, async (t) => {
  for (const name of captureNames()) await t.test(name, () => compare(readFileSync(capturePath(name))));
});

/** A conversation with losses, repeats, reordering, resets and new connections. */
function hostileConversation(seed: number): Buffer {
  const random = randomNumbers(seed);
  const frames: { frame: number[]; seconds: number }[] = [];
  let seconds = 1000;
  let lanes: Segment[] = [];
  let next = { A: random(2 ** 32), B: random(2 ** 32) };
  for (let i = 0; i < 600; i++) {
    const from = random(2) === 0 ? 'A' : 'B';
    const peer = from === 'A' ? 'B' : 'A';
    const kind = random(100);
    let flags: number = Tcp.ACK;
    let data = '';
    if (kind < 2) {
      next = { A: random(2 ** 32), B: random(2 ** 32) };
      flags = Tcp.SYN;
    } else if (kind < 3) flags = Tcp.RST;
    else if (kind < 5) flags = Tcp.FIN | Tcp.ACK;
    else if (kind < 6) flags = Tcp.SYN | Tcp.ACK;
    else if (kind < 80) data = String.fromCharCode(...Array.from({ length: 1 + random(40) }, () => 97 + random(26)));
    const back = random(12) === 0 ? random(60) : 0;
    const sequence = next[from] - back;
    lanes.push({ from, sequence, acknowledgement: next[peer] - (random(4) === 0 ? random(50) : 0), flags, data });
    if (back === 0) next[from] += data.length + ((flags & (Tcp.SYN | Tcp.FIN)) !== 0 ? 1 : 0);
    if (random(20) === 0) lanes.pop();
    if (random(20) === 0) lanes.push(lanes[lanes.length - 1] ?? { from, sequence, flags });
    if (random(3) === 0) {
      if (random(4) === 0) lanes.reverse();
      for (const segment of lanes) frames.push({ frame: segmentFrame(segment), seconds });
      lanes = [];
      if (random(10) === 0) seconds += random(8);
    }
  }
  return Buffer.from(pcap(frames));
}

test('the fast path and its slow twin agree on conversations with losses, repeats, reordering and restarts', async () => {
  for (let seed = 1; seed <= 150; seed++) await compare(hostileConversation(seed));
});

test('the size of the pieces read does not change what is seen', async () => {
  const content = hostileConversation(7);
  const whole = await fastPath(content);
  for (const piece of [64, 1000, 4097]) assert.deepEqual(await fastPath(content, piece), whole);
});
