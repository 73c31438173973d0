/** What learning says before it does it is what it does; what is rejected is raised; a change of the baseline closes what it covers. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Detection, Learnable } from '@annunciator/core/alert';
import type { ReviewItem } from '@annunciator/core/review';
import { parseLine } from '@annunciator/sensor/baseline/entry';
import { openStore } from '@annunciator/store/store';
import { AlertDesk } from './alert-desk.ts';
import { AlertTypes } from './alert-types.ts';
import { BaselineDesk } from '../baseline/baseline-desk.ts';
import { LearnedAlerts } from './learned-alerts.ts';
import { previewOfIds } from './learn-preview.ts';
import type { SensorLink } from '../sensor-link.ts';
import { StoredBaselines } from '../baseline/stored-baselines.ts';

const PLACE = { sensor: 'Line 4', site: 'Plant', zone: 'Cell' };
const entry = (line: string): Learnable => parseLine(line).learnable;
const end = (ip: string) => ({ device: ip, ip, mac: null, port: null });

async function deskFor(context: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'annunciator-learned-'));
  const store = await openStore(directory);
  context.after(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });
  const stored = new StoredBaselines(store);
  const note = (by: string, about: string) => ({ at: 1, packetTime: 1n, by, action: 'edited' as const, reason: '', about });
  const sensors: Pick<SensorLink, 'learned' | 'unlearned' | 'change' | 'decide'> = {
    learned: async (entries, sensor, { by, alert, at }) => {
      const learn = entries.map((one) => ({ ...one, learned: 1n, origin: { by, at, alert } }));
      await stored.change(sensor, { learn, unlearn: [] }, note(by, alert));
    },
    unlearned: async (entries, sensor, { by, alert }) =>
      void (await stored.change(sensor, { learn: [], unlearn: entries }, note(by, alert))),
    change: (...change) => stored.change(...change),
    decide: (...decision) => stored.decide(...decision),
  };
  const desk = await AlertDesk.open({
    store: store.alerts,
    types: new AlertTypes(),
    sensors,
    audit: store.audit,
    silencers: store.silencers,
  });
  const learned = new LearnedAlerts(desk, store.baseline, (sensor) => Promise.resolve(sensor === PLACE.sensor ? PLACE : undefined));
  const baseline = new BaselineDesk({
    store,
    sensors,
    audit: store.audit,
    alerts: {
      covered: (sensor, entries) => learned.covered(sensor, entries),
      close: async (ids, by) => void (await learned.close(ids, by)),
      raise: (sensor, item) => learned.raise(sensor, item),
    },
  });
  let time = 1_760_000_000_000_000_000n;
  return {
    store,
    desk,
    learned,
    baseline,
    /** Raises one alert and returns its id. */
    raise: async (type: string, source: string, destination: string, ...lines: string[]): Promise<string> => {
      const before = new Set(await idsOf());
      const detection: Detection = {
        type,
        time: (time += 1_000_000_000n),
        source: end(source),
        destination: end(destination),
        protocol: 'modbus',
        message: 'Something happened.',
        expected: '',
        seen: '',
        parameters: {},
        parameterKey: lines.join(),
        frames: [1],
        learn: lines.map(entry),
        internet: false,
      };
      await desk.detect([detection], PLACE);
      const id = (await idsOf()).find((one) => !before.has(one));
      assert.ok(id, 'a new alert');
      return id;
    },
    status: async (id: string) => {
      const alert = await desk.store.get(id);
      return [alert?.status, alert?.disposition];
    },
    entries: async () => (await store.baseline.all(PLACE.sensor)).map(({ aspect, source, value }) => `${aspect} ${source} ${value}`),
  };

  async function idsOf(): Promise<string[]> {
    const page = await store.alerts.page({ filters: [], sort: { column: 'lastDetection', descending: true } }, 1000, null);
    return page.alerts.map(({ id }) => id);
  }
}

