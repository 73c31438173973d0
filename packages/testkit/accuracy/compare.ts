/** Holds what the sensor sees in a capture against its truth. */
import { CATALOGUE } from '@annunciator/core/catalogue';
import { PROTOCOLS } from '@annunciator/protocols/registry';
import { compareField, type Counts, type FieldComparison } from '@annunciator/protocols/testing/truth';
import { analyse, type AnalysisOptions } from '@annunciator/sensor/analysis/analysis';
import { type AnalysisDocument, analysisDocument } from '@annunciator/sensor/analysis/document';
import type { Sample } from './truth.ts';

/** What the sensor saw in one capture. */
export interface Seen {
  readonly sample: Sample;
  /** Why the capture was not read; the rest is empty then. */
  readonly failure: string;
  readonly packets: number;
  /** Counts by field, and which protocol counted a field. */
  readonly fields: Readonly<Record<string, Counts>>;
  readonly protocolOf: ReadonlyMap<string, string>;
  /** Ids of the protocols with messages. */
  readonly protocols: readonly string[];
  readonly macs: ReadonlySet<string>;
  /** Ids of the types raised; and of those raised with nothing learned, when every device and operation is new. */
  readonly raised: ReadonlySet<string>;
  readonly raisedUnlearned: ReadonlySet<string>;
  /** A second analysis gave another document. */
  readonly differs: boolean;
}

const IS_OT: ReadonlyMap<string, boolean> = new Map(Object.values(PROTOCOLS).map(({ id, ot }) => [id, ot]));
export const isOt = (protocol: string): boolean => IS_OT.get(protocol) === true;

const SETTINGS = { focus: 'any', enableAll: true } as const;
/** Before any packet: the sensor is operational from the first one. */
const NO_LEARNING = { time: -(2n ** 62n) };

async function documentOf(path: string, options: AnalysisOptions = {}): Promise<AnalysisDocument> {
  const { analysis, errors } = await analyse([path], { settings: SETTINGS, fields: true, ...options });
  if (errors[0]) throw errors[0];
  return analysisDocument(analysis, true);
}

const withoutTiming = (document: AnalysisDocument): string => JSON.stringify({ ...document, timing: undefined });

/** Analyses a capture with every alert type on, twice when `again`. */
export async function look(sample: Sample, again: boolean): Promise<Seen> {
  const none: ReadonlySet<string> = new Set();
  const nothing = { sample, fields: {}, protocolOf: new Map(), protocols: [], macs: none, raised: none, raisedUnlearned: none };
  try {
    const document = await documentOf(sample.path);
    const fields: Record<string, Record<string, number>> = {};
    const protocolOf = new Map<string, string>();
    for (const [id, { fields: counted }] of Object.entries(document.protocols))
      for (const [field, counts] of Object.entries(counted ?? {})) {
        if (!protocolOf.has(field)) protocolOf.set(field, id);
        const into = (fields[field] ??= {});
        for (const [value, count] of Object.entries(counts)) into[value] = (into[value] ?? 0) + count;
      }
    return {
      sample,
      failure: '',
      packets: document.capture.packets,
      fields,
      protocolOf,
      protocols: Object.entries(document.protocols)
        .filter(([, { packets }]) => packets > 0)
        .map(([id]) => id),
      macs: new Set(document.devices.flatMap(({ macs }) => macs)),
      raised: new Set(document.alerts.map(({ type }) => type)),
      raisedUnlearned: new Set((await documentOf(sample.path, { learnUntil: NO_LEARNING })).alerts.map(({ type }) => type)),
      differs: again && withoutTiming(await documentOf(sample.path)) !== withoutTiming(document),
    };
  } catch (error) {
    return { ...nothing, failure: error instanceof Error ? error.message : String(error), packets: 0, differs: false };
  }
}

export interface CaptureResult {
  readonly name: string;
  readonly failure: string;
  readonly packetsRight: boolean;
  readonly differs: boolean;
  readonly fields: readonly FieldComparison[];
  /** Plant protocols seen where the truth counts no field of any plant protocol. */
  readonly plant: readonly string[];
  readonly devices: number;
  readonly missingDevices: readonly string[];
  readonly expected: number;
  /** Titles of expected alerts that were not raised. */
  readonly missed: readonly string[];
  /** Ids of the types that it raises, with or without learning. */
  readonly raises: ReadonlySet<string>;
}

export interface Comparison {
  readonly captures: readonly CaptureResult[];
  /** Protocol of each field that the sensor counts in some capture. */
  readonly protocolOf: ReadonlyMap<string, string>;
  /** Fields of truth files that the sensor counts nowhere. */
  readonly unread: readonly string[];
  /** Versions of tshark that the truth was made with. */
  readonly tshark: readonly string[];
}

const TITLE: ReadonlyMap<string, string> = new Map(CATALOGUE.map(({ id, title }) => [id, title]));

/** Compares all captures. A field that the sensor counts in no capture at all belongs to a protocol that is not read. */
export function compare(all: readonly Seen[]): Comparison {
  const protocolOf = mostCounting(all);
  const truthFields = new Set(all.flatMap(({ sample }) => Object.keys(sample.truth.counts ?? {})));
  return {
    captures: all.map((seen) => compareOne(seen, protocolOf)),
    protocolOf,
    unread: [...truthFields].filter((field) => !protocolOf.has(field)).sort(),
    tshark: [...new Set(all.flatMap(({ sample }) => sample.truth.tshark?.match(/\d+\.\d+\.\d+/)?.[0] ?? []))].sort(),
  };
}

/** The protocol that counts a field in most captures: TLS within EAP is counted by RADIUS and is still a field of TLS. */
function mostCounting(all: readonly Seen[]): Map<string, string> {
  const votes = new Map<string, Map<string, number>>();
  for (const [field, protocol] of all.flatMap((seen) => [...seen.protocolOf])) {
    const counts = votes.get(field) ?? new Map<string, number>();
    votes.set(field, counts.set(protocol, (counts.get(protocol) ?? 0) + 1));
  }
  return new Map([...votes].map(([field, counts]) => [field, [...counts].sort(([, one], [, other]) => other - one)[0]?.[0] ?? '']));
}

function compareOne(seen: Seen, protocolOf: ReadonlyMap<string, string>): CaptureResult {
  const { sample, failure } = seen;
  const { truth } = sample;
  const fields = failure ? [] : Object.keys(truth.counts ?? {}).filter((field) => protocolOf.has(field));
  const plantInTruth = Object.keys(truth.counts ?? {}).some((field) => isOt(protocolOf.get(field) ?? ''));
  const senders = (truth.devices ?? []).flatMap(({ mac, sent }) => (mac && sent ? [mac.toLowerCase()] : []));
  const titles = new Set([...seen.raised].map((id) => TITLE.get(id)));
  const expected = [...new Set(sample.expected.filter(({ mode }) => mode === 'always').map(({ title }) => title))];
  return {
    name: sample.name,
    failure,
    packetsRight: seen.packets === truth.packets,
    differs: seen.differs,
    fields: fields.sort().map((field) => compareField(field, truth, seen.fields[field])),
    plant: plantInTruth ? [] : seen.protocols.filter(isOt),
    devices: senders.length,
    missingDevices: senders.filter((mac) => !seen.macs.has(mac)),
    expected: expected.length,
    missed: expected.filter((title) => !titles.has(title)),
    raises: new Set([...seen.raised, ...seen.raisedUnlearned]),
  };
}
