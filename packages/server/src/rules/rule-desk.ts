/**
 * Makes, changes and removes custom rules for people: one change after the other, each checked before, written down, told to
 * the sensors, to the audit log and to the timeline.
 */
import { randomBytes } from 'node:crypto';
import type { TimelineEvent } from '@annunciator/core/events';
import { timelineEvent } from '@annunciator/core/events';
import type { EventType } from '@annunciator/core/event-types';
import { fromMilliseconds, type Instant } from '@annunciator/core/time';
import { checkRule, checkRuleSettings } from '@annunciator/sensor/rules/check';
import { ruleDocument } from '@annunciator/sensor/rules/format';
import { checkedRules } from '@annunciator/sensor/rules/checked-text';
import { idOfName, MAX_RULES } from '@annunciator/sensor/rules/parse';
import type { End, Rule, RuleProblem, RuleSettings } from '@annunciator/sensor/rules/rule';
import type { StoredRule } from '@annunciator/store/rule-records';
import type { Store } from '@annunciator/store/store';
import { isDeepStrictEqual } from 'node:util';
import type { Audit } from '../audit.ts';
import { type Problem, RequestError } from '../http/request-error.ts';
import { type RuleDraft, ruleOf, scheduleView } from './rule-view.ts';
import type { HistoryTrial, SensorLink, SensorStatus } from '../sensor-link.ts';
import { keepSettings, type KeptRule, keptRules, ruleSet, ruleSettings } from './stored-rules.ts';

export interface RuleEntry extends KeptRule {
  /** Packet time at which it last held. */
  readonly last: Instant | null;
  /** How often it held in the last seven days of packet time. */
  readonly week: number;
}

/** Names of rules that an import makes, changes and removes. */
export interface RuleImport {
  readonly created: readonly string[];
  readonly edited: readonly string[];
  readonly removed: readonly string[];
  readonly settings: boolean;
}

export interface RuleDeskOptions {
  readonly store: Pick<Store, 'rules' | 'settings'>;
  readonly sensors: Pick<SensorLink, 'setRules' | 'tryRules'> & {
    status(): Promise<readonly Pick<SensorStatus, 'name' | 'lastPacket'>[]>;
  };
  readonly audit: Audit;
  readonly timeline?: (events: readonly TimelineEvent[], place: { readonly sensor: string }) => void;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
}

/** Parts of a rule that are to be different. */
export type RuleChange = { readonly [part in keyof RuleDraft]?: RuleDraft[part] | undefined };

interface Change {
  readonly created: readonly Rule[];
  readonly edited: readonly Rule[];
  readonly removed: readonly Rule[];
}

export class RuleDesk {
  readonly #options: RuleDeskOptions;
  readonly #clock: () => number;
  /** Changes in order, one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: RuleDeskOptions) {
    this.#options = options;
    this.#clock = options.clock ?? Date.now;
  }

  /** By name. @param at the sensors whose hits count; all when absent */
  async list(at?: readonly string[]): Promise<RuleEntry[]> {
    const { store, sensors } = this.#options;
    const kept = await keptRules(store, await ruleSettings(store));
    const seen = (await sensors.status()).filter(({ name }) => at?.includes(name) ?? true).map(({ lastPacket }) => lastPacket ?? 0);
    const activity = await store.rules.activity(fromMilliseconds(Math.max(0, ...seen)), at);
    return kept.map((one) => {
      const of = activity.get(one.rule.id);
      return { ...one, last: of?.last ?? null, week: of?.count ?? 0 };
    });
  }

  /** @throws RequestError 404 */
  async get(id: string, at?: readonly string[]): Promise<RuleEntry> {
    const found = (await this.list(at)).find(({ rule }) => rule.id === id);
    if (found) return found;
    throw new RequestError(404, 'not_found', `There is no rule with the id ${JSON.stringify(id)}. It may have been deleted.`);
  }

