import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { PcapState } from '@annunciator/core/alert';
import type { EvidenceRecord } from '@annunciator/store/evidence-records';
import { DAMAGED, DELETED, GONE, PacketEvidence } from './packet-evidence.ts';

const root = mkdtempSync(join(tmpdir(), 'annunciator-packet-evidence-'));
after(() => rmSync(root, { recursive: true }));
let folders = 0;

/** Files of evidence with a store in memory, and what alerts were told. */
class Bench {
  readonly folder = join(root, String(++folders));
  readonly records = new Map<string, EvidenceRecord>();
  readonly told = new Map<string, PcapState>();

  open(budget = 1000): Promise<PacketEvidence> {
    return PacketEvidence.open({
      folder: this.folder,
      budget,
      records: {
        put: (record) => Promise.resolve(void this.records.set(record.alert, record)),
        remove: (alerts) => Promise.resolve(alerts.forEach((alert) => this.records.delete(alert))),
        list: () => Promise.resolve([...this.records.values()]),
      },
      setPackets: (alert, pcap) => Promise.resolve(void this.told.set(alert, pcap)),
    });
  }

  /** Writes a file as a sensor does. */
  write(alert: string, text: string): EvidenceRecord {
    const bytes = Buffer.from(text);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    writeFileSync(join(this.folder, `${sha256}.pcapng`), bytes);
    return { alert, sensor: 's', sha256, size: bytes.length, packets: 1 };
  }

  get files(): number {
    return readdirSync(this.folder).length;
  }
}

test('an alert has the packets that were written last, under their hash', async () => {
  const bench = new Bench();
  const evidence = await bench.open();
  await evidence.written(bench.write('a', 'first'));
  const second = bench.write('a', 'second');
  await evidence.written(second);
  assert.deepEqual(await evidence.read('a'), { bytes: Buffer.from('second'), sha256: second.sha256 });
  assert.deepEqual([bench.files, bench.told.get('a')?.state, await evidence.read('b')], [1, 'available', undefined]);
});

test('alerts with the same packets share a file, which goes with the last of them', async () => {
  const bench = new Bench();
  const evidence = await bench.open();
  for (const alert of ['a', 'b']) await evidence.written(bench.write(alert, 'same'));
  await evidence.forget(['a', 'unknown']);
  assert.deepEqual([bench.files, [...bench.records.keys()]], [1, ['b']]);
  await evidence.forget(['b']);
  assert.deepEqual([bench.files, bench.records.size], [0, 0]);
});

test('the oldest give way within the budget, and their alerts say so', async () => {
  const bench = new Bench();
  const evidence = await bench.open(10);
  for (const alert of ['a', 'b', 'c']) await evidence.written(bench.write(alert, `${alert}1234`));
  assert.deepEqual([bench.files, bench.told.get('a'), await evidence.read('a')], [2, { state: 'expired', reason: DELETED }, undefined]);
  assert.equal(bench.told.get('c')?.state, 'available');
});

test('what is gone or changed on disk is no evidence, also after a restart', async () => {
  const bench = new Bench();
  const evidence = await bench.open();
  const records = ['a', 'b', 'c'].map((alert) => bench.write(alert, alert));
  for (const record of records) await evidence.written(record);
  rmSync(join(bench.folder, `${records[0].sha256}.pcapng`));
  writeFileSync(join(bench.folder, `${records[1].sha256}.pcapng`), 'x');
  assert.deepEqual([await evidence.read('a'), await evidence.read('b')], [GONE, DAMAGED]);
  assert.deepEqual(bench.told.get('b'), { state: 'missing', reason: DAMAGED });
  rmSync(join(bench.folder, `${records[2].sha256}.pcapng`));
  bench.write('nobody', 'left by a run that was killed');
  await bench.open();
  assert.deepEqual(bench.told.get('c'), { state: 'missing', reason: GONE });
  assert.equal(bench.files, 0);
});
