/** The audit log: who did what, when and from where. */
import { Readable } from 'node:stream';
import { toMilliseconds } from '@annunciator/core/time';
import type { AuditQuery, StoredAuditEntry } from '@annunciator/store/audit-log';
import { z } from 'zod';
import type { App } from '../app.ts';
import type { AuditReader } from '../audit.ts';
import { type CsvColumn, csvHeaderLine, csvRowsOf } from '@annunciator/core/csv';
import { refusalSchema } from '../http/error-answers.ts';
import { several } from '../http/filter-address.ts';
import { timeOf } from '../http/time-address.ts';

const CSV_BATCH = 1000;
const tags = ['Audit'];
const values = several(z.string().max(200));
const addressSchema = z.object({
  search: z.string().max(200).optional().describe('Text in any part of an entry'),
  from: z.string().max(40).optional().describe('Earliest time, ISO 8601 with offset'),
  to: z.string().max(40).optional().describe('Latest time, ISO 8601 with offset'),
  who: values.describe('Names of users, and of tokens as the log writes them'),
  action: values.describe('Verbs such as user.change'),
  on: z.string().max(200).optional().describe('Id of what was acted upon'),
});
const state = z.record(z.string(), z.json()).nullable();
const entrySchema = z
  .object({
    number: z.number(),
    at: z.string().describe('ISO 8601, UTC'),
    who: z.string(),
    action: z.string(),
    on: z.array(z.string()).describe('Ids of what was acted upon'),
    address: z.string().nullable().describe('IP address that the request came from'),
    details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
    before: state.describe('What was changed, as it was'),
    after: state.describe('What was changed, as it is'),
  })
  .meta({ id: 'AuditEntry' });
type EntryView = z.infer<typeof entrySchema>;
const counts = z.array(z.object({ value: z.string(), count: z.number() }));

const CSV: readonly CsvColumn<EntryView>[] = [
  ['Number', ({ number }) => String(number)],
  ['Time', ({ at }) => at],
  ['Who', ({ who }) => who],
  ['Action', ({ action }) => action],
  ['On', ({ on }) => on.join('; ')],
  ['Address', ({ address }) => address ?? ''],
  ['Details', ({ details }) => jsonOf(details)],
  ['Before', ({ before }) => jsonOf(before)],
  ['After', ({ after }) => jsonOf(after)],
];

export function addAuditRoutes(app: App, { log }: { log: AuditReader }): void {
  app.get(
    '/api/audit',
    {
      config: { permission: 'audit.view' },
      schema: {
        tags,
        summary: 'A page of the audit log, newest first',
        querystring: addressSchema.extend({
          cursor: z.coerce.number().int().min(1).optional().describe('`next` of the page before'),
          limit: z.coerce.number().int().min(1).max(1000).default(200),
        }),
        response: {
          200: z.object({ entries: z.array(entrySchema), next: z.number().nullable() }).meta({ id: 'AuditPage' }),
          400: refusalSchema,
        },
      },
    },
    async (request) => {
      const { cursor, limit } = request.query;
      const found = await log.list({ ...queryOf(request.query), limit: limit + 1, ...(cursor === undefined ? {} : { before: cursor }) });
      const shown = found.slice(0, limit);
      return { entries: shown.map(viewOf), next: found.length > limit ? (shown.at(-1)?.number ?? null) : null };
    },
  );

  app.get(
    '/api/audit/values',
    {
      config: { permission: 'audit.view' },
      schema: {
        tags,
        summary: 'Who is in the log and what they did, to filter by',
        response: { 200: z.object({ who: counts, action: counts }) },
      },
    },
    async () => {
      const { who, action } = await log.values();
      return { who: [...who], action: [...action] };
    },
  );

  app.get(
    '/api/audit.csv',
    {
      config: { permission: 'audit.view', answers: 'text/csv' },
      schema: { tags, summary: 'Every entry that matches, as CSV', querystring: addressSchema },
    },
    (request, reply) => {
      // A question that cannot be read is refused before the file begins.
      const query = queryOf(request.query);
      const lines = async function* () {
        yield csvHeaderLine(CSV.map(([header]) => header));
        for (let before: number | undefined; ; ) {
          const found = await log.list({ ...query, limit: CSV_BATCH, ...(before === undefined ? {} : { before }) });
          if (found.length > 0) yield csvRowsOf(CSV, found.map(viewOf));
          if (found.length < CSV_BATCH) return;
          before = found.at(-1)?.number;
        }
      };
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="audit.csv"')
        .send(Readable.from(lines()));
    },
  );
}

function queryOf({ search, from, to, who, action, on }: z.infer<typeof addressSchema>): Omit<AuditQuery, 'limit'> {
  const text = search?.trim();
  const earliest = timeOf('from', from);
  const latest = timeOf('to', to);
  return {
    ...(text ? { search: text } : {}),
    ...(earliest === undefined ? {} : { from: toMilliseconds(earliest) }),
    ...(latest === undefined ? {} : { to: toMilliseconds(latest) }),
    ...(who ? { who } : {}),
    ...(action ? { actions: action } : {}),
    ...(on === undefined ? {} : { on }),
  };
}

function viewOf({ number, at, who, action, on, details = {}, before, after, address }: StoredAuditEntry): EntryView {
  return {
    number,
    at: new Date(at).toISOString(),
    who,
    action,
    on: [...on],
    address: address ?? null,
    details: { ...details },
    before: before ? jsonCopy(before) : null,
    after: after ? jsonCopy(after) : null,
  };
}

/** The schema's lists can be changed, the log's cannot. */
function jsonCopy(value: NonNullable<StoredAuditEntry['before']>): NonNullable<EntryView['before']> {
  return structuredClone(value) as NonNullable<EntryView['before']>;
}

function jsonOf(value: object | null): string {
  return value === null || Object.keys(value).length === 0 ? '' : JSON.stringify(value);
}