const programming = 'device.programming 10.0.0.5';

test('learning closes the other open alerts that its entries cover, and says so before', async (context) => {
  const { raise, learned, status, desk } = await deskFor(context);
  const one = await raise('unauthorized-plc-programming', '10.0.0.5', '10.0.0.9', programming);
  const other = await raise('unauthorized-plc-programming', '10.0.0.5', '10.0.0.8', programming);
  const hidden = await raise('unauthorized-plc-programming', '10.0.0.5', '10.0.0.6', programming);
  const past = await raise('unauthorized-plc-programming', '10.0.0.5', '10.0.0.7', programming);
  await desk.act([past], { kind: 'status', status: 'Closed' }, { by: 'eva' });
  const elsewhere = await raise('unauthorized-plc-programming', '10.0.0.6', '10.0.0.9', 'device.programming 10.0.0.6');
  const never = await raise('controller-stop', '10.0.0.5', '10.0.0.9');
  const ask = (...ids: string[]) => previewOfIds({ desk, learned, sees: ({ id }) => id !== hidden }, ids);
  const preview = await ask(one, never);
  assert.deepEqual([preview.alerts, preview.learnable, preview.closes], [2, 1, 1]);
  assert.deepEqual(
    preview.refused.map(({ code, count }) => [code, count]),
    [['not_learnable', 1]],
  );
  assert.deepEqual(
    preview.entries.map(({ line, known }) => [line, known]),
    [[programming, false]],
  );
  assert.deepEqual(
    [preview.others?.count, preview.others?.alerts.map(({ id }) => id)],
    [2, [other]],
    'one of them is not for the eyes of the asker',
  );
  const { silenced } = preview;
  assert.deepEqual([silenced?.count, silenced?.alerts[0]?.id, silenced?.complete], [1, past, true]);
  assert.ok(silenced?.since);
  const { changed } = await desk.act([one], { kind: 'learn' }, { by: 'eva' });
  assert.deepEqual(changed.map(({ id }) => id).sort(), [one, other, hidden].sort(), 'what it did is what it said');
  assert.deepEqual(await status(one), ['Closed', 'learned']);
  assert.deepEqual(await status(other), ['Closed', 'none']);
  assert.deepEqual(await status(elsewhere), ['New', 'none']);
  assert.deepEqual(
    (await ask(other, elsewhere)).entries.map(({ known }) => known),
    [true, false],
    'what was learned is there already',
  );
  await desk.act([one], { kind: 'unlearn' }, { by: 'eva' });
  assert.deepEqual(await status(one), ['New', 'none']);
});

test('an entry that two learned alerts brought in stays while one of them is learned', async (context) => {
  const { raise, desk, entries } = await deskFor(context);
  const one = await raise('unauthorized-plc-programming', '10.0.0.5', '10.0.0.9', programming);
  const other = await raise('unauthorized-plc-programming', '10.0.0.5', '10.0.0.8', programming);
  await desk.act([one, other], { kind: 'learn' }, { by: 'eva' });
  await desk.act([one], { kind: 'unlearn' }, { by: 'eva' });
  assert.deepEqual(await entries(), ['device.programming 10.0.0.5 ']);
  await desk.act([other], { kind: 'unlearn' }, { by: 'eva' });
  assert.deepEqual(await entries(), []);
});

