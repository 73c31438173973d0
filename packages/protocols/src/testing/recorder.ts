/**
 * A receiver of facts that keeps everything it is told, for assertions. For tests only: it allocates freely and checks
 * what a real receiver trusts (whole numbers, a message before its facts).
 */
import type { Spelling } from '@annunciator/packet/tables/text-table';
import { strict as assert } from 'node:assert';
import { DETAILS, type Detail } from '../details.ts';
import type { ActionFact, Aspect, Fact, Facts, FailureFact, Role, ViolationFact } from '../facts.ts';
import { PROTOCOL_BY_INDEX } from '../registry.ts';

/** Where a recorded thing came from: frame number in the capture (piece number in hand-made talks) and direction. */
export interface Origin {
  readonly frame: number;
  readonly toServer: boolean;
}

export interface RecordedMessage extends Origin {
  /** Id of the protocol, such as `modbus`. */
  readonly protocol: string;
  readonly code: number;
  readonly role: Role;
}

export interface RecordedUse extends Origin {
  readonly aspect: Aspect;
  readonly a: number;
  readonly b: number;
}

export interface RecordedRange extends Origin {
  readonly aspect: Aspect;
  readonly key: number;
  readonly first: number;
  readonly count: number;
}

export interface ToldFact extends Origin {
  readonly fact: Fact;
}

export class Recorder implements Facts {
  toServer = true;
  toGroup = false;
  vlan = -1;
  sourcePort = 0;
  destinationPort = 0;
  seconds = 0;
  complete = true;
  state: unknown = undefined;
  countsFields = true;
  wantsDetails = true;
  /** Frame that the next facts come from. */
  frame = 0;

  /** How often each value of each field was counted: `fields['modbus.func_code']['3']`. */
  readonly fields: Record<string, Record<string, number>> = {};
  readonly messages: RecordedMessage[] = [];
  readonly uses: RecordedUse[] = [];
  readonly ranges: RecordedRange[] = [];
  readonly told: ToldFact[] = [];
  /** Details by name, in order, as `address 400` or `point 0-9`. */
  readonly details: string[] = [];
  /** Interned texts; the number of a text is its position here. */
  readonly texts: string[] = [];
  /** Which dissector claimed which flow, one entry a flow: `modbus tcp 10.0.0.1:1024 > 10.0.0.2:502`. */
  readonly identified: string[] = [];
  /** Bytes of identified streams that were no message, lost or too long, by reason. */
  readonly skipped: Record<string, number> = {};

  field(name: string, value: number | string): void {
    this.fields[name] ??= {};
    const counts = this.fields[name];
    counts[String(value)] = (counts[String(value)] ?? 0) + 1;
  }

  message(protocol: number, code: number, role: Role): void {
    const name = PROTOCOL_BY_INDEX[protocol];
    assert.ok(name, `message() with protocol ${protocol}, which the registry lacks`);
    assert.ok(Number.isInteger(code), `message() with code ${code}`);
    this.messages.push({ frame: this.frame, toServer: this.toServer, protocol: name.id, code, role });
  }

  use(aspect: Aspect, a: number, b: number): void {
    assert.ok(a === (a | 0) && b === (b | 0), `use() of aspect ${aspect} with ${a}, ${b}: both must be int32`);
    this.uses.push({ frame: this.frame, toServer: this.toServer, aspect, a, b });
  }

  useRange(aspect: Aspect, key: number, first: number, count: number): void {
    assert.ok(
      [key, first, count].every((value) => value === (value | 0)),
      `useRange() with ${key}, ${first}, ${count}: all must be int32`,
    );
    this.ranges.push({ frame: this.frame, toServer: this.toServer, aspect, key, first, count });
  }

  detail(detail: Detail, low: number, high = low): void {
    assert.ok(Number.isFinite(low) && Number.isFinite(high), `detail() ${detail} with ${low} to ${high}`);
    this.details.push(`${nameOf(detail)} ${low === high ? low : `${low}-${high}`}`);
  }

  detailText(detail: Detail, text: string): void {
    this.details.push(`${nameOf(detail)} ${text}`);
  }

  intern(text: string): number {
    const known = this.texts.indexOf(text);
    return known >= 0 ? known : this.texts.push(text) - 1;
  }

  internSpelled(bytes: Uint8Array, start: number, end: number, text: Spelling): number {
    return this.intern(text(bytes, start, end));
  }

  tell(fact: Fact): void {
    this.told.push({ frame: this.frame, toServer: this.toServer, fact });
  }

  /** All facts told, in order. */
  get facts(): Fact[] {
    return this.told.map((told) => told.fact);
  }

  /** Facts of one kind: `of('identity')`. */
  of<K extends Fact['is']>(kind: K): Extract<Fact, { is: K }>[] {
    return this.facts.filter((fact): fact is Extract<Fact, { is: K }> => fact.is === kind);
  }

  /** Names of the violations told, in order. */
  violations(): string[] {
    return this.of('violation').map((fact: ViolationFact) => fact.name);
  }

  /** Actions told, in order, as `controller.stop requested`. */
  actions(): string[] {
    return this.of('action').map((fact: ActionFact) => `${fact.action} ${fact.phase}`);
  }

  /** Failures told, in order, as `modbus.exception 3 code 2`. */
  failures(): string[] {
    return this.of('failure').map((fact: FailureFact) => `${fact.name} ${fact.operation} code ${fact.code}`);
  }

  /** Messages as `modbus 3 request`, in order. */
  talk(): string[] {
    return this.messages.map(({ protocol, code, role }) => `${protocol} ${code} ${['', 'request', 'response', 'notification'][role]}`);
  }
}

function nameOf(detail: Detail): string {
  return DETAILS.find(({ number }) => number === detail)?.name ?? assert.fail(`detail ${detail} has no definition`);
}
