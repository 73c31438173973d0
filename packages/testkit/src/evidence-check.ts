/**
 * Are the packets of alerts what they should be? Analyses a capture, writes the packets of each alert, and lets tshark judge:
 * each file opens, shows no error that the capture lacks, holds what fired, and the frames that the alert names contain what
 * it quotes.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Alert } from '@annunciator/core/alert';
import { analyse } from '@annunciator/sensor/analysis/analysis';
import { isContained, quotesOf } from './quotes.ts';

export interface EvidenceCheck {
  readonly alerts: number;
  /** Alerts without packets, by why. */
  readonly without: ReadonlyMap<string, number>;
  /** Files that tshark opened. */
  readonly files: number;
  /** Values of alerts that were looked for in their frames. */
  readonly quotes: number;
  /** One sentence for each thing that is not as it should be. */
  readonly problems: readonly string[];
}

/** A frame as tshark sees it. */
export interface Row {
  /** Number in the file; in the capture, the frame number. */
  readonly number: number;
  /** Seconds since 1970 with nine decimals. */
  readonly time: string;
  readonly length: string;
  /** Messages of severity error. */
  readonly errors: readonly string[];
  readonly comment: string;
}

/** Frames of one alert whose content is read: of those it names, and of those around them. */
const MOST_READ = 40;
const MOST_AROUND = 300;
/** Severity of expert information in Wireshark. */
const ERROR = 0x0080_0000;
const AGGREGATOR = '\u001f';

/**
 * Checks the alerts of a capture: with every type switched on, in any traffic, and with nothing learned before.
 * @param only how many alerts are opened with tshark, spread over all; all when absent
 */
