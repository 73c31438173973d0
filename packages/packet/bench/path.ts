/**
 * Cost of the packet path by stage: `node packages/packet/bench/path.ts CAPTURE [ROUNDS]` prints nanoseconds of CPU time
 * per packet, best and median of the rounds, for reading alone, then with decoding, flows and TCP order added.
 */
import { CaptureFile } from '../src/capture/capture-file.ts';
import { CaptureReader } from '../src/capture/capture-reader.ts';
import { Decoder, IpProtocol } from '../src/decode.ts';
import { Packet } from '../src/packet.ts';
import { FlowTable } from '../src/tables/flow-table.ts';
import { TcpOrder } from '../src/tcp-order.ts';

const STAGES = ['read', '+ decode', '+ flow', '+ order'] as const;

const path = process.argv[2];
const rounds = Number(process.argv[3] ?? 5);
if (path === undefined || !(rounds > 0)) {
  console.error('usage: node packages/packet/bench/path.ts CAPTURE [ROUNDS]');
  process.exit(2);
}

class Counter {
  bytes = 0;
  gaps = 0;
  consume(_row: number, _direction: number, _bytes: Uint8Array, start: number, end: number): number {
    this.bytes += end - start;
    return end;
  }
  gap(): void {
    this.gaps++;
  }
  restart(): void {}
}

async function run(file: string, stages: number): Promise<{ packets: number; nanoseconds: number; notes: string }> {
  const began = process.cpuUsage();
  const reader = new CaptureReader([await CaptureFile.open(file)]);
  const packet = new Packet();
  const decoder = new Decoder();
  const flows = new FlowTable();
  const consumer = new Counter();
  const order = new TcpOrder(flows, consumer);
  flows.onEvict = (row) => order.forget(row);
  do {
    while (reader.next(packet)) {
      if (stages < 1) continue;
      decoder.decode(packet);
      if (stages < 2 || packet.fragment || packet.stopped) continue;
      const row = flows.touch(packet);
      if (stages < 3 || row < 0 || packet.protocol !== IpProtocol.TCP) continue;
      order.accept(packet, row, flows.direction);
    }
    flows.sweep(packet.seconds, 64);
  } while (await reader.advance());
  order.finish();
  const used = process.cpuUsage(began);
  await reader.close();
  const packets = reader.summary().packets;
  const notes = `${flows.size} flows, ${consumer.bytes} stream bytes, ${consumer.gaps} gaps, ${JSON.stringify(order.counters)}`;
  return { packets, nanoseconds: ((used.user + used.system) * 1000) / packets, notes };
}

let notes = '';
for (let stage = 0; stage < STAGES.length; stage++) {
  const results: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const result = await run(path, stage);
    results.push(result.nanoseconds);
    notes = result.notes;
  }
  results.sort((a, b) => a - b);
  const median = results[results.length >> 1];
  console.log(`${STAGES[stage].padEnd(9)} best ${results[0].toFixed(0).padStart(4)} ns/packet, median ${median.toFixed(0).padStart(4)}`);
}
console.log(notes);
