/** Rules as evaluation uses them: only the enabled ones of a group, by number of the rule type. */
import { RULE_TYPES, ruleNumber } from '../custom-alerts/rule-types.ts';
import { networkPrefix } from '../groups/networks.ts';
import { isListRule, type SecurityGroup } from '../groups/security-group.ts';
import { parseTimeWindow } from '../groups/time-window.ts';

export interface CompiledWindow {
  readonly kind: 'window';
  readonly number: number;
  readonly alertName: string | null;
  readonly min: number;
  readonly max: number;
  /** Minutes. */
  readonly size: number;
  readonly sizeText: string;
  /** When it was saved with this range, milliseconds since 1970: windows that began before are not judged for too few. */
  readonly since: number;
  /**
   * The first window that is still to be judged for too few, minutes since 1970, by lateness in minutes: windows stay open
   * for different times where agents send at different intervals.
   */
  readonly next: Map<number, number>;
}

export interface CompiledList {
  readonly kind: 'list';
  readonly number: number;
  readonly alertName: string | null;
  readonly values: ReadonlySet<string>;
  /** Networks as {@link networkPrefix} gives them. */
  readonly prefixes: readonly string[];
}

export type CompiledRule = CompiledWindow | CompiledList;

/** Windows of what the hub sees are judged for too few so long after their end, milliseconds. */
export const GRACE = 30_000;

/** Minutes of the window of a rule; 0 of a list, and where there is no rule. */
export function windowSize(rule: CompiledRule | undefined): number {
  return rule?.kind === 'window' ? rule.size : 0;
}

/** Enabled rules of a group by number; a rule that is the same as before goes on where it stands. */
export function compile(group: SecurityGroup, before: readonly (CompiledRule | undefined)[]): (CompiledRule | undefined)[] {
  const rules: (CompiledRule | undefined)[] = Array.from({ length: RULE_TYPES.length });
  for (const rule of group.rules) {
    const number = ruleNumber(rule.ruleType);
    if (number === undefined || !rule.isEnabled) continue;
    const { alertName } = rule;
    if (isListRule(rule)) {
      const prefixes = rule.allowlistValues.flatMap((value) => networkPrefix(value) ?? []);
      rules[number] = { kind: 'list', number, alertName, values: new Set(rule.allowlistValues), prefixes };
      continue;
    }
    const size = parseTimeWindow(rule.timeWindowSize);
    if (size === undefined) continue;
    const present = before[number]?.kind === 'window' ? before[number] : undefined;
    const sameWindow = present?.size === size;
    const sameRange = sameWindow && present.min === rule.minThreshold && present.max === rule.maxThreshold;
    rules[number] = {
      kind: 'window',
      number,
      alertName,
      min: rule.minThreshold,
      max: rule.maxThreshold,
      size,
      sizeText: rule.timeWindowSize,
      since: sameRange ? present.since : group.savedAt,
      next: sameWindow ? present.next : new Map(),
    };
  }
  return rules;
}

/** A rule as JSON can hold it. */
export type StoredRule =
  | (Omit<CompiledWindow, 'next'> & { readonly next: readonly (readonly [number, number])[] })
  | (Omit<CompiledList, 'values'> & { readonly values: readonly string[] });

export function storedRule(rule: CompiledRule | undefined): StoredRule | null {
  if (!rule) return null;
  return rule.kind === 'window' ? { ...rule, next: [...rule.next] } : { ...rule, values: [...rule.values] };
}

export function revivedRule(rule: StoredRule | null): CompiledRule | undefined {
  if (!rule) return undefined;
  return rule.kind === 'window' ? { ...rule, next: new Map(rule.next) } : { ...rule, values: new Set(rule.values) };
}