export async function checkEvidence(capture: string, only = Number.POSITIVE_INFINITY): Promise<EvidenceCheck> {
  const folder = mkdtempSync(join(tmpdir(), 'annunciator-evidence-'));
  try {
    const settings = { enableAll: true, focus: 'any' as const };
    const { analysis, errors } = await analyse([capture], { settings, learnUntil: { share: 0 }, pcap: folder });
    if (errors.length > 0) throw errors[0];
    const problems: string[] = [];
    const without = new Map<string, number>();
    for (const { pcap } of analysis.alerts)
      if (pcap.state === 'missing') without.set(pcap.reason ?? '', (without.get(pcap.reason ?? '') ?? 0) + 1);
    const withFile = analysis.alerts.filter(({ pcap }) => pcap.state === 'available');
    const step = Math.max(1, Math.ceil(withFile.length / only));
    const chosen = withFile.filter((_, i) => i % step === 0);
    const source = await rowsOf(capture, false);
    const seen = new Seen(source);
    const named = new Map<Alert, AlertFrames>();
    for (const alert of chosen) {
      const rows = await rowsOf(join(folder, `${alert.id}.pcapng`), true).catch((error: Error) => error);
      const say = (what: string): number => problems.push(`${alert.type} ${alert.id}: ${what}`);
      if (rows instanceof Error) say(rows.message);
      else named.set(alert, checkFile(alert, rows, source, seen, say));
    }
    const texts = await textOf(capture, new Set([...named.values()].flatMap(({ own, around }) => [...own, ...around])));
    let quotes = 0;
    for (const [alert, { own, around }] of named) {
      const text = (frames: readonly number[]): string => frames.map((frame) => texts.get(frame) ?? '').join('\n');
      for (const { name, values } of quotesOf(alert)) {
        quotes++;
        if (!isQuoted(values, text(own)) && !isQuoted(values, text(around)))
          problems.push(`${alert.type} ${alert.id}: its frames ${own.join(', ')} do not contain ${name} ${values.join(' or ')}`);
      }
    }
    return { alerts: analysis.alerts.length, without, files: chosen.length, quotes, problems };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Frames of the capture that an alert names, and those of its file where it quotes what its session said before. */
export interface AlertFrames {
  readonly own: readonly number[];
  readonly around: readonly number[];
}

/** Frames of the capture by time and length. */
export class Seen {
  readonly #rows = new Map<string, Row[]>();

  constructor(rows: readonly Row[]) {
    for (const row of rows) {
      const key = `${row.time} ${row.length}`;
      const same = this.#rows.get(key);
      if (same) same.push(row);
      else this.#rows.set(key, [row]);
    }
  }

  same({ time, length }: Row): readonly Row[] {
    return this.#rows.get(`${time} ${length}`) ?? [];
  }
}

/** Checks the file of an alert; gives the frames whose content is to be read. */
export function checkFile(
  alert: Pick<Alert, 'frames' | 'firstDetection' | 'parameters'>,
  rows: readonly Row[],
  source: readonly Row[],
  seen: Seen,
  say: (what: string) => void,
): AlertFrames {
  const own: number[] = [];
  for (const row of rows) {
    const same = seen.same(row);
    if (same.length === 0) say(`packet ${row.number} is not in the capture (${row.time}, ${row.length} bytes)`);
    const known = new Set(same.flatMap(({ errors }) => errors));
    const fresh = row.errors.filter((message) => !known.has(message));
    if (fresh.length > 0) say(`packet ${row.number} (frame ${same[0]?.number}) has an error that the capture lacks: ${fresh.join('; ')}`);
    if (row.comment === '') continue;
    const frame = Number(/^Frame (\d+)\. /.exec(row.comment)?.[1]);
    if (source[frame - 1]?.time === row.time && source[frame - 1].length === row.length) own.push(frame);
    else say(`packet ${row.number} is not frame ${frame}, as its comment says`);
  }
  if (own.length === 0) say('no packet is marked as its own');
  for (const frame of alert.frames) if (frame < 1 || frame > source.length) say(`it names frame ${frame}, which the capture does not have`);
  const fired = secondsOf(alert.firstDetection);
  const ownTimes = rows.flatMap(({ time, comment }) => (comment === '' ? [] : [time]));
  // What is noticed as time passes fires between packets, at a whole second; then the last of its own came before.
  const passed = fired.endsWith('.000000000') && ownTimes.some((time) => Math.floor(Number(time)) <= Number(fired));
  if (!ownTimes.includes(fired) && !passed) say(`no packet of its own is of ${fired}, when it fired`);
  // The user of a session is told before the password that is refused.
  const around = 'user' in alert.parameters ? rows.flatMap((row) => seen.same(row).map(({ number }) => number)) : [];
  return {
    own: own.length <= MOST_READ ? own : [...own.slice(0, MOST_READ / 2), ...own.slice(-MOST_READ / 2)],
    around: around.slice(-MOST_AROUND),
  };
}

/** An IP address is looked for where there is one. */
function isQuoted(values: readonly string[], text: string): boolean {
  const wanted = /^Internet Protocol Version/m.test(text) ? values.slice(0, 1) : values;
  return wanted.some((value) => isContained(value, text));
}

/** tshark puts the sign of a negative fraction before the seconds, and prints fractions of a second and more as they are. */
function plainTime(time: string): string {
  const [, sign, seconds, fraction] = /^(-?)(\d+)\.(\d+)$/.exec(time) ?? [];
  if (seconds === undefined) return time;
  return secondsOf(BigInt(seconds) * 1_000_000_000n + (sign === '-' ? -BigInt(fraction) : BigInt(fraction)));
}

function secondsOf(time: bigint): string {
  return `${time / 1_000_000_000n}.${String(time % 1_000_000_000n).padStart(9, '0')}`;
}

/** All frames of a file. @throws Error with what tshark says when it does not like the file */
async function rowsOf(file: string, whole: boolean): Promise<Row[]> {
  const fields = ['frame.number', 'frame.time_epoch', 'frame.len', '_ws.expert.severity', '_ws.expert.message', 'frame.comment'];
  const options = ['-T', 'fields', '-E', 'occurrence=a', '-E', `aggregator=${AGGREGATOR}`, ...fields.flatMap((field) => ['-e', field])];
  const rows: Row[] = [];
  await tshark(file, whole, options, (line) => {
    const [number, time, length, severities = '', messages = '', comment = ''] = line.split('\t');
    const all = messages.split(AGGREGATOR);
    const errors = severities.split(AGGREGATOR).flatMap((severity, i) => (Number(severity) >= ERROR ? [all[i] ?? ''] : []));
    rows.push({ number: Number(number), time: plainTime(time), length, errors, comment });
  });
  return rows;
}

/** What tshark tells about frames of a capture, in full, with the bytes in hexadecimal. */
async function textOf(capture: string, frames: ReadonlySet<number>): Promise<Map<number, string>> {
  const texts = new Map<number, string>();
  if (frames.size === 0) return texts;
  let lines: string[] = [];
  let current = 0;
  const keep = (): void => {
    if (current !== 0) texts.set(current, lines.join('\n'));
  };
  const filter = `frame.number in {${[...frames].sort((a, b) => a - b).join(',')}}`;
  await tshark(capture, false, ['-V', '-x', '-Y', filter], (line) => {
    const begins = /^Frame (\d+): \d+ bytes on wire/.exec(line);
    if (begins) {
      keep();
      current = Number(begins[1]);
      lines = [];
    }
    lines.push(line);
  });
  keep();
  return texts;
}

/** @param whole a file that is cut off is not to be read */
async function tshark(file: string, whole: boolean, options: readonly string[], take: (line: string) => void): Promise<void> {
  const child = spawn('tshark', ['-r', file, '-n', ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  const ended = once(child, 'close');
  for await (const line of createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY })) take(line);
  const [status] = (await ended) as [number | null];
  const said = complaint
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('Running as user'))
    .join(' ');
  if (said !== '' && (whole || !said.includes('cut short'))) throw new Error(`tshark does not read it: ${said}`);
  if (status !== 0 && said === '') throw new Error(`tshark ended with ${status}`);
}
