/** The result of a comparison as a page of Markdown, with the explanations that people wrote. */
import { PROTOCOLS } from '@annunciator/protocols/registry';
import type { FieldComparison } from '@annunciator/protocols/testing/truth';
import { type CaptureResult, type Comparison, isOt } from './compare.ts';
import { explain, type Notes } from './notes.ts';

const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');

const NOT_EXPLAINED = '**not explained**';
/** Differences that a row quotes. */
const MOST_QUOTED = 4;
const percent = (part: number, whole: number): string => (whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`);
const number = (value: number): string => value.toLocaleString('en');

/** How many fields of captures are how right. */
export interface Tally {
  exact: number;
  near: number;
  off: number;
  absent: number;
}
const tally = (comparisons: readonly FieldComparison[]): Tally => {
  const counts = { exact: 0, near: 0, off: 0, absent: 0 };
  for (const { result } of comparisons) counts[result]++;
  return counts;
};
const all = ({ exact, near, off, absent }: Tally): number => exact + near + off + absent;

/** What is to be read in one line: everything that the page counts. */
export interface Summary {
  readonly captures: number;
  readonly failed: number;
  readonly packetsWrong: number;
  readonly differs: number;
  readonly fields: Tally;
  readonly devices: number;
  readonly devicesMissing: number;
  readonly expected: number;
  readonly missed: number;
  /** Differences without an explanation. */
  readonly unexplained: number;
}

/** Rows of differences, with their explanation as the last cell. */
function differences(captures: readonly CaptureResult[], notes: Notes): (readonly string[])[] {
  return captures.flatMap(({ name, fields }) =>
    fields
      .filter(({ result }) => result !== 'exact')
      .map(({ field, result, differences: differ }) => {
        const quoted = differ.slice(0, MOST_QUOTED).map((one) => one.replace(/^(.*): (\d+)\/(\d+)$/, '$1: $3, $2'));
        const more = differ.length > MOST_QUOTED ? `, and ${differ.length - MOST_QUOTED} more` : '';
        const why = explain(notes.counts, name, field) || NOT_EXPLAINED;
        return [name, `\`${field}\``, result === 'off' ? 'neither' : result, quoted.join('; ') + more, why];
      }),
  );
}

const missingDevices = (captures: readonly CaptureResult[], notes: Notes): (readonly string[])[] =>
  captures.flatMap(({ name, missingDevices: macs }) =>
    macs.map((mac) => [name, `\`${mac}\``, explain(notes.devices, name, mac) || NOT_EXPLAINED]),
  );
const missedAlerts = (captures: readonly CaptureResult[], notes: Notes): (readonly string[])[] =>
  captures.flatMap(({ name, missed }) => missed.map((title) => [name, title, explain(notes.alerts, name, title) || NOT_EXPLAINED]));
const plantProtocols = (captures: readonly CaptureResult[], notes: Notes): (readonly string[])[] =>
  captures.flatMap(({ name, plant }) => plant.map((id) => [name, nameOf(id), explain(notes.plant, name, id) || NOT_EXPLAINED]));

const NAMES: ReadonlyMap<string, string> = new Map(Object.values(PROTOCOLS).map(({ id, name }) => [id, name]));
const nameOf = (id: string): string => NAMES.get(id) ?? id;

export function summaryOf({ captures }: Comparison, notes: Notes): Summary {
  const sum = (of: (capture: CaptureResult) => number): number => captures.reduce((total, capture) => total + of(capture), 0);
  const rows = [
    ...differences(captures, notes),
    ...missingDevices(captures, notes),
    ...missedAlerts(captures, notes),
    ...plantProtocols(captures, notes),
  ];
  return {
    captures: captures.length,
    failed: sum(({ failure }) => Number(failure !== '')),
    packetsWrong: sum(({ packetsRight }) => Number(!packetsRight)),
    differs: sum(({ differs }) => Number(differs)),
    fields: tally(captures.flatMap(({ fields }) => fields)),
    devices: sum(({ devices }) => devices),
    devicesMissing: sum(({ missingDevices: macs }) => macs.length),
    expected: sum(({ expected }) => expected),
    missed: sum(({ missed }) => missed.length),
    unexplained: rows.filter((cells) => cells.at(-1) === NOT_EXPLAINED).length,
  };
}

