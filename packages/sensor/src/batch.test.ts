import assert from 'node:assert/strict';
import test from 'node:test';
import type { Detection } from '@annunciator/core/alert';
import type { ByteSource } from '@annunciator/packet/capture/byte-source';
import { CaptureFile } from '@annunciator/packet/capture/capture-file';
import { CaptureReader } from '@annunciator/packet/capture/capture-reader';
import type { PacketSource } from '@annunciator/packet/capture/packet-source';
import { mixedTraffic } from '@annunciator/testkit/mixed-traffic';
import { Sensor, type SensorEvent } from './sensor.ts';

/** Bytes that come a few at a time, so that batches end within packets. */
function bytesOf(capture: Uint8Array): ByteSource {
  let at = 0;
  return {
    eager: true,
    damage: null,
    read(into: Uint8Array, offset: number): Promise<number> {
      const part = capture.subarray(at, at + Math.min(into.length - offset, 70_000));
      into.set(part, offset);
      at += part.length;
      return Promise.resolve(part.length);
    },
    close: () => Promise.resolve(),
  };
}

async function see(capture: Uint8Array, sourceOf: (reader: CaptureReader) => PacketSource): Promise<unknown> {
  const reader = new CaptureReader([await CaptureFile.from('mixed', bytesOf(capture), 1 << 16)]);
  const source = sourceOf(reader);
  const detections: Detection[] = [];
  const events: SensorEvent[] = [];
  const sensor = new Sensor({
    settings: { enableAll: true, focus: 'any' },
    fields: true,
    report: (detection) => detections.push(detection),
    event: (event) => events.push(event),
  });
  const frames: number[] = [];
  const before = ({ frame }: { readonly frame: number }): void => {
    if (frame === 20_000) sensor.learning = false;
    frames.push(frame);
  };
  const after = ({ frame }: { readonly frame: number }): void => assert.equal(frames.at(-1), frame);
  do sensor.takeBatch(source, before, after);
  while (await reader.advance());
  sensor.finish();
  assert.deepEqual(
    frames,
    Array.from({ length: 40_000 }, (_, index) => index + 1),
  );
  return {
    detections,
    events,
    memory: sensor.memory(),
    totals: sensor.path.totals(),
    fields: sensor.observer.fields,
    flows: sensor.path.flows.rows,
  };
}

test('frames that are read ahead are taken as if they came one by one', async () => {
  const parts: Uint8Array[] = [];
  mixedTraffic(40_000, 3, (part) => parts.push(part.slice()));
  const capture = Buffer.concat(parts);
  const ahead = await see(capture, (reader) => reader);
  const single = await see(capture, (reader) => ({
    next: (packet) => reader.next(packet),
    advance: () => reader.advance(),
    close: () => reader.close(),
    damages: [],
  }));
  assert.deepEqual(ahead, single);
});
