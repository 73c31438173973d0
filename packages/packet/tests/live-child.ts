/**
 * Reads interfaces for a test, in the network namespace it is started in: `live-child.ts ring|tcpdump INTERFACE...`. Says in a
 * line of JSON after each batch how the interfaces are, and all that it found once its standard input ends.
 */
import { openLive } from '../src/live/open-live.ts';
import { Packet } from '../src/packet.ts';

const [use, ...names] = process.argv.slice(2);
const reader = await openLive(names, use === 'tcpdump' ? 'tcpdump' : 'ring').catch((error: Error) => {
  console.log(error.message);
  process.exit(3);
});
process.stdin.resume().once('end', () => reader.stop());
const reports = () => reader.reports().map((report) => ({ ...report, lastPacket: String(report.lastPacket) }));
console.log(JSON.stringify({ packets: [], reports: reports() }));
const packet = new Packet();
const packets: { on: string; at: number; wire: number; bytes: string }[] = [];
while (await reader.advance()) {
  while (reader.next(packet))
    packets.push({
      on: reader.nameOf(packet.interface),
      at: packet.seconds * 1e9 + packet.nanoseconds,
      wire: packet.wireLength,
      bytes: Buffer.from(packet.bytes.subarray(packet.start, packet.end)).toString('hex'),
    });
  console.log(JSON.stringify({ packets: [], reports: reports() }));
}
const found = { packets, reports: reports() };
await reader.close();
console.log(JSON.stringify(found));