/** One row for each protocol that counts fields: how right they are. */
function protocolRows({ captures, protocolOf }: Comparison, ot: boolean): (readonly (string | number)[])[] {
  const byProtocol = new Map<string, FieldComparison[]>();
  for (const comparison of captures.flatMap(({ fields }) => fields)) {
    const protocol = protocolOf.get(comparison.field) ?? '';
    if (isOt(protocol) !== ot) continue;
    const list = byProtocol.get(protocol);
    if (list) list.push(comparison);
    else byProtocol.set(protocol, [comparison]);
  }
  return [...byProtocol]
    .sort(([one], [other]) => nameOf(one).localeCompare(nameOf(other), 'en'))
    .map(([protocol, comparisons]) => {
      const { exact, near, off, absent } = tally(comparisons);
      const names = [...new Set(comparisons.map(({ field }) => `\`${field}\``))].sort();
      return [nameOf(protocol), names.join(' '), exact, near, off + absent];
    });
}

const PROTOCOL_HEAD = ['Protocol', 'Fields', 'Exact', 'Near', 'Neither'];

/** The whole page. @param command how it was made */
export function accuracyPage(comparison: Comparison, notes: Notes, command: string): string {
  const { captures, unread, tshark } = comparison;
  const summary = summaryOf(comparison, notes);
  const { fields } = summary;
  const right = fields.exact + fields.near;
  const plant = plantProtocols(captures, notes);
  const devices = missingDevices(captures, notes);
  const missed = missedAlerts(captures, notes);
  const failures = captures.filter(({ failure }) => failure !== '');
  return `# Accuracy

What Annunciator counts is compared with what tshark ${tshark.join(' and ')} counts, field by field and value by value, over ${number(summary.captures)} public captures. The captures are
not part of this repository. Anyone can compare any capture:

    npx annunciator analyze FILE --format json --fields
    tshark -r FILE -T fields -e modbus.func_code -E occurrence=a

The fields have Wireshark's display-filter names, and every occurrence counts. Names that begin with \`x.\` are ours, for what Wireshark does not
read: UMAS and S7comm-plus. They are compared with counts made from the bytes by a separate program.

This page is written by the comparison itself, from a folder of captures with a file \`truth/CAPTURE.json\` for each; the explanations are
kept in [accuracy-notes.json](accuracy-notes.json):

    ${command}

## Result

${table(
  ['What', 'Result'],
  [
    ['captures read', `${number(summary.captures - summary.failed)} of ${number(summary.captures)}`],
    ['packet counts', summary.packetsWrong === 0 ? "all are tshark's" : `${summary.packetsWrong} differ`],
    [
      'fields of captures',
      `${number(right)} of ${number(all(fields))} right (${percent(right, all(fields))}): ${fields.exact} exact, ${fields.near} near, ${fields.off} neither, ${fields.absent} not counted`,
    ],
    ['plant protocols where tshark names none', plant.length === 0 ? 'none' : `${plant.length}, below`],
    [
      'devices (MAC addresses that sent something)',
      `${number(summary.devices - summary.devicesMissing)} of ${number(summary.devices)} (${percent(summary.devices - summary.devicesMissing, summary.devices)})`,
    ],
    ['alerts that a capture was made to show', `${summary.expected - summary.missed} of ${summary.expected}`],
  ],
)}

A field of a capture is **exact** when all values have the same counts. It is **near** when they differ by no more than 1 % or by the number of
retransmitted, lost and malformed segments that tshark reports in that capture, where nobody can say what the sender meant.
${failures.length === 0 ? '' : `\nNot read: ${failures.map(({ name, failure }) => `${name} (${failure})`).join('; ')}.\n`}
## By protocol

Fields of plant protocols, counted once for each capture in which tshark finds them:

${table(PROTOCOL_HEAD, protocolRows(comparison, true))}

Fields of other protocols:

${table(PROTOCOL_HEAD, protocolRows(comparison, false))}
${unread.length === 0 ? '' : `\nNot counted at all: ${unread.map((field) => `\`${field}\``).join(', ')}.\n`}
## Where the counts differ

${table(['Capture', 'Field', 'Result', 'Value: tshark, ours', 'Why'], differences(captures, notes))}

## Devices that are missing

${devices.length === 0 ? 'None.' : table(['Capture', 'Address', 'Why'], devices)}

## Alerts that might be expected

Some captures were made to show an attack and raise nothing, or not what their name promises. These are decisions, not oversights:
a threshold that is documented is not bent so that a short sample reaches it.

${missed.length === 0 ? 'None is missing.' : table(['Capture', 'Not raised', 'Why'], missed)}

The thresholds are in [types of alert](alerts.md).

## Plant protocols where tshark names none

${plant.length === 0 ? 'None.' : table(['Capture', 'Protocol', 'Why'], plant)}
`;
}
