/**
 * Reads rules from text. The grammar is in docs/reference/rule-grammar.md; what the words mean for a protocol is judged by
 * check.ts.
 *
 *     rule "Setpoint out of its limits"
 *       protocol modbus
 *       when function in 6, 16 and address in 400-499 and (value > 900 or value < 10)
 *       from 10.20.10.0/24 to 10.20.10.42
 *       outside working hours
 *       alert Major
 *       message "{source} wrote {value} to register {address} of {destination}"
 *     end
 */
import { createHash } from 'node:crypto';
import { SEVERITIES, type Severity } from '@annunciator/core/alert';
import { anyOf } from './parse-condition.ts';
import { days, hours } from './parse-times.ts';
import { CLAUSES, Reader } from './reader.ts';
import { BUILT_IN_GROUPS, DEFAULT_RULE_SETTINGS, type End, type Rule, type RuleAction, type RuleSettings } from './rule.ts';
import { RuleTextError, tokensOf } from './tokens.ts';

/** Rules of one text. */
export const MAX_RULES = 1000;

export interface PlacedRule {
  readonly rule: Rule;
  /** Line and column of its name. */
  readonly line: number;
  readonly column: number;
}

/** What a text says: rules, and what rules share. */
export interface RuleText {
  /** In order. */
  readonly rules: readonly PlacedRule[];
  /** Null when the text says nothing of them; what it leaves out is as by default. */
  readonly settings: RuleSettings | null;
}

/** Reads a text. @throws RuleTextError at the first fault */
export function parseRuleText(text: string): RuleText {
  const reader = new Reader(tokensOf(text));
  const rules: PlacedRule[] = [];
  const names = new Set<string>();
  const ids = new Set<string>();
  let settings: SettingsDraft | null = null;
  while (reader.next.kind !== 'end') {
    if (reader.word !== 'rule') {
      settings ??= { ...DEFAULT_RULE_SETTINGS, groups: {} };
      setting(reader, settings);
      continue;
    }
    const placed = rule(reader);
    if (names.has(placed.rule.name)) throw new RuleTextError(`There are two rules with the name "${placed.rule.name}".`, placed);
    names.add(placed.rule.name);
    if (ids.has(placed.rule.id)) throw new RuleTextError(`There are two rules with the id "${placed.rule.id}".`, placed);
    ids.add(placed.rule.id);
    rules.push(placed);
    if (rules.length > MAX_RULES) throw new RuleTextError(`A text holds at most ${MAX_RULES} rules.`, placed);
  }
  return { rules, settings };
}

/** The id of a rule that is known by its name only. */
export function idOfName(name: string): string {
  return createHash('sha256').update(`rule ${name}`).digest('hex').slice(0, 16);
}

type SettingsDraft = Omit<{ -readonly [part in keyof RuleSettings]: RuleSettings[part] }, 'groups'> & {
  groups: Record<string, readonly string[]>;
};

/** `time zone "Europe/Berlin"`, `working hours mon-fri 07:00 - 18:00`, `group "engineering" 10.20.10.0/24, 10.20.11.5` */
function setting(reader: Reader, settings: SettingsDraft): void {
  const { next } = reader;
  if (reader.has('time')) {
    if (!reader.has('zone')) reader.fail('"zone" after "time"');
    settings.timeZone = reader.text('the name of a time zone');
  } else if (reader.has('working')) {
    if (!reader.has('hours')) reader.fail('"hours" after "working"');
    settings.workingHours = { days: days(reader), ...hours(reader) };
  } else if (reader.has('group')) {
    const name = reader.text('the name of the group');
    if (Object.hasOwn(settings.groups, name)) throw new RuleTextError(`There are two groups with the name "${name}".`, next);
    const members = [addresses(reader)];
    while (reader.has(',')) members.push(addresses(reader));
    settings.groups = Object.fromEntries([...Object.entries(settings.groups), [name, members]]);
  } else reader.fail('"rule", "group", "working hours" or "time zone"');
}

