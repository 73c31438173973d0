import assert from 'node:assert/strict';
import { appendFile, mkdtemp, open, readdir, rm, stat, truncate, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { HubOperation } from '@annunciator/rules/hub-operation';
import { Journal, type JournalLimits } from './journal.ts';
import { decodeRecord, encodeRecord, type JournalEntry, type PlacedEntry } from './record.ts';

const OPERATION: HubOperation = {
  time: 1_700_000_000_000,
  category: 'DeviceTelemetry',
  operation: 'ingress',
  side: 'device',
  result: 'accepted',
  statusCode: 0,
  reason: null,
  detail: null,
  deviceId: 'pump',
  moduleId: null,
  protocol: 'MQTT',
  authentication: 'sas',
  policy: null,
  sizeBytes: 5,
  ipAddress: '192.0.2.1',
  durationMs: 0,
  count: 1,
};
const LIMITS: JournalLimits = { maxBytes: 1 << 30, segmentBytes: 1 << 20, retentionMs: 86_400_000, maxPendingBytes: 1 << 20 };
const STAMP = { deviceId: 'pump', moduleId: null, generationId: '1', authMethod: '{}', protocol: 'MQTT' } as const;

function operation(detail: string): JournalEntry {
  return { operation: { ...OPERATION, detail }, event: null };
}

function event(sequenceNumber: number, body: Uint8Array): JournalEntry {
  return { operation: OPERATION, event: { sequenceNumber, stamp: STAMP, system: { messageId: 'ä' }, application: { a: null }, body } };
}

async function folder(context: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'annunciator-journal-'));
  context.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function all(journal: Journal, from = 0): Promise<PlacedEntry[]> {
  const entries: PlacedEntry[] = [];
  for await (const entry of journal.read(from)) entries.push(entry);
  return entries;
}

const details = (entries: readonly PlacedEntry[]): (string | null)[] => entries.map((entry) => entry.operation.detail);

test('a record comes back as it was written, and a changed one is damage', () => {
  const entry = event(7, Buffer.from([0, 1, 255]));
  const record = encodeRecord(entry);
  const decoded = decodeRecord(record, 0, 1 << 20);
  assert.ok(typeof decoded === 'object' && 'entry' in decoded);
  assert.deepEqual(
    { ...decoded.entry, event: { ...decoded.entry.event, body: [...(decoded.entry.event?.body ?? [])] } },
    { ...entry, event: { ...entry.event, body: [0, 1, 255] } },
  );
  assert.equal(decoded.bytes, record.length);
  for (let at = 8; at < record.length; at += 7) {
    const changed = Buffer.from(record);
    changed[at] ^= 1;
    assert.equal(decodeRecord(changed, 0, 1 << 20), 'damaged');
  }
  assert.deepEqual(decodeRecord(record.subarray(0, 20), 0, 1 << 20), { needed: record.length });
});

test('records are read back in order over several files, from any of their positions', async (context) => {
  const path = await folder(context);
  const journal = await Journal.open(path, { ...LIMITS, segmentBytes: 4096 });
  for (let at = 0; at < 100; at++) await journal.append(operation(String(at)));
  const entries = await all(journal);
  assert.deepEqual(
    details(entries),
    Array.from({ length: 100 }, (_, at) => String(at)),
  );
  assert.ok((await readdir(path)).length > 5);
  assert.deepEqual(details(await all(journal, entries[60].position)), details(entries.slice(60)));
  await journal.close();
  const again = await Journal.open(path, LIMITS);
  assert.deepEqual(details(await all(again)), details(entries));
  assert.equal(again.end, journal.end);
  await again.close();
});

test('what a crash left unfinished is cut off, and everything before it stays', async (context) => {
  const path = await folder(context);
  const journal = await Journal.open(path, LIMITS);
  for (let at = 1; at <= 10; at++) await journal.append(event(journal.takeSequence(), Buffer.from(String(at))));
  await journal.close();
  const [name] = await readdir(path);
  const file = join(path, name);
  const { size } = await stat(file);
  for (const damage of [
    () => truncate(file, size - 3),
    () => appendFile(file, 'half a record'),
    () => appendFile(file, Buffer.alloc(5000)),
  ]) {
    await damage();
    const opened = await Journal.open(path, LIMITS);
    const count = (await all(opened)).length;
    assert.ok(count >= 9);
    const placed = await opened.append(event(opened.takeSequence(), Buffer.from('next')));
    assert.equal(placed.event?.sequenceNumber, count + 1);
    assert.equal((await all(opened)).length, count + 1);
    await opened.close();
  }
});

test('the oldest files give way to the budget and to age, and readers begin at what is left', async (context) => {
  const path = await folder(context);
  const journal = await Journal.open(path, { ...LIMITS, segmentBytes: 4096, maxBytes: 20_000 });
  for (let at = 0; at < 200; at++) await journal.append(event(journal.takeSequence(), Buffer.alloc(100)));
  assert.ok(journal.end - journal.begin < 20_000 + 4096);
  assert.ok(journal.droppedBytes > 0);
  const entries = await all(journal);
  assert.equal(entries[0].position, journal.begin);
  assert.equal(entries[0].event?.sequenceNumber, journal.sequences.first);
  assert.equal(entries.at(-1)?.event?.sequenceNumber, 200);
  const old = new Date(Date.now() - 2 * LIMITS.retentionMs);
  for (const name of await readdir(path)) await utimes(join(path, name), old, old);
  await journal.prune(Date.now());
  assert.equal((await readdir(path)).length, 1);
  await journal.close();
});

test('those who listen are told after the disk, in order', async (context) => {
  const journal = await Journal.open(await folder(context), LIMITS);
  const told: (string | null)[] = [];
  journal.listen((entries) => told.push(...details(entries)));
  await Promise.all(
    Array.from({ length: 50 }, (_, at) => journal.append(operation(String(at))).then(() => assert.ok(told.includes(String(at))))),
  );
  assert.deepEqual(
    told,
    Array.from({ length: 50 }, (_, at) => String(at)),
  );
  await journal.close();
});

test('more than may wait for the disk is refused, and so is everything after the end', async (context) => {
  const journal = await Journal.open(await folder(context), { ...LIMITS, maxPendingBytes: 2000 });
  const appended = Array.from({ length: 20 }, (_, at) => journal.append(operation(String(at))));
  const outcomes = await Promise.allSettled(appended);
  const refused = outcomes.filter(({ status }) => status === 'rejected');
  assert.ok(refused.length > 0 && refused.length < 20);
  assert.equal((await all(journal)).length, 20 - refused.length);
  await journal.close();
  await assert.rejects(journal.append(operation('late')), { code: 'ServiceUnavailable' });
});

test('a write that fails refuses what it held, and what was acknowledged before stays readable', async (context) => {
  const path = await folder(context);
  const journal = await Journal.open(path, LIMITS);
  await journal.append(operation('before'));
  // A file system that is full in the middle of a write.
  const probe = await open(join(path, 'probe'), 'w');
  const prototype: { writev: (...given: unknown[]) => Promise<{ bytesWritten: number }> } = Object.getPrototypeOf(probe);
  await probe.close();
  const { writev } = prototype;
  prototype.writev = async function (this: unknown, buffers: unknown, position: unknown) {
    await writev.call(this, [Buffer.from((buffers as Buffer[])[0].subarray(0, 10))], position);
    throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  };
  await assert.rejects(journal.append(operation('lost')), { code: 'StorageFull' });
  prototype.writev = writev;
  await journal.append(operation('after'));
  assert.deepEqual(details(await all(journal)), ['before', 'after']);
  await journal.close();
});
