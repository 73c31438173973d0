/**
 * A dissector alone, held to its contract (`dissector.ts`): it returns an offset within its bytes or -1, goes on when it
 * says so, tells whole numbers, and never looks at bytes before `start` or from `end` on: the same message with other
 * bytes around it states the same facts.
 */
import type { Spelling } from '@annunciator/packet/tables/text-table';
import type { Detail } from '@annunciator/protocols/details';
import { Confidence, type Dissector } from '@annunciator/protocols/dissector';
import type { Aspect, Fact, Facts, Role } from '@annunciator/protocols/facts';
import { PROTOCOL_BY_INDEX } from '@annunciator/protocols/registry';
import type { Random } from '../src/random.ts';
import { hold, NONSENSE } from './path-check.ts';

/** One piece of a talk, damaged. */
export interface TalkPiece {
  readonly toServer: boolean;
  readonly bytes: Uint8Array;
}

const FACTS_A_BYTE = 24;
const FREE_FACTS = 2048;

/** Takes facts and keeps a digest of them. */
class Witness implements Facts {
  toServer = true;
  toGroup = false;
  vlan = -1;
  sourcePort = 0;
  destinationPort = 0;
  frame = 1;
  seconds = 1_780_000_000;
  complete = true;
  state: unknown = undefined;
  countsFields = true;
  wantsDetails = true;
  digest = 0;
  told = 0;
  /** All that was told, kept only to explain a difference. */
  readonly record: string[] | null;

  constructor(recording: boolean) {
    this.record = recording ? [] : null;
  }

  #mix(value: number): void {
    this.digest = Math.imul(this.digest ^ (value | 0), 0x01000193) ^ (this.digest >>> 13);
    this.told++;
  }

  #text(value: string): void {
    for (let i = 0; i < value.length; i++) this.digest = Math.imul(this.digest ^ value.charCodeAt(i), 0x01000193);
    this.told++;
    this.record?.push(value);
  }

  field(name: string, value: number | string): void {
    this.#text(`${name}=${value}`);
  }

  message(protocol: number, code: number, role: Role): void {
    hold(PROTOCOL_BY_INDEX[protocol] !== undefined, () => `message of protocol ${protocol}`);
    hold(Number.isInteger(code), () => `message with code ${code}`);
    this.record?.push(`message ${protocol} ${code} ${role}`);
    this.#mix(protocol * 65_536 + code);
    this.#mix(role);
  }

  use(aspect: Aspect, a: number, b: number): void {
    hold(a === (a | 0) && b === (b | 0), () => `use of aspect ${aspect} with ${a} and ${b}, which are no int32`);
    this.record?.push(`use ${aspect} ${a} ${b}`);
    this.#mix(aspect);
    this.#mix(a);
    this.#mix(b);
  }

  useRange(aspect: Aspect, key: number, first: number, count: number): void {
    hold(
      [key, first, count].every((value) => value === (value | 0)),
      () => `range of aspect ${aspect} with ${key}, ${first}, ${count}`,
    );
    this.record?.push(`range ${aspect} ${key} ${first} ${count}`);
    this.#mix(aspect);
    this.#mix(key);
    this.#mix(first);
    this.#mix(count);
  }

  detail(detail: Detail, low: number, high = low): void {
    hold(Number.isFinite(low) && Number.isFinite(high), () => `detail ${detail} from ${low} to ${high}`);
    this.record?.push(`detail ${detail} ${low} ${high}`);
    this.#mix(detail);
    this.#mix(low);
    this.#mix(high);
  }

  detailText(detail: Detail, text: string): void {
    this.#text(`${detail} ${text}`);
  }

  intern(text: string): number {
    let number = 7;
    for (let i = 0; i < text.length; i++) number = Math.imul(number ^ text.charCodeAt(i), 0x01000193);
    return number & 0x7fffffff;
  }
  internSpelled(bytes: Uint8Array, start: number, end: number, text: Spelling): number {
    return this.intern(text(bytes, start, end));
  }

  tell(fact: Fact): void {
    const text = JSON.stringify(fact);
    hold(!NONSENSE.test(text) && !/:null\b/.test(text), () => `fact ${text}`);
    this.#text(text);
  }
}

