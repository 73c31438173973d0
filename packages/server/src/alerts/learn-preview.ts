/** What Learn would do, before it does it: what goes into the baseline, what closes, what cannot be learned and why. */
import type { Learnable } from '@annunciator/core/alert';
import { isFlood } from '@annunciator/core/life-cycle';
import { lineOf } from '@annunciator/sensor/baseline/entry';
import type { AlertMatch, StoredAlert } from '@annunciator/store/alert-query';
import { z } from 'zod';
import type { AlertDesk } from './alert-desk.ts';
import { alertRowSchema, learnLines, recordOf, rowOf, whyNotLearn } from './alert-view.ts';
import type { LearnedAlerts } from './learned-alerts.ts';

/** Alerts whose entries are looked at; of more, the counts are told and the first entries. */
const LOOKED_AT = 2000;
const MOST_LINES = 100;
const BATCH = 500;
/** Other alerts that are shown; all are counted. */
const SHOWN = 20;

const shown = z.array(alertRowSchema).describe(`The newest ${SHOWN} that you may see`);

export const previewSchema = z
  .object({
    alerts: z.number().describe('Alerts that are meant'),
    learnable: z.number().describe('Those that would be learned'),
    closes: z.number().describe('Those among them that are open and would close'),
    refused: z.array(z.object({ code: z.string(), message: z.string(), count: z.number() })),
    entries: z
      .array(
        z.object({
          line: z.string().describe('As the text of the baseline has it'),
          words: z.string(),
          known: z.boolean().describe('The baseline has it already'),
        }),
      )
      .describe('What would go into the baseline; the first ones'),
    entriesInAll: z.number().nullable().describe('Null when there are too many alerts to count'),
    others: z
      .object({ count: z.number(), alerts: shown })
      .nullable()
      .describe('Other open alerts that report nothing else and would close, too; null when there are too many alerts to look'),
    silenced: z
      .object({
        count: z.number(),
        alerts: shown,
        since: z.string().nullable().describe('First detection of the oldest alert that was looked at'),
        complete: z.boolean().describe('False when there were more alerts than are looked at'),
      })
      .nullable()
      .describe('Closed alerts of the same traffic that would not have been raised; null when there are too many alerts to look'),
  })
  .meta({ id: 'LearnPreview' });
export type LearnPreview = z.infer<typeof previewSchema>;

export interface PreviewParts {
  readonly desk: AlertDesk;
  /** Without it nothing is known of the baseline and of other alerts. */
  readonly learned: LearnedAlerts | undefined;
  /** Whether the asker may see an alert. */
  readonly sees: (alert: StoredAlert) => boolean;
}

/** The preview for alerts by their ids. */
export async function previewOfIds(parts: PreviewParts, ids: readonly string[]): Promise<LearnPreview> {
  const found = await parts.desk.newest(ids.slice(0, LOOKED_AT));
  const preview = await previewOf(parts, found, ids.length <= LOOKED_AT);
  const missing = ids.length - found.length;
  const gone = { code: 'not_found', message: 'They may have been removed by retention.', count: missing };
  return {
    ...preview,
    alerts: ids.length,
    refused: missing > 0 && ids.length <= LOOKED_AT ? [...preview.refused, gone] : preview.refused,
  };
}

/** The preview for everything that matches: the counts from the types, the entries from the first alerts. */
export async function previewOfMatch(parts: PreviewParts, match: AlertMatch): Promise<LearnPreview> {
  const { desk } = parts;
  const alerts = await desk.store.count(match);
  const first: StoredAlert[] = [];
  for (let after = 0; first.length < Math.min(alerts, LOOKED_AT); ) {
    const batch = await desk.store.batch(match, after, BATCH);
    if (batch.alerts.length === 0) break;
    first.push(...batch.alerts);
    after = batch.after;
  }
  if (alerts <= LOOKED_AT) return { ...(await previewOf(parts, first, true)), alerts };
  return { ...(await previewOf(parts, first, false)), ...(await countsByType(desk, match)), alerts, entriesInAll: null };
}

/** @param isWhole these are all alerts that are meant */
async function previewOf({ desk, learned, sees }: PreviewParts, alerts: readonly StoredAlert[], isWhole: boolean): Promise<LearnPreview> {
  const refused = new Map<string, { code: string; message: string; count: number }>();
  const learns: StoredAlert[] = [];
  for (const alert of alerts) {
    const why = refusalOf(desk, alert);
    if (!why) learns.push(alert);
    else refused.set(why.code, { ...why, count: (refused.get(why.code)?.count ?? 0) + 1 });
  }
  const entries = new Map<string, { readonly entry: Learnable; readonly words: string; readonly sensor: string }>();
  for (const alert of learns) {
    const words = learnLines(alert);
    alert.learn.forEach((entry, index) => entries.set(lineOf(entry), { entry, words: words[index] ?? '', sensor: alert.sensor }));
  }
  const effects = isWhole ? await learned?.effects(learns) : undefined;
  const rows = (some: readonly StoredAlert[]) =>
    some
      .filter(sees)
      .slice(0, SHOWN)
      .map((alert) => rowOf(recordOf(alert), desk.types));
  return {
    alerts: alerts.length,
    learnable: learns.length,
    closes: learns.filter(({ status }) => status !== 'Closed').length,
    refused: [...refused.values()],
    entries: await Promise.all(
      [...entries].slice(0, MOST_LINES).map(async ([line, { entry, words, sensor }]) => ({
        line,
        words,
        known: (await learned?.holds(sensor, entry)) ?? false,
      })),
    ),
    entriesInAll: entries.size,
    others: effects ? { count: effects.closes.length, alerts: rows(effects.closes) } : null,
    silenced: effects
      ? { count: effects.silenced.length, alerts: rows(effects.silenced), since: effects.since, complete: effects.complete }
      : null,
  };
}

function refusalOf(desk: AlertDesk, alert: StoredAlert): { code: string; message: string } | undefined {
  if (alert.disposition === 'learned') return { code: 'already_learned', message: 'They are learned already.' };
  const flood = isFlood(alert);
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
