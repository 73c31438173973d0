/** Runs `annunciator rules check`, `test` and `fields`: no system is needed for any of them. */
import { readFile } from 'node:fs/promises';
import { FIELDS } from '@annunciator/sensor/rules/fields';
import { checkedRules } from '@annunciator/sensor/rules/checked-text';
import { DEFAULT_RULE_SETTINGS, type Rule, type RuleSettings } from '@annunciator/sensor/rules/rule';
import { tryRules } from '@annunciator/sensor/rules/trial';
import type { Problem } from '@annunciator/server/http/request-error';
import { type TrialView, trialView } from '@annunciator/server/rules/rule-view';
import { ExitCode, UsageError } from './exit-codes.ts';
import { printable, wrap } from './formats/printable.ts';
import { table } from './formats/table.ts';
import { progressOn } from './progress.ts';
import type { RuleTestFlags } from './rules.ts';

const WIDTH = 116;

/** Rules of a text with what they share. @throws UsageError that names each fault with its place */
export async function readRules(file: string): Promise<{ rules: readonly Rule[]; settings: RuleSettings }> {
  const read = checkedRules(await readFile(file, 'utf8'), DEFAULT_RULE_SETTINGS);
  refuseFaults(file, read.problems);
  return { rules: read.rules.map(({ rule }) => rule), settings: read.settings };
}

/** @throws UsageError that names each fault with its place, when there are any */
export function refuseFaults(file: string, faults: readonly Problem[]): void {
  if (faults.length === 0) return;
  const lines = faults.map(({ part, message, line, column }) => {
    const place = line === undefined ? file : `${file}:${line}:${column ?? 1}`;
    return printable(part === 'text' ? `${place}: ${message}` : `${place}: ${part}: ${message}`);
  });
  throw new UsageError(lines.join('\n'));
}

export async function checkRules(file: string): Promise<void> {
  const { rules } = await readRules(file);
  const off = rules.filter(({ enabled }) => !enabled).length;
  console.log(`${rules.length === 1 ? 'One rule' : `${rules.length} rules`}, nothing is wrong${off > 0 ? `; ${off} disabled` : ''}.`);
}

export async function testRules(file: string, { capture, limit, format, data, sensor }: RuleTestFlags): Promise<number> {
  if (capture === undefined) {
    const { trialOnSystem } = await import('./up/rules-run.ts');
    const { complete, ...trial } = await trialOnSystem(data, sensor, file, limit);
    if (format === 'json') console.log(JSON.stringify({ ...trial, complete }, null, 2));
    else for (const line of linesOf(trial)) console.log(line);
    if (!complete) console.error('Older packets were left out, or some could not be read: the counts are of the time above.');
    return ExitCode.Done;
  }
  const { rules, settings } = await readRules(file);
  const progress = progressOn(process.stderr);
  const { trial, errors } = await tryRules(capture, rules, settings, { limit, progress: progress.step });
  progress.end();
  for (const error of errors) console.error(error.message);
  if (trial.packets === 0 && errors.length === capture.length) return ExitCode.Unreadable;
  const told = trialView(
    trial,
    rules.map(({ name }) => name),
  );
  if (format === 'json') console.log(JSON.stringify(told, null, 2));
  else for (const line of linesOf(told)) console.log(line);
  return errors.length > 0 ? ExitCode.Unreadable : ExitCode.Done;
}

function* linesOf({ packets, from, to, rules }: TrialView): Generator<string> {
  yield `${packets.toLocaleString('en')} packets${from === null ? '' : `, ${from} to ${to ?? ''}`}`;
  yield '';
  const rows = rules.map(({ name, count, first, last }) => [printable(name), count.toLocaleString('en'), first ?? '', last ?? '']);
  yield* table([{ title: 'Rule', least: 20 }, { title: 'Held', align: 'right' }, { title: 'First' }, { title: 'Last' }], rows, WIDTH);
  for (const { name, count, matches } of rules) {
    if (matches.length === 0) continue;
    yield '';
    yield printable(name);
    for (const { time, frames, message } of matches) yield `  ${time}  frame ${frames.join(' to ')}  ${printable(message)}`;
    if (count > matches.length) yield `  and ${(count - matches.length).toLocaleString('en')} times more`;
  }
}

export function listFields(protocol: string | undefined): void {
  if (protocol === undefined) {
    const rows = [...FIELDS.values()].map(({ protocol: id, name, fields }) => [id, name, String(fields.size)]);
    for (const line of table([{ title: 'Protocol' }, { title: 'Name' }, { title: 'Fields', align: 'right' }], rows, WIDTH))
      console.log(line);
    return;
  }
  const known = FIELDS.get(protocol.toLowerCase());
  if (!known) throw new UsageError(`There is no protocol "${protocol}"; "annunciator rules fields" lists them.`);
  for (const { name, kind, about, words } of known.fields.values()) {
    const values = Object.values(words).join(', ');
    const [first = '', ...rest] = wrap(values ? `${about}: ${values}` : about, WIDTH - 36);
    console.log(`${name.padEnd(24)}  ${kind.padEnd(8)}  ${first}`);
    for (const line of rest) console.log(`${' '.repeat(36)}${line}`);
  }
}
