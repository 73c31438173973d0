/** One alert in text: what, who to whom, what is normal, and where to look. */
import { styleText } from 'node:util';
import { SEVERITIES } from '@annunciator/core/alert';
import { ENGINE_NAMES } from '@annunciator/core/catalogue';
import type { AlertDocument } from '@annunciator/sensor/analysis/document';
import type { Report } from './format.ts';
import { counted, printable, shorten, wrap } from './printable.ts';

/** Rows and frame numbers before "and N more". */
const MAX_VIOLATIONS = 8;
const MAX_FRAMES = 10;

const INDENT = 4;
const LABEL = 10;

const COLOURS: Readonly<Record<string, Parameters<typeof styleText>[0]>> = {
  Critical: ['bold', 'red'],
  Major: 'red',
  Minor: 'yellow',
  Warning: 'cyan',
};

/** Most severe first, then by time. */
export function bySeverity(x: AlertDocument, y: AlertDocument): number {
  const rank = ({ severity }: AlertDocument): number => SEVERITIES.findIndex((one) => one === severity);
  return rank(x) - rank(y) || (x.firstDetection < y.firstDetection ? -1 : x.firstDetection > y.firstDetection ? 1 : 0);
}

export function alertLines(alert: AlertDocument, { width, colour, decimals }: Report): string[] {
  const severity = alert.severity.padEnd(LABEL - 2);
  const head = `${colour ? styleText(COLOURS[alert.severity] ?? 'bold', severity, { validateStream: false }) : severity}  ${alert.firstDetection}  ${alert.title}`;
  const lines = [head];
  const say = (label: string, text: string): void => {
    if (!text) return;
    const [first, ...rest] = wrap(printable(text), width - INDENT - LABEL);
    lines.push(`${' '.repeat(INDENT)}${label.padEnd(LABEL)}${first}`, ...rest.map((line) => ' '.repeat(INDENT + LABEL) + line));
  };
  say('what', alert.message);
  say('expected', alert.expected);
  say('seen', alert.seen);
  say('evidence', evidence(alert));
  say(
    'type',
    `${engineName(alert.engine)}, ${alert.category}${alert.learnable ? ', can be learned' : ''}${alert.status === 'Closed' ? '; closed, because it is over' : ''}`,
  );
  if (alert.violations.length > 0) {
    lines.push(`${' '.repeat(INDENT)}violations`);
    const room = width - INDENT - LABEL;
    for (const violation of alert.violations.slice(0, MAX_VIOLATIONS)) {
      const ends = [violation.source, violation.destination].filter(Boolean).join(' -> ');
      const row = `${clock(violation.time, decimals)}  ${ends}  ${parameters(violation.parameters)}${violation.count > 1 ? `  x${violation.count}` : ''}`;
      lines.push(' '.repeat(INDENT + LABEL) + shorten(printable(row), room));
    }
    const left = alert.violations.length - MAX_VIOLATIONS;
    if (left > 0) lines.push(`${' '.repeat(INDENT + LABEL)}and ${left} more`);
  }
  return lines;
}

function engineName(engine: string): string {
  return Object.entries(ENGINE_NAMES).find(([id]) => id === engine)?.[1] ?? engine;
}

/** `frames 12, 15 and 3 more; 5 detections to 10:00:00.123456`. */
function evidence(alert: AlertDocument): string {
  const shown = alert.frames.slice(0, MAX_FRAMES).join(', ');
  const left = alert.frames.length - MAX_FRAMES;
  // The document keeps the first hundred.
  const rest = left > 0 ? ` and ${left}${alert.frames.length >= 100 ? ' or more' : ''} more`.replace('or more more', 'or more') : '';
  const frames =
    alert.frames.length === 0 ? 'no frame: it is about what did not come' : `frame${alert.frames.length === 1 ? '' : 's'} ${shown}${rest}`;
  return alert.count > 1 ? `${frames}; ${counted(alert.count, 'detection')}, the last at ${alert.lastDetection}` : frames;
}

/** Time of day of an ISO 8601 instant. */
function clock(time: string, decimals: number): string {
  return time.slice(11, 20 + decimals).replace('Z', '');
}

function parameters(values: object): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ');
}