type Draft = { -readonly [part in keyof Rule]: Rule[part] };

function rule(reader: Reader): PlacedRule {
  if (!reader.has('rule')) reader.fail('"rule"');
  const { line, column } = reader.next;
  const name = reader.text('the name of the rule');
  const draft: Draft = {
    id: idOfName(name),
    name,
    enabled: true,
    protocol: '',
    when: null,
    from: [],
    to: [],
    schedule: null,
    action: { kind: 'alert', severity: 'Major', packets: true },
    message: '',
  };
  const given = new Set<string>();
  while (!reader.has('end')) clause(reader, draft, given);
  for (const [part, is] of [
    ['protocol', draft.protocol],
    ['message', draft.message],
  ])
    if (is === '') throw new RuleTextError(`The rule "${name}" has no ${part}.`, { line, column });
  return { rule: draft, line, column };
}

function clause(reader: Reader, draft: Draft, given: Set<string>): void {
  const { word, next } = reader;
  const part = Object.hasOwn(CLAUSES, word) ? CLAUSES[word] : undefined;
  if (!part) reader.fail('protocol, when, from, to, on, during, inside, outside, alert, event, message, id, disabled or "end"');
  if (given.has(part)) throw new RuleTextError(`The rule "${draft.name}" has two clauses of the kind "${word}".`, next);
  given.add(part);
  reader.take();
  switch (word) {
    case 'protocol':
      if (reader.next.kind !== 'word') reader.fail('the id of a protocol, such as modbus');
      draft.protocol = reader.take().text.toLowerCase();
      return;
    case 'when':
      draft.when = anyOf(reader, 0);
      return;
    case 'from':
      draft.from = ends(reader);
      return;
    case 'to':
      draft.to = ends(reader);
      return;
    case 'on':
      draft.schedule = { ...draft.schedule, days: days(reader) };
      return;
    case 'during':
      draft.schedule = { ...draft.schedule, hours: hours(reader) };
      return;
    case 'inside':
    case 'outside':
      if (!reader.has('working') || !reader.has('hours')) reader.fail('"working hours"');
      draft.schedule = { ...draft.schedule, working: word };
      return;
    case 'alert':
      draft.action = { kind: 'alert', severity: severity(reader), packets: true };
      return;
    case 'event':
      draft.action = event(reader);
      return;
    case 'message':
      draft.message = reader.text('the message');
      return;
    case 'id':
      draft.id = reader.text('the id');
      return;
    default:
      draft.enabled = false;
  }
}

function ends(reader: Reader): End[] {
  const found: End[] = [];
  do {
    const { kind, text } = reader.next;
    if (reader.has('group')) found.push({ group: reader.text('the name of a group') });
    else if (kind === 'address') found.push({ addresses: addresses(reader) });
    else if (kind === 'word' && Object.hasOwn(BUILT_IN_GROUPS, text.toLowerCase())) found.push({ group: reader.take().text.toLowerCase() });
    else reader.fail(`an address, a subnet, group "name", or one of ${Object.keys(BUILT_IN_GROUPS).join(', ')}`);
  } while (reader.has(','));
  return found;
}

/** An address, a subnet, or a range from one address to another. */
function addresses(reader: Reader): string {
  const first = address(reader);
  return reader.has('-') ? `${first}-${address(reader)}` : first;
}

function address(reader: Reader): string {
  if (reader.next.kind !== 'address') reader.fail('an address');
  return reader.take().text.toLowerCase();
}

function severity(reader: Reader): Severity {
  const found = SEVERITIES.find((one) => one.toLowerCase() === reader.word);
  if (!found) reader.fail(`a severity: ${SEVERITIES.join(', ')}`);
  reader.take();
  return found;
}

function event(reader: Reader): RuleAction {
  const found = severity(reader);
  if (!reader.has('with')) return { kind: 'event', severity: found, packets: false };
  if (!reader.has('packets')) reader.fail('"packets" after "with"');
  return { kind: 'event', severity: found, packets: true };
}
