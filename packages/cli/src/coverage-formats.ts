/** The catalogue of alert types as text, JSON, CSV and as a layer of the ATT&CK Navigator. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AlertType } from '@annunciator/core/alert-type';
import { CATALOGUE, ENGINE_NAMES } from '@annunciator/core/catalogue';
import { navigatorLayer } from '@annunciator/core/navigator';
import { thresholdText } from '@annunciator/core/threshold-text';
import type { CoverageFormat } from './coverage.ts';
import { csvCell } from './formats/csv.ts';
import { table } from './formats/table.ts';
import { VERSION } from './version.ts';

/** One type of alert, as JSON and CSV list it. */
export interface CoverageRow {
  readonly id: string;
  readonly title: string;
  readonly engine: string;
  readonly severity: string;
  readonly detected: boolean;
  /** 1: open specifications; 2: partly public ones; 3: the protocol is closed. */
  readonly tier: number;
  /** What raises it, or why nothing does. */
  readonly trigger: string;
  readonly threshold: string;
  /** What else raises it. */
  readonly also: readonly string[];
  readonly tactics: readonly string[];
  readonly techniques: readonly string[];
  readonly protocols: readonly string[];
  /** Public captures that raise it, as the last accuracy run found. */
  readonly captures: readonly string[];
}

const RAISED_BY = join(import.meta.dirname, '../../../docs/reference/alert-captures.json');

/** Which captures raise a type: what `npm run accuracy` wrote, empty without. */
function captures(): Readonly<Record<string, readonly string[]>> {
  if (!existsSync(RAISED_BY)) return {};
  return JSON.parse(readFileSync(RAISED_BY, 'utf8')) as Record<string, string[]>; // the file that this project writes
}

export function coverageRows(): CoverageRow[] {
  const raisedBy = captures();
  return CATALOGUE.map((type) => ({
    id: type.id,
    title: type.title,
    engine: type.engine,
    severity: type.severity,
    detected: type.detected,
    tier: type.tier,
    trigger: type.trigger,
    threshold: thresholdText(type.threshold),
    also: type.also,
    tactics: type.tactics.map(({ id }) => id),
    techniques: type.techniques.map(({ id }) => id),
    protocols: type.protocols,
    captures: raisedBy[type.id] ?? [],
  }));
}

export function* printCoverage(format: CoverageFormat, width: number): Iterable<string> {
  switch (format) {
    case 'json':
      yield `${JSON.stringify({ version: VERSION, types: coverageRows() }, null, 2)}\n`;
      return;
    case 'csv':
      yield* csv(coverageRows());
      return;
    case 'navigator':
      yield `${JSON.stringify(navigatorLayer(CATALOGUE, VERSION), null, 2)}\n`;
      return;
    case 'text':
      yield* text(width);
      return;
    default:
      format satisfies never;
  }
}

function* csv(rows: readonly CoverageRow[]): Iterable<string> {
  const cells = (row: CoverageRow): (string | number | boolean)[] =>
    Object.values(row).map((cell: string | number | boolean | readonly string[]) => (typeof cell === 'object' ? cell.join('; ') : cell));
  yield `${Object.keys(rows[0] ?? {}).join(',')}\r\n`;
  for (const row of rows) yield `${cells(row).map(csvCell).join(',')}\r\n`;
}

const COLUMNS = [{ title: 'Type' }, { title: 'Severity' }, { title: 'ATT&CK', least: 12 }, { title: 'Raised when', least: 30 }];

function* text(width: number): Iterable<string> {
  const detected = CATALOGUE.filter((type) => type.detected);
  yield `${detected.length} of ${CATALOGUE.length} types of alert are detected.\n`;
  for (const [engine, name] of Object.entries(ENGINE_NAMES)) {
    const types = CATALOGUE.filter((type) => type.engine === engine);
    if (types.length === 0) continue;
    const known = types.filter((type) => type.detected);
    yield `\n${name}: ${known.length} of ${types.length}\n`;
    for (const line of table(COLUMNS, known.map(cells), width)) yield `${line}\n`;
    const missing = types.filter((type) => !type.detected);
    if (missing.length > 0) yield '\nNot detected:\n';
    for (const type of missing) yield `  ${type.title}: ${type.trigger}\n`;
  }
}

function cells(type: AlertType): string[] {
  const threshold = thresholdText(type.threshold);
  return [type.title, type.severity, type.techniques.map(({ id }) => id).join(' '), threshold || type.trigger];
}
