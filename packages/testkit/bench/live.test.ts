import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutNetwork } from '../src/network-namespace.ts';
import { measureLive } from './live-measure.ts';

// The short form of `npm run live`: the capture alone, since tests share their machine with others.
test('no packet is lost at 200,000 a second while the reader stops dead for 300 ms in each', { skip: withoutNetwork }, async () => {
  const measured = {
    packetsPerSecond: 200_000,
    seconds: 3,
    stall: 300,
    use: 'ring',
    interfaces: 1,
    reader: 'capture',
    pinned: false,
  } as const;
  const { sentPackets, received, lost, interfaces } = await measureLive(measured);
  assert.equal(sentPackets, 600_000);
  assert.deepEqual({ received, lost, drops: interfaces[0].kernelDrops }, { received: 600_000, lost: 0, drops: 0 });
});
