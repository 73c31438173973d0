/** What Learn would do, before it does it: what goes into the baseline, what closes, what cannot be learned and why. */
import type { AlertMatch, StoredAlert } from '@annunciator/store/alert-query';
import { z } from 'zod';
import type { AlertDesk } from './alert-desk.ts';
import { learnLines, whyNotLearn } from './alert-view.ts';

/** Alerts whose entries are looked at; of more, the counts are told and the first entries. */
const LOOKED_AT = 2000;
const MOST_LINES = 100;
const BATCH = 500;
/** Alerts for which earlier ones of the same traffic are counted. */
const COMPARED = 20;

export const previewSchema = z
  .object({
    alerts: z.number().describe('Alerts that are meant'),
    learnable: z.number().describe('Those that would be learned'),
    closes: z.number().describe('Those among them that are open and would close'),
    others: z
      .number()
      .nullable()
      .describe('Other open alerts that report nothing else and would close, too; null when there are too many alerts to look'),
    refused: z.array(z.object({ code: z.string(), message: z.string(), count: z.number() })),
    entries: z.array(z.string()).describe('What would go into the baseline, a line each; the first ones'),
    entriesInAll: z.number().nullable().describe('Null when there are too many alerts to count'),
    earlier: z.number().nullable().describe('Closed alerts of the same traffic that would not have been raised; null for many alerts'),
  })
  .meta({ id: 'LearnPreview' });
export type LearnPreview = z.infer<typeof previewSchema>;

/** How many open alerts beside these would close; as {@link LearnedAlerts.preview} tells. */
export type CountOthers = (ids: readonly string[]) => Promise<number>;

/** The preview for alerts by their ids. */
export async function previewOfIds(desk: AlertDesk, ids: readonly string[], countOthers: CountOthers): Promise<LearnPreview> {
  const found = await desk.newest(ids.slice(0, LOOKED_AT));
  const preview = tally(desk, found);
  const missing = ids.length - found.length;
  const gone = { code: 'not_found', message: 'They may have been removed by retention.', count: missing };
  return {
    ...preview,
    alerts: ids.length,
    refused: missing > 0 && ids.length <= LOOKED_AT ? [...preview.refused, gone] : preview.refused,
    others: ids.length <= LOOKED_AT ? await countOthers(ids) : null,
    earlier: await earlier(desk, found),
  };
}

/** The preview for everything that matches: the counts from the types, the entries from the first alerts. */
export async function previewOfMatch(desk: AlertDesk, match: AlertMatch, countOthers: CountOthers): Promise<LearnPreview> {
  const alerts = await desk.store.count(match);
  const first: StoredAlert[] = [];
  for (let after = 0; first.length < Math.min(alerts, LOOKED_AT); ) {
    const batch = await desk.store.batch(match, after, BATCH);
    if (batch.alerts.length === 0) break;
    first.push(...batch.alerts);
    after = batch.after;
  }
  const preview = tally(desk, first);
  if (alerts <= LOOKED_AT) {
    const others = await countOthers(first.map(({ id }) => id));
    return { ...preview, alerts, others, earlier: await earlier(desk, first) };
  }
  return { ...preview, ...(await countsByType(desk, match)), alerts, entriesInAll: null, earlier: null };
}

function tally(desk: AlertDesk, alerts: readonly StoredAlert[]): LearnPreview {
  const lines = new Set<string>();
  const refused = new Map<string, { code: string; message: string; count: number }>();
  let learnable = 0;
  let closes = 0;
  for (const alert of alerts) {
    const why = refusalOf(desk, alert);
    if (why) {
      const known = refused.get(why.code) ?? { ...why, count: 0 };
      refused.set(why.code, { ...known, count: known.count + 1 });
      continue;
    }
    learnable++;
    if (alert.status !== 'Closed') closes++;
    for (const line of learnLines(alert)) lines.add(line);
  }
  return {
    alerts: alerts.length,
    learnable,
    closes,
    others: null,
    refused: [...refused.values()],
    entries: [...lines].slice(0, MOST_LINES),
    entriesInAll: lines.size,
    earlier: null,
  };
}

function refusalOf(desk: AlertDesk, alert: StoredAlert): { code: string; message: string } | undefined {
  if (alert.disposition === 'learned') return { code: 'already_learned', message: 'They are learned already.' };
  const flood = alert.parameters['flood'] === true;
  const why = whyNotLearn(flood, desk.types.get(alert.type));
  return why === null ? undefined : { code: flood ? 'is_flood' : 'not_learnable', message: why };
}

async function countsByType(desk: AlertDesk, match: AlertMatch): Promise<Pick<LearnPreview, 'learnable' | 'closes' | 'refused'>> {
  const and = (column: 'disposition' | 'status', value: string): AlertMatch => ({
    ...match,
    filters: [...match.filters, { column, operator: 'notEquals', values: [value] }],
  });
  const sum = async (some: AlertMatch): Promise<{ learnable: number; all: number }> => {
    const { groups } = await desk.store.groups(some, 'type');
    const all = groups.reduce((total, { count }) => total + count, 0);
    const learnable = groups.reduce((total, { value, count }) => total + (desk.types.get(value)?.learnable ? count : 0), 0);
    return { learnable, all };
  };
  const unlearned = await sum(and('disposition', 'learned'));
  const open = await sum(and('status', 'Closed'));
  const refused = unlearned.all - unlearned.learnable;
  return {
    learnable: unlearned.learnable,
    closes: open.learnable,
    refused: refused > 0 ? [{ code: 'not_learnable', message: 'Their traffic is never normal.', count: refused }] : [],
  };
}

/** Earlier alerts of the traffic of some; undecided for many. */
async function earlier(desk: AlertDesk, alerts: readonly StoredAlert[]): Promise<number | null> {
  if (alerts.length > COMPARED) return null;
  const own = new Set(alerts.map((alert) => alert.id));
  let count = 0;
  for (const { type, key, source, destination } of alerts.filter((alert) => !refusalOf(desk, alert))) {
    const ends = [
      ...(source ? [{ column: 'sourceDevice' as const, operator: 'equals' as const, values: [source.device] }] : []),
      ...(destination ? [{ column: 'destinationDevice' as const, operator: 'equals' as const, values: [destination.device] }] : []),
    ];
    const same: AlertMatch = { filters: [{ column: 'type', operator: 'equals', values: [type] }, ...ends] };
    const { alerts: candidates } = await desk.store.batch(same, 0, BATCH);
    count += candidates.filter((other) => other.key === key && !own.has(other.id)).length;
  }
  return count;
}
