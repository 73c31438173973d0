import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { SECOND } from '@annunciator/core/time';
import { Packet } from '@annunciator/packet/packet';
import { Decoder } from '@annunciator/packet/decode';
import type { Evidence, Pin } from './messages.ts';
import { evidencePath, OVERWRITTEN, PacketStore } from './packet-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'annunciator-packet-store-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const ENDS = { source: { ip: null, mac: '02:00:00:00:00:02' }, destination: { ip: null, mac: '02:00:00:00:00:01' } };

/** A run of the store that takes a frame a second: frame n at second 1000 + n. */
async function run(told: Evidence[], from: number, to: number, pins: ReadonlyMap<number, Pin>, name = 'run'): Promise<void> {
  const decoder = new Decoder();
  const start = { folder: join(folder, name), budget: 1 << 22, fresh: false };
  const store = new PacketStore(start, decoder.addresses, (evidence) => told.push(evidence));
  for (let frame = from; frame <= to; frame++) {
    const bytes = Uint8Array.of(2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5, ...new Uint8Array(46));
    const parts = { bytes, start: 0, end: 60, wireLength: 60, frame: frame - from + 1, seconds: 1000 + frame, linkType: 1 };
    const packet = Object.assign(new Packet(), parts);
    store.begin(null);
    store.append(packet);
    decoder.decode(packet);
    store.index(packet);
    const pin = pins.get(frame);
    if (pin) store.pin(pin);
    assert.equal(await store.batch(null), '');
  }
  await store.finish();
  await store.close();
}

const pinAt = (frame: number, frames: readonly number[]): Pin => ({
  alert: `alert ${frame}`,
  time: BigInt(1000 + frame) * SECOND,
  frames,
  ...ENDS,
});

test('evidence is written at once, and again when the time after the alert has passed', async () => {
  const told: Evidence[] = [];
  await run(told, 1, 100, new Map([[50, pinAt(50, [50])]]));
  const packets = told.map((evidence) => (evidence.state === 'available' ? evidence.packets : 0));
  assert.deepEqual(packets, [11, 31]);
  for (const evidence of told) {
    assert.ok(evidence.state === 'available');
    assert.equal(readFileSync(evidencePath(join(folder, 'run', 'evidence'), evidence.sha256)).length, evidence.size);
  }
});

test('a later run copies what the one before had no time for, and says when it is too late', async () => {
  const told: Evidence[] = [];
  await run(
    told,
    200,
    210,
    new Map([
      [205, pinAt(60, [])],
      [206, { ...pinAt(150, []), alert: 'late', time: 500n * SECOND }],
    ]),
  );
  assert.equal(told.length, 2);
  assert.deepEqual([told[0].state, told[0].state === 'available' && told[0].packets], ['available', 31]);
  assert.deepEqual(told[1], { alert: 'late', state: 'missing', reason: OVERWRITTEN });
});

test('an alert whose frame is read again later gets its packets then', async () => {
  const told: Evidence[] = [];
  await run(
    told,
    1,
    30,
    new Map([
      [2, pinAt(10, [10])],
      [3, pinAt(900, [900])],
    ]),
    'again',
  );
  const [first, ...rest] = told.filter(({ alert }) => alert === 'alert 10');
  assert.ok(first.state === 'available' && rest.every(({ state }) => state === 'available'));
  assert.deepEqual(
    told.filter(({ alert }) => alert === 'alert 900'),
    [{ alert: 'alert 900', state: 'missing', reason: OVERWRITTEN }],
  );
});
