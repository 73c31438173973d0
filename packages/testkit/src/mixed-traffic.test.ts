import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mixedTraffic } from './mixed-traffic.ts';
import { tsharkFile, withoutTshark } from './tshark.ts';

function capture(packets: number, seed = 1): Uint8Array {
  const chunks: Uint8Array[] = [];
  mixedTraffic(packets, seed, (chunk) => chunks.push(chunk.slice()));
  return Buffer.concat(chunks);
}

test('the mix has as many packets as asked for, the same ones for the same seed', () => {
  const bytes = capture(5000);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let count = 0;
  for (let at = 24; at < bytes.length; at += 16 + view.getUint32(at + 8, true)) count++;
  assert.equal(count, 5000);
  assert.deepEqual(capture(5000), bytes);
  assert.notDeepEqual(capture(5000, 2), bytes);
});

test('the mix is clean and holds the promised shares', { skip: withoutTshark }, () => {
  const bytes = capture(100_000);
  const bad = '_ws.malformed || ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0';
  const rows = tsharkFile(bytes, ['-T', 'fields', '-e', 'frame.len', '-e', 'vlan.id', '-e', 'frame.protocols']);
  assert.deepEqual(tsharkFile(bytes, ['-T', 'fields', '-e', 'frame.number', '-e', '_ws.col.Info'], bad), []);
  const share = (wanted: (row: string[]) => boolean): number => rows.filter((row) => wanted(row.split('\t'))).length / rows.length;
  const near = (value: number, low: number, high: number, what: string): void =>
    assert.ok(value >= low && value <= high, `${what} is ${value}, expected ${low} to ${high}`);
  near(
    share(([, , stack]) => stack.includes('mbtcp')),
    0.33,
    0.37,
    'Modbus',
  );
  near(
    share(([, , stack]) => stack.includes('s7comm')),
    0.12,
    0.16,
    'S7comm',
  );
  near(
    share(([, , stack]) => stack.includes('dnp3')),
    0.06,
    0.1,
    'DNP3',
  );
  near(
    share(([, , stack]) => stack.includes('iec60870')),
    0.05,
    0.08,
    'IEC 104',
  );
  near(
    share(([, vlan]) => vlan !== ''),
    0.22,
    0.32,
    'VLAN',
  );
  const mean = rows.reduce((sum, row) => sum + Number(row.split('\t')[0]), 0) / rows.length;
  near(mean, 90, 115, 'mean length');
});
