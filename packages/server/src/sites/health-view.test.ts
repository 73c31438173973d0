import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SensorHealth } from '@annunciator/sensor/health/health';
import { healthSchema, healthView } from './health-view.ts';

const HEALTH: SensorHealth = {
  interfaces: [
    {
      name: 'eth1',
      method: 'ring',
      reason: null,
      state: 'up',
      packets: 900,
      bytes: 90_000,
      kernelDrops: 100,
      cardDrops: null,
      lastPacket: 1_780_293_600_123_456_789n,
      quiet: 0.25,
    },
  ],
  oneSided: { flows: 4, oneSided: 1, examples: [{ from: '10.0.0.1', fromPort: 502, to: '10.0.0.2', toPort: 50_000 }] },
  undecoded: { undecoded: 10, bytes: 100, ports: [{ transport: 'udp', port: 5000, undecoded: 10, bytes: 10 }] },
  vlans: [{ vlan: 30, packets: 5, lastSecond: 1_780_293_600, silent: false }],
  clock: { steps: 1, last: { at: 1_780_293_601_000_000_000n, seconds: -3600 } },
  packetsNotKept: 0,
  notKeptBecause: '',
  refused: { flows: 2 },
};

test('the API tells the health of a sensor with its findings, and as its document says', () => {
  const view = healthView(HEALTH);
  assert.deepEqual(healthSchema.parse(JSON.parse(JSON.stringify(view))), view);
  assert.equal(view.state, 'warning');
  assert.deepEqual(
    view.findings.map(({ subject }) => subject),
    ['eth1', 'clock', 'tables'],
  );
  assert.deepEqual(view.interfaces[0], {
    name: 'eth1',
    method: 'ring',
    state: 'up',
    packets: 900,
    bytes: 90_000,
    kernelDrops: 100,
    cardDrops: null,
    lastPacket: '2026-06-01T06:00:00.123456Z',
    quietSeconds: 0.3,
  });
  assert.deepEqual(view.clock, { steps: 1, lastAt: '2026-06-01T06:00:01Z', lastSeconds: -3600 });
  assert.deepEqual(healthView({ ...HEALTH, interfaces: [], clock: { steps: 0, last: null }, refused: {} }).state, 'healthy');
});