/** Feeds a talk to the dissector twice, with other bytes around it each time. Returns the bytes read. */
export function checkDissector(dissector: Dissector, talk: readonly TalkPiece[], random: Random): number {
  const stream = dissector.stream !== undefined && (dissector.datagram === undefined || random.chance(0.5));
  const complete = !random.chance(0.1);
  const before = random.below(40);
  const run = (around: number, recording: boolean): { witness: Witness; read: number } => {
    const witness = new Witness(recording);
    witness.complete = complete;
    const read = stream ? readStream(dissector, witness, talk, before, around) : readDatagrams(dissector, witness, talk, before, around);
    hold(witness.told <= FACTS_A_BYTE * read + FREE_FACTS, () => `${dissector.protocol.id} told ${witness.told} facts of ${read} bytes`);
    return { witness, read };
  };
  const one = run(0x00, false);
  const two = run(0xff, false);
  hold(
    one.witness.digest === two.witness.digest && one.read === two.read,
    () => `${dissector.protocol.id} reads beyond its bytes: ${difference(run(0x00, true).witness, run(0xff, true).witness)}`,
  );
  return one.read;
}

function difference(one: Witness, two: Witness): string {
  const at = one.record?.findIndex((text, i) => text !== two.record?.[i]) ?? -1;
  return `amid zeros it states ${one.record?.[at]}, amid ones ${two.record?.[at]}`;
}

/** A copy of bytes amid others. */
function amid(parts: readonly Uint8Array[], before: number, around: number): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const whole = new Uint8Array(before + length + 64).fill(around);
  let at = before;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function place(witness: Witness, dissector: Dissector, toServer: boolean, stream: boolean): void {
  const port = (stream ? dissector.tcpPorts : dissector.udpPorts)[0] ?? 5000;
  witness.toServer = toServer;
  witness.sourcePort = toServer ? 50_000 : port;
  witness.destinationPort = toServer ? port : 50_000;
}

function readDatagrams(dissector: Dissector, witness: Witness, talk: readonly TalkPiece[], before: number, around: number): number {
  let read = 0;
  for (const { toServer, bytes } of talk) {
    if (bytes.length === 0) continue;
    place(witness, dissector, toServer, false);
    const whole = amid([bytes], before, around);
    const sure = dissector.identify?.(whole, before, before + bytes.length, false) ?? Confidence.No;
    witness.told += sure === Confidence.Certain ? 1 : 0;
    dissector.datagram?.(witness, whole, before, before + bytes.length);
    read += bytes.length;
  }
  return read;
}

function readStream(dissector: Dissector, witness: Witness, talk: readonly TalkPiece[], before: number, around: number): number {
  const tails: [Uint8Array, Uint8Array] = [new Uint8Array(0), new Uint8Array(0)];
  let read = 0;
  for (const { toServer, bytes } of talk) {
    if (bytes.length === 0) continue;
    const side = toServer ? 0 : 1;
    place(witness, dissector, toServer, true);
    const whole = amid([tails[side], bytes], before, around);
    const end = before + tails[side].length + bytes.length;
    const sure = dissector.identify?.(whole, before, end, true) ?? Confidence.No;
    witness.told += sure === Confidence.Certain ? 1 : 0;
    read += end - before;
    let at = before;
    while (at < end) {
      const next = dissector.stream?.(witness, whole, at, end) ?? -1;
      hold(
        next === -1 || (Number.isInteger(next) && next >= at && next <= end),
        () => `${dissector.protocol.id} returned ${next} for bytes ${at} to ${end}`,
      );
      if (next === at) break;
      at = next < 0 ? end : next;
    }
    if (end - at > dissector.longestMessage) {
      at = end;
      dissector.gap?.(witness);
    }
    tails[side] = whole.slice(at, end);
  }
  return read;
}