  settings(): Promise<RuleSettings> {
    return ruleSettings(this.#options.store);
  }

  create(draft: RuleDraft, by: string): Promise<RuleEntry> {
    return this.#alone(async () => {
      const all = await this.#rules();
      if (all.length >= MAX_RULES)
        throw new RequestError(409, 'too_many', `There are ${MAX_RULES} rules already, which is all there can be. Delete some first.`);
      const known = idOfName(draft.name);
      const id = all.some((rule) => rule.id === known) ? randomBytes(8).toString('hex') : known;
      const rule = await this.#checked(draft, id, all);
      await this.#change({ created: [rule], edited: [], removed: [] }, by);
      return this.get(id);
    });
  }

  /** What is not given stays as it is. */
  edit(id: string, change: RuleChange, by: string): Promise<RuleEntry> {
    return this.#alone(async () => {
      const { rule: before } = await this.get(id);
      const rule = await this.#checked(Object.assign(draftOf(before), defined(change)), id, await this.#rules());
      await this.#change({ created: [], edited: [rule], removed: [] }, by);
      return this.get(id);
    });
  }

  /** Switches rules on or off. Returns how many were not so before. */
  enable(ids: readonly string[], enabled: boolean, by: string): Promise<number> {
    return this.#alone(async () => {
      const edited = (await this.#named(ids)).filter((rule) => rule.enabled !== enabled).map((rule) => ({ ...rule, enabled }));
      await this.#change({ created: [], edited, removed: [] }, by);
      return edited.length;
    });
  }

  remove(ids: readonly string[], by: string): Promise<number> {
    return this.#alone(async () => {
      const removed = await this.#named(ids);
      await this.#change({ created: [], edited: [], removed }, by);
      return removed.length;
    });
  }

  setSettings(settings: RuleSettings, by: string): Promise<RuleSettings> {
    return this.#alone(async () => {
      const problems = [...checkRuleSettings(settings), ...missingGroups(await this.#rules(), settings)];
      refuse(problems, 'The settings cannot be used');
      await this.#keepSettings(settings, by);
      return settings;
    });
  }

  /** All rules with what they share, as text. */
  async text(): Promise<string> {
    return ruleDocument(await this.#rules(), await this.settings());
  }

  /** Makes the rules what a text says. Rules are known by their ids, which come from their names unless the text gives others. */
  import(text: string, { by, dryRun }: { readonly by: string; readonly dryRun: boolean }): Promise<RuleImport> {
    return this.#alone(async () => {
      const before = await this.#rules();
      const current = await this.settings();
      const { rules: placed, settings, problems } = checkedRules(text, current);
      refuse(problems, 'The text cannot be used');
      const rules = placed.map(({ rule }) => rule);
      const known = new Map(before.map((rule) => [rule.id, rule]));
      const change: Change = {
        created: rules.filter(({ id }) => !known.has(id)),
        edited: rules.filter((rule) => known.has(rule.id) && !isDeepStrictEqual(known.get(rule.id), rule)),
        removed: before.filter(({ id }) => !rules.some((rule) => rule.id === id)),
      };
      const changes = !isDeepStrictEqual(current, settings);
      if (!dryRun) {
        if (changes) await this.#keepSettings(settings, by);
        await this.#change(change, by);
      }
      const names = (some: readonly Rule[]): string[] => some.map(({ name }) => name);
      return { created: names(change.created), edited: names(change.edited), removed: names(change.removed), settings: changes };
    });
  }

  /** Faults of a text, each with its place. */
  async check(text: string): Promise<readonly Problem[]> {
    return checkedRules(text, await this.settings()).problems;
  }

  /** How often rules would have held, by the packets that a sensor still has: given ones, or those of the desk with these ids. */
  async try(
    sensor: string,
    what: { readonly draft?: RuleDraft; readonly text?: string; readonly ids?: readonly string[] },
    limit: number,
  ): Promise<HistoryTrial & { readonly names: readonly string[] }> {
    const { sensors } = this.#options;
    const current = await this.settings();
    let settings = current;
    let rules: readonly Rule[];
    if (what.text !== undefined) {
      const read = checkedRules(what.text, current);
      refuse(read.problems, 'The text cannot be used');
      settings = read.settings;
      rules = read.rules.map(({ rule }) => rule);
    } else if (what.draft) rules = [await this.#checked(what.draft, '', [])];
    else rules = what.ids ? await this.#named(what.ids) : await this.#rules();
    if (!(await sensors.status()).some(({ name }) => name === sensor))
      throw new RequestError(404, 'not_found', `There is no sensor ${JSON.stringify(sensor)}.`);
    const trial = await sensors.tryRules?.(sensor, { rules, settings }, limit);
    if (!trial)
      throw new RequestError(
        409,
        'no_history',
        'The sensor keeps no packets to try rules on. Try them on a capture with "annunciator rules test", or start the sensor with a packet budget.',
      );
    return { ...trial, names: rules.map(({ name }) => name) };
  }

  /** One change after the other. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work, work);
    this.#last = next.catch(() => undefined);
    return next;
  }

  async #rules(): Promise<Rule[]> {
    return (await keptRules(this.#options.store, await this.settings())).map(({ rule }) => rule);
  }

  async #named(ids: readonly string[]): Promise<Rule[]> {
    const rules = await this.#rules();
    return [...new Set(ids)].map((id) => {
      const found = rules.find((rule) => rule.id === id);
      if (found) return found;
      throw new RequestError(404, 'not_found', `There is no rule with the id ${JSON.stringify(id)}. It may have been deleted.`);
    });
  }

  async #checked(draft: RuleDraft, id: string, all: readonly Rule[]): Promise<Rule> {
    const problems: RuleProblem[] = [];
    const rule = ruleOf(draft, id, problems);
    // What could not be read as a condition is no missing one.
    const found = checkRule(rule, await this.settings()).filter(({ part }) => problems.length === 0 || part !== 'when');
    if (all.some((other) => other.name === rule.name && other.id !== id))
      found.push({ part: 'name', message: `There is a rule with the name "${rule.name}" already. Give another.` });
    refuse([...problems, ...found], 'The rule cannot be used');
    return rule;
  }

  async #change({ created, edited, removed }: Change, by: string): Promise<void> {
    const { store, sensors } = this.#options;
    if (created.length + edited.length + removed.length === 0) return;
    const at = this.#clock();
    const put = [...created, ...edited].map((rule): StoredRule => {
      const { id, name } = rule;
      return { id, name, body: JSON.stringify(draftOf(rule)), by, at };
    });
    await store.rules.change({ remove: removed.map(({ id }) => id), put });
    await sensors.setRules?.(await ruleSet(store));
    await this.#tell('USER_DEFINED_RULE_CREATED', 'rule.create', 'was created', created, by, at);
    await this.#tell('USER_DEFINED_RULE_EDITED', 'rule.edit', 'was edited', edited, by, at);
    await this.#tell('USER_DEFINED_RULE_DELETED', 'rule.delete', 'was deleted', removed, by, at);
  }

  async #keepSettings(settings: RuleSettings, by: string): Promise<void> {
    const { store, sensors, audit } = this.#options;
    await keepSettings(store, settings);
    await sensors.setRules?.(await ruleSet(store));
    const details = { timeZone: settings.timeZone, groups: Object.keys(settings.groups).join(', ') };
    await audit.record({ at: this.#clock(), who: by, action: 'rule.settings', on: [], details });
  }

  async #tell(type: EventType, action: string, what: string, rules: readonly Rule[], by: string, at: number): Promise<void> {
    const { audit, timeline, sensors } = this.#options;
    for (const rule of rules) {
      const { id, name, enabled, protocol } = rule;
      await audit.record({ at, who: by, action, on: [id], details: { name, enabled, protocol } });
    }
    if (!timeline || rules.length === 0) return;
    const events = rules.map(({ name }) => timelineEvent(type, fromMilliseconds(at), `The rule "${name}" ${what}.`, { owner: by }));
    for (const { name } of await sensors.status()) timeline(events, { sensor: name });
  }
}

function draftOf({ id: _id, when, from, to, schedule, action, ...rest }: Rule): RuleDraft {
  return {
    ...rest,
    when: when && { ...when },
    from: from.map((end) => ({ ...end })),
    to: to.map((end) => ({ ...end })),
    schedule: schedule && scheduleView(schedule),
    action: { ...action },
  };
}

function defined(change: RuleChange): Partial<RuleDraft> {
  // What is left has a value.
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as Partial<RuleDraft>;
}

/** Groups that rules name and the settings lack. */
function missingGroups(rules: readonly Rule[], settings: RuleSettings): RuleProblem[] {
  return rules.flatMap((rule) =>
    [...rule.from, ...rule.to]
      .filter((end): end is Extract<End, { group: string }> => 'group' in end)
      .filter(({ group }) => checkRule({ ...rule, from: [{ group }], to: [] }, settings).some(({ part }) => part === 'from.0'))
      .map(({ group }) => ({
        part: `groups.${group}`,
        message: `The rule "${rule.name}" uses the group "${group}": change the rule first.`,
      })),
  );
}

function refuse(problems: readonly Problem[], what: string): void {
  if (problems.length === 0) return;
  const [{ part, message, line, column }] = problems;
  const place = line === undefined ? part : `line ${line}, column ${column}`;
  const more = problems.length > 1 ? ` There are ${problems.length - 1} more problems.` : '';
  throw new RequestError(400, 'bad_rule', `${what}: ${place}: ${message}${more}`, { problems });
}
