/** Queries over the twins of all partitions, page by page. */
import { HubError } from '../hub-error.ts';
import { identityColumns, identityOf } from '../state/identities.ts';
import type { Sql } from '../state/sql.ts';
import { twinOf } from '../state/twins.ts';
import { parseQuery } from './parse.ts';
import { accepts, Groups, isAggregate, show } from './run.ts';
import type { Expression, Query } from './syntax.ts';
import { TwinRow } from './twin-row.ts';

export interface QueryPage {
  /** JSON texts of the rows. */
  readonly items: readonly string[];
  /** What gives the next page, null at the end. */
  readonly continuation: string | null;
  readonly type: 'twin' | 'raw';
}

/** Where a page ended: the partition and the last twin looked at, or how many groups were given. */
interface Place {
  readonly partition: number;
  readonly device: string;
  readonly module: string;
  readonly given: number;
}

/** How long a page may be looked for, milliseconds. What was found until then is given, with where to go on. */
const LONGEST = 5000;
const ROWS_BETWEEN_LOOKS = 256;
const BEGIN: Place = { partition: 0, device: '', module: '', given: 0 };

/**
 * Runs a query over `devices` or `devices.modules`.
 * @throws HubError QueryStoreInvalidQuery, ArgumentInvalid for a continuation that is none, GatewayTimeout
 */
export function queryTwins(
  partitions: readonly Sql[],
  text: string,
  pageSize: number,
  continuation: string | null,
  clock: () => number,
): QueryPage {
  const query = parseQuery(text);
  if (query.from === 'devices.jobs') throw new HubError('QueryStoreInvalidQuery', 'Jobs are queried at /jobs/v2/query.');
  const place = continuation === null ? BEGIN : parsePlace(continuation);
  const deadline = clock() + LONGEST;
  return isAggregate(query)
    ? aggregate(partitions, query, pageSize, place, deadline, clock)
    : list(partitions, query, pageSize, place, deadline, clock);
}

function list(partitions: readonly Sql[], query: Query, pageSize: number, from: Place, deadline: number, clock: () => number): QueryPage {
  const items: string[] = [];
  const most = Math.min(pageSize, query.top === null ? pageSize : query.top - from.given);
  const type = query.projections ? 'raw' : 'twin';
  let place = from;
  for (const { row, at } of rows(partitions, query, from)) {
    if (items.length >= most)
      return {
        items,
        continuation:
          query.top === null || from.given + most < query.top ? formatPlace({ ...place, given: from.given + items.length }) : null,
        type,
      };
    place = at;
    if (accepts(query, row)) items.push(query.projections ? JSON.stringify(show(query.projections, row)) : row.text());
    if (at.given % ROWS_BETWEEN_LOOKS === 0 && clock() > deadline)
      return { items, continuation: formatPlace({ ...place, given: from.given + items.length }), type };
  }
  return { items, continuation: null, type };
}

function aggregate(
  partitions: readonly Sql[],
  query: Query,
  pageSize: number,
  from: Place,
  deadline: number,
  clock: () => number,
): QueryPage {
  const groups = new Groups(query);
  for (const { row, at } of rows(partitions, query, BEGIN)) {
    if (accepts(query, row)) groups.add(row);
    if (at.given % ROWS_BETWEEN_LOOKS === 0 && clock() > deadline)
      throw new HubError(
        'GatewayTimeout',
        `The query was not done within ${LONGEST / 1000} s: narrow it with WHERE deviceId ..., or ask for pages of rows.`,
      );
  }
  const results = groups.results().slice(0, query.top ?? undefined);
  const page = results.slice(from.given, from.given + pageSize);
  const given = from.given + page.length;
  return {
    items: page.map((one) => JSON.stringify(one)),
    continuation: given < results.length ? formatPlace({ ...BEGIN, given }) : null,
    type: 'raw',
  };
}

/** Twins behind a place, each with its own place; `given` counts the rows. */
function* rows(partitions: readonly Sql[], query: Query, from: Place): Generator<{ row: TwinRow; at: Place }> {
  const only = onlyDevice(query.where);
  let given = 0;
  for (let partition = from.partition; partition < partitions.length; partition++) {
    const [device, module] = partition === from.partition ? [from.device, from.module] : ['', ''];
    const sql = partitions[partition];
    const columns = `SELECT ${identityColumns('identity')}, ${TWIN_COLUMNS} FROM identity JOIN twin ON twin.device = identity.device AND twin.module = identity.module`;
    const wanted = query.from === 'devices' ? "identity.module = ''" : "identity.module <> ''";
    const behind = '(identity.device, identity.module) > (?, ?)';
    const found =
      only === undefined
        ? sql.each(`${columns} WHERE ${behind} AND ${wanted} ORDER BY identity.device, identity.module`, device, module)
        : sql.each(`${columns} WHERE identity.device = ? AND ${behind} AND ${wanted} ORDER BY identity.module`, only, device, module);
    for (const row of found) {
      const identity = identityOf(row);
      const at = { partition, device: identity.deviceId, module: identity.moduleId ?? '', given: ++given };
      yield { row: new TwinRow({ identity, twin: twinOf({ ...row, etag: row['twin_etag'] }) }), at };
    }
  }
}

const TWIN_COLUMNS = `twin.etag AS twin_etag, twin.version, twin.model, twin.tags, twin.desired, twin.desired_metadata, twin.desired_version,
  twin.reported, twin.reported_metadata, twin.reported_version`;

/** The device that a condition allows alone, undefined when it allows others. */
function onlyDevice(where: Expression | null): string | undefined {
  if (where?.kind !== 'binary') return undefined;
  const { operator, left, right } = where;
  if (operator === 'and') return onlyDevice(left) ?? onlyDevice(right);
  if (operator !== '=' || left.kind !== 'path' || left.steps.join('.') !== 'deviceId' || right.kind !== 'constant') return undefined;
  return typeof right.value === 'string' ? right.value : undefined;
}

function formatPlace({ partition, device, module, given }: Place): string {
  return Buffer.from(JSON.stringify([partition, device, module, given])).toString('base64');
}

function parsePlace(text: string): Place {
  try {
    const [partition, device, module, given]: unknown[] = JSON.parse(Buffer.from(text, 'base64').toString());
    if (Number.isInteger(partition) && typeof device === 'string' && typeof module === 'string' && Number.isInteger(given))
      return { partition: Number(partition), device, module, given: Number(given) };
  } catch {
    // Told below.
  }
  throw new HubError('ArgumentInvalid', 'The continuation is none that this hub gave: begin the query again.');
}
