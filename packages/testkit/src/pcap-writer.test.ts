import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { host } from './host.ts';
import { gzip, pcap, pcapng, writePcapFile } from './pcap-writer.ts';
import { Timeline } from './timeline.ts';
import { tsharkFile, withoutTshark } from './tshark.ts';
import * as udp from './udp.ts';

const skip = withoutTshark;
const timeline = new Timeline({ start: 1_780_293_600 });
for (let i = 0; i < 3; i++)
  udp.send(timeline.at(i + 0.123456789), host('a', '10.0.0.1'), 1000, host('b', '10.0.0.2'), 9, new Uint8Array(50 + i));
const times = (capture: Uint8Array): string[] => tsharkFile(capture, ['-T', 'fields', '-e', 'frame.time_epoch']);
const exact = [0, 1, 2].map((i) => `${1_780_293_600 + i}.123456789`);
const rounded = exact.map((time) => time.replace('456789', '456000'));

for (const order of ['little', 'big'] as const) {
  test(`pcap in ${order}-endian order keeps micro- and nanoseconds`, { skip }, () => {
    assert.deepEqual(times(pcap(timeline.packets, { order })), rounded);
    assert.deepEqual(times(pcap(timeline.packets, { order, resolution: 'nano' })), exact);
  });
}

test('pcapng sections of either byte order follow each other', { skip }, () => {
  const interfaces = [{ name: 'tap0' }, { name: 'tap1', digits: 6 }];
  const [a, b, c] = timeline.packets;
  const capture = pcapng(
    { interfaces, packets: [a, { ...b, interface: 1 }] },
    { order: 'big', interfaces: [{ name: 'tap2' }], packets: [c] },
  );
  assert.deepEqual(times(capture), [exact[0], rounded[1], exact[2]]);
  assert.deepEqual(times(gzip(capture)), [exact[0], rounded[1], exact[2]]);
});

test('a snap length cuts frames and keeps their length', { skip }, () => {
  const capture = pcap(timeline.packets, { snapLength: 60 });
  assert.deepEqual(tsharkFile(capture, ['-T', 'fields', '-e', 'frame.cap_len', '-e', 'frame.len']), ['60\t92', '60\t93', '60\t94']);
});

test('a file holds what the same packets are in memory', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'annunciator-testkit-'));
  try {
    const file = join(folder, 'out.pcap');
    assert.equal(await writePcapFile(file, timeline.packets), 3);
    assert.deepEqual(new Uint8Array(readFileSync(file)), new Uint8Array(pcap(timeline.packets)));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
