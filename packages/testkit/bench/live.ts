/**
 * Does the sensor lose packets of a network? Sends traffic through a pair of virtual ports in a network namespace of its own,
 * at a steady rate, to a sensor with all engines and kept packets that stops dead for a while in each second.
 *
 *     node packages/testkit/bench/live.ts [--pps 200000] [--seconds 10] [--stall 300] [--with ring|tcpdump] [--interfaces 1]
 *                                         [--reader sensor|capture]
 *
 * Needs root on Linux, `ip` and `tcpreplay`. Ends with 1 when a packet was lost.
 */
import { parseArgs } from 'node:util';
import { withoutNetwork } from '../src/network-namespace.ts';
import { measureLive } from './live-measure.ts';

const { values } = parseArgs({
  options: {
    pps: { type: 'string', default: '200000' },
    seconds: { type: 'string', default: '10' },
    stall: { type: 'string', default: '300' },
    with: { type: 'string', default: 'ring' },
    interfaces: { type: 'string', default: '1' },
    reader: { type: 'string', default: 'sensor' },
  },
});
if (withoutNetwork) {
  console.error(`Nothing was measured: ${withoutNetwork}.`);
  process.exit(2);
}
const result = await measureLive({
  packetsPerSecond: Number(values.pps),
  seconds: Number(values.seconds),
  stall: Number(values.stall),
  use: values.with === 'tcpdump' ? 'tcpdump' : 'ring',
  interfaces: Number(values.interfaces),
  reader: values.reader === 'capture' ? 'capture' : 'sensor',
  pinned: true,
});
console.log(JSON.stringify(result, null, 2));
process.exit(result.lost === 0 ? 0 : 1);