test('a line with wildcards closes what it covers, is one version, and can be tried first', async (context) => {
  const { raise, baseline, status } = await deskFor(context);
  const line = (source: string, code: number): string => `modbus.function ${source} -> 10.0.0.9 unit=1 function=${code}`;
  const type = 'unpermitted-usage-of-modbus-function-code';
  const covered = await raise(type, '10.0.0.5', '10.0.0.9', line('10.0.0.5', 3));
  const more = await raise(type, '10.0.0.6', '10.0.0.9', line('10.0.0.6', 3), line('10.0.0.6', 16));
  const pattern = 'modbus.function 10.0.0.0/24 -> 10.0.0.9 unit=* function=1-4';
  const order = { by: 'eva', reason: 'new cell', dryRun: true };
  const tried = await baseline.edit(PLACE.sensor, [pattern], [], order);
  assert.deepEqual(tried, { added: [pattern], removed: [], version: 0, closes: [covered], refused: [] });
  assert.deepEqual(await status(covered), ['New', 'none']);
  const done = await baseline.edit(PLACE.sensor, [pattern], [], { ...order, dryRun: false });
  assert.deepEqual(done, { ...tried, version: 1 });
  assert.deepEqual(await status(covered), ['Closed', 'none']);
  assert.deepEqual(await status(more), ['New', 'none'], 'function 16 is not covered');
  const [version] = await baseline.versions(PLACE.sensor, 10);
  assert.deepEqual([version.by, version.action, version.reason, version.added], ['eva', 'edited', 'new cell', 1]);
  assert.equal((await baseline.revert(PLACE.sensor, 0, { by: 'eva', reason: '', dryRun: false })).version, 2);
  assert.equal([...(await baseline.text(PLACE.sensor))].join(''), 'annunciator baseline 1\n');
  assert.equal([...(await baseline.text(PLACE.sensor, 1))].join(''), `annunciator baseline 1\n${pattern}\n`);
  await assert.rejects(baseline.revert(PLACE.sensor, 7, order), /no version 7: its newest is 2/);
  await assert.rejects(baseline.edit(PLACE.sensor, ['device 10.0.0.1 x=1'], [], order), /column 17: device has no "x"; it has no values/);
  await assert.rejects(baseline.import(PLACE.sensor, 'device 10.0.0.1', order), /nothing was changed\. line 1/);
});

test('a rejected operation raises its alert once, and an accepted one is learned', async (context) => {
  const { store, baseline, desk, entries } = await deskFor(context);
  const item = (id: string, destination: string): ReviewItem => ({
    id,
    kind: 'program-upload',
    detection: {
      type: 'unauthorized-plc-program-upload',
      time: 1_760_000_000_000_000_000n,
      source: end('10.0.0.5'),
      destination: end(destination),
      protocol: 's7comm',
      message: 'Read.',
      expected: '',
      seen: '',
      parameters: {},
      parameterKey: '',
      frames: [7],
      learn: [],
      internet: false,
    },
    count: 3,
    firstSeen: 1_760_000_000_000_000_000n,
    lastSeen: 1_760_000_001_000_000_000n,
    frames: [7, 9],
    learn: [entry(`program.upload 10.0.0.5 -> ${destination}`)],
    state: 'pending',
    by: null,
    at: null,
  });
  await store.reviews.put(PLACE.sensor, [item('aa', '10.0.0.9'), item('bb', '10.0.0.8')]);
  const rejected = await baseline.decide(PLACE.sensor, 'aa', 'rejected', 'eva');
  assert.ok(rejected.alert);
  const alert = await desk.store.get(rejected.alert);
  assert.deepEqual([alert?.status, alert?.frames, alert?.learn.length], ['New', [7, 9], 1]);
  assert.equal((await baseline.decide(PLACE.sensor, 'aa', 'rejected', 'eva')).alert, rejected.alert, 'the open one');
  const accepted = await baseline.decide(PLACE.sensor, 'bb', 'accepted', 'eva');
  assert.deepEqual([accepted.alert, accepted.item.state, accepted.item.by], [null, 'accepted', 'eva']);
  assert.deepEqual(await entries(), ['program.upload 10.0.0.5 ']);
  await assert.rejects(baseline.decide(PLACE.sensor, 'cc', 'accepted', 'eva'), /no operation cc/);
  const verbs = (await store.audit.list({ limit: 10 })).map(({ action }) => action);
  assert.deepEqual(verbs, ['baseline.accepted', 'baseline.rejected', 'baseline.rejected']);
});
