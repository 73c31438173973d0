/** Runs `annunciator baseline ...`: reads what the person named, asks, and prints. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { BaselineOutcome, BaselineState } from '@annunciator/server/baseline/baseline-desk';
import { UsageError } from '../exit-codes.ts';
import { printable, wrap } from '../formats/printable.ts';
import { table } from '../formats/table.ts';
import { writeFile, writeOut } from '../output.ts';
import { type BaselineAccess, onBaselines, type ReviewLine } from './baseline-access.ts';
import type { BaselineFlags } from './baseline-command.ts';

const WIDTH = 116;
/** Changed lines that are printed. */
const MAX_LINES = 40;

interface ChangeFlags extends BaselineFlags {
  reason: string;
  dryRun: boolean;
}

export function exportBaseline(flags: BaselineFlags & { version?: number; origins: boolean; out?: string }): Promise<void> {
  return onBaselines(flags.data, async (access) => {
    const text = await access.text(await chosen(access, flags), flags.version, flags.origins);
    if (flags.out === undefined) await writeOut(text);
    else await writeFile(flags.out, text);
  });
}

export async function importBaseline(file: string, flags: ChangeFlags): Promise<void> {
  const text = await readFile(file, 'utf8');
  return onBaselines(flags.data, async (access) => tell(await access.import(await chosen(access, flags), text, flags), flags.dryRun));
}

export function revertBaseline(version: number, flags: ChangeFlags): Promise<void> {
  return onBaselines(flags.data, async (access) => tell(await access.revert(await chosen(access, flags), version, flags), flags.dryRun));
}

export function diffBaselines(from: string | undefined, to: string | undefined, flags: BaselineFlags): Promise<void> {
  return onBaselines(flags.data, async (access) => {
    const sensor = await chosen(access, flags);
    const before = from === undefined ? { version: (await access.versions(sensor, 1))[0]?.number ?? 0 } : await stateOf(from);
    await writeOut(await access.difference(sensor, before, await stateOf(to ?? 'now')));
  });
}

export function listVersions(flags: BaselineFlags & { limit: number }): Promise<void> {
  return onBaselines(flags.data, async (access) => {
    const sensor = await chosen(access, flags);
    const versions = await access.versions(sensor, flags.limit);
    if (versions.length === 0) {
      console.log(`The baseline of ${sensor} has no versions yet: one is made when learning ends, and by every change.`);
      return;
    }
    const rows = versions.map(({ number, at, by, action, added, removed, entries, reason }) =>
      [
        String(number),
        `${at.slice(0, 19)}Z`,
        by ?? 'the sensor',
        action.replaceAll('-', ' '),
        `+${added}`,
        `-${removed}`,
        entries.toLocaleString('en'),
        reason,
      ].map(printable),
    );
    const right = { align: 'right' } as const;
    const columns = [
      { title: 'Version', ...right },
      { title: 'At' },
      { title: 'By', least: 10 },
      { title: 'What' },
      { title: 'Came', ...right },
      { title: 'Went', ...right },
      { title: 'Entries', ...right },
      { title: 'Why', least: 10 },
    ];
    for (const line of table(columns, rows, WIDTH)) console.log(line);
  });
}

export function listReview(flags: BaselineFlags & { all: boolean }): Promise<void> {
  return onBaselines(flags.data, async (access) => {
    const items = (await access.review(await chosen(access, flags))).filter(({ state }) => flags.all || state === 'pending');
    if (items.length === 0) console.log(flags.all ? 'The review list is empty.' : 'Nothing waits for a decision.');
    for (const item of items) for (const line of reviewLines(item)) console.log(line);
  });
}

function reviewLines({ id, title, state, by, message, count, firstSeen, lastSeen, learns }: ReviewLine): string[] {
  const decided = state === 'pending' ? '' : `  (${state} by ${by ?? 'nobody'})`;
  const when = count > 1 ? `${firstSeen} to ${lastSeen}, ${count.toLocaleString('en')} times` : firstSeen;
  const say = (text: string): string[] => wrap(printable(text), WIDTH - 4).map((line) => `    ${line}`);
  const waits = learns.map((line, at) => (at === 0 ? `accepting learns  ${line}` : `                  ${line}`));
  return [`${id.slice(0, 12)}  ${title}${decided}`, ...say(message), ...say(when), ...waits.flatMap(say)];
}

export function decideReview(ids: readonly string[], state: 'accepted' | 'rejected', flags: BaselineFlags): Promise<void> {
  return onBaselines(flags.data, async (access) => {
    const sensor = await chosen(access, flags);
    const items = await access.review(sensor);
    const found = ids.map((id) => {
      const fitting = items.filter((item) => item.id.startsWith(id.toLowerCase()));
      if (fitting.length === 1) return fitting[0];
      throw new UsageError(
        fitting.length === 0
          ? `The review list of ${sensor} has no operation ${id}; "baseline review --all" lists them.`
          : `Several operations begin with ${id}; give more of its digits.`,
      );
    });
    for (const item of found) {
      const { alert } = await access.decide(sensor, item.id, state);
      const raised = state === 'rejected' ? (alert ? `, alert ${alert} is open` : ', its alert is raised when it comes again') : '';
      console.log(`${item.id.slice(0, 12)}  ${state}: ${printable(item.title)}${raised}`);
    }
  });
}

/** The sensor that was named, or the only one. */
async function chosen(access: BaselineAccess, { sensor }: BaselineFlags): Promise<string> {
  const sensors = await access.sensors();
  if (sensor !== undefined) {
    if (sensors.includes(sensor)) return sensor;
    throw new UsageError(
      `There is no sensor "${sensor}". ${sensors.length > 0 ? `There are ${sensors.join(', ')}.` : 'There is none yet.'}`,
    );
  }
  if (sensors.length === 1) return sensors[0];
  if (sensors.length === 0)
    throw new Error('No sensor has learned anything here yet. Start one with "annunciator up", or name another --data.');
  throw new UsageError(`There are several sensors: ${sensors.join(', ')}. Name one with --sensor.`);
}

async function stateOf(text: string): Promise<BaselineState> {
  if (text === 'now') return 'now';
  if (/^\d{1,9}$/.test(text) && !existsSync(text)) return { version: Number(text) };
  return { text: await readFile(text, 'utf8') };
}

function tell({ added, removed, version, closes, refused }: BaselineOutcome, dryRun: boolean): void {
  const lines = [...removed.map((line) => `- ${line}`), ...added.map((line) => `+ ${line}`)];
  for (const line of lines.slice(0, MAX_LINES)) console.log(line);
  if (lines.length > MAX_LINES)
    console.log(`and ${(lines.length - MAX_LINES).toLocaleString('en')} more lines; "baseline diff" prints them all`);
  const verb = dryRun ? 'would come' : 'came';
  if (lines.length === 0) console.log('Nothing is different; nothing was changed.');
  else
    console.log(
      `${added.length.toLocaleString('en')} ${verb}, ${removed.length.toLocaleString('en')} ${dryRun ? 'would go' : 'went'}${
        closes.length > 0 ? `, ${closes.length} open alerts ${dryRun ? 'would close' : 'closed'}` : ''
      }${dryRun ? '; nothing was changed' : `: version ${version}`}.`,
    );
  for (const line of refused) console.log(`found no place: ${line}`);
}
