/** What the Alerts page asks: every sort and filter it offers, alone and in the usual pairs; groupings; searches. */
import { ALERT_COLUMNS, GROUP_COLUMNS } from '@annunciator/store/alert-query';

/** A name and the address behind `/api/alerts?`. */
export type Question = readonly [name: string, query: string];

const equals = (column: string, ...values: string[]): string => `filter=${column}:equals:${values.map(encodeURIComponent).join(',')}`;

const OPEN = equals('status', 'New', 'Active');
const DAY = 86_400_000;
const lastDays = (now: number, days: number): string => `from=${new Date(now - days * DAY).toISOString()}`;

/** A usual value of each column that can be filtered. */
export const FILTERS: readonly Question[] = [
  ['severity High', equals('severity', 'High')],
  ['severity above Low', 'filter=severity:greater:Low'],
  ['name, whole', equals('title', 'Unauthorized PLC Programming')],
  ['name contains plc', 'filter=title:contains:plc'],
  ['engine', equals('engine', 'PolicyViolation')],
  ['status open', OPEN],
  ['status not Closed', 'filter=status:notEquals:Closed'],
  ['learned', equals('disposition', 'learned')],
  ['category', equals('category', 'Programming')],
  ['type', equals('type', 'modbus-exception')],
  ['protocol', equals('protocol', 'modbus')],
  ['source device', equals('sourceDevice', 'PLC-AACHEN-0')],
  ['source device starts with hmi', 'filter=sourceDevice:startsWith:hmi'],
  ['source address', equals('sourceAddress', '10.10.0.10')],
  ['source address starts with 10.10.', 'filter=sourceAddress:startsWith:10.10.'],
  ['destination device', equals('destinationDevice', 'PLC-AACHEN-0')],
  ['destination address', equals('destinationAddress', '10.10.0.10')],
  ['device, either end', equals('device', 'PLC-AACHEN-0')],
  ['sensor', equals('sensor', 'sensor-aachen-1')],
  ['site', equals('site', 'Aachen')],
  ['site not', 'filter=site:notEquals:Aachen'],
  ['zone', equals('zone', 'Process control')],
  ['tactic', equals('tactics', 'Impair Process Control')],
  ['id starts with 00', 'filter=id:startsWith:00'],
  ['nothing matches', equals('site', 'Nowhere')],
];

/** Sorts by which people look through what a filter leaves. */
export const USUAL_SORTS = ['-lastDetection', '-severity', 'title', 'sourceDevice', '-firstDetection'];
/** Days back from now. */
export const RANGES = [1, 7, 30, 60];

/** First pages that have to come within 150 ms. */
export function firstPages(now: number): Question[] {
  const sorts = ALERT_COLUMNS.flatMap((column): Question[] => [
    [`by ${column}`, `sort=${column}`],
    [`by ${column}, descending`, `sort=-${column}`],
  ]);
  const pairs = FILTERS.flatMap(([name, filter], at): Question[] =>
    FILTERS.slice(at + 1).map(([other, second]): Question => [`${name} and ${other}`, `${filter}&${second}`]),
  );
  const sorted = FILTERS.flatMap(([name, filter]): Question[] =>
    USUAL_SORTS.map((sort) => [`${name}, by ${sort}`, `${filter}&sort=${sort}`]),
  );
  const ranges = RANGES.flatMap((days): Question[] => [
    [`last ${days} days`, lastDays(now, days)],
    ...FILTERS.map(([name, filter]): Question => [`last ${days} days and ${name}`, `${lastDays(now, days)}&${filter}`]),
  ]);
  const triage: Question[] = [
    [
      'open, High, one site, last 7 days, by severity',
      `${OPEN}&${equals('severity', 'High')}&${equals('site', 'Aachen')}&${lastDays(now, 7)}&sort=-severity`,
    ],
  ];
  return [...sorts, ...FILTERS, ...sorted, ...pairs, ...ranges, ...triage];
}

/** Group counts and the values of Add filter, which have to come within 300 ms. */
export function groupings(now: number): Question[] {
  return GROUP_COLUMNS.flatMap((column): Question[] => [
    [`all by ${column}`, `groups?by=${column}`],
    [`open by ${column}`, `groups?by=${column}&${OPEN}`],
    [`last 30 days by ${column}`, `groups?by=${column}&${lastDays(now, 30)}`],
    [`values of ${column}, open and site`, `facets?column=${column}&${OPEN}&${equals('site', 'Aachen')}`],
  ]);
}

/** Searches, which have to come within 300 ms. */
export const SEARCHES: readonly Question[] = [
  ['one device', 'search=HMI-AACHEN-1'],
  ['a rare number', 'search=3999'],
  ['an address', 'search=10.12.1.17'],
  ['part of a name', 'search=modbus'],
  ['in every alert', 'search=sent'],
  ['in every alert, short', 'search=a'],
  ['three words', 'search=plc%20modbus%20number'],
  ['words in quotes', `search=${encodeURIComponent('"which it did not do while"')}`],
  ['nothing', 'search=nothinglikethis'],
  ['a piece of an id', 'search=0a1b2c'],
  ['a word among open ones, by severity', `search=plc&${OPEN}&sort=-severity`],
];
