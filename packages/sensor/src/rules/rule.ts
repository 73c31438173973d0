/**
 * A custom alert rule: what somebody at a plant wants to hear about, whatever the sensor has learned. One value, written as
 * text (grammar in docs/reference/rule-grammar.md) or as JSON by the API; both say the same.
 */
import type { Severity } from '@annunciator/core/alert';
import type { EventSeverity } from '@annunciator/core/event-types';

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];

export const NUMBER_OPERATORS = ['==', '!=', '>', '>=', '<', '<='] as const;
export const TEXT_OPERATORS = ['==', '!=', 'contains', 'matches'] as const;
export const OPERATORS = ['==', '!=', '>', '>=', '<', '<=', 'contains', 'matches'] as const;
export type Operator = (typeof OPERATORS)[number];

/** A number, a text, an address, or a word that stands for a number. */
export type RuleValue = number | string;

/** One value, or all from `from` to `to`; of addresses also a subnet, as text. */
export type RuleRange = RuleValue | { readonly from: RuleValue; readonly to: RuleValue };

export type Condition =
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }
  | { readonly field: string; readonly operator: Operator; readonly value: RuleValue }
  | { readonly field: string; readonly operator: 'in' | 'not in'; readonly values: readonly RuleRange[] }
  | { readonly field: string; readonly operator: 'same as'; readonly other: string };

/** An end: an address, a subnet, a range of addresses, or a group: one of ours such as `internet`, or one that people defined. */
export type End = { readonly addresses: string } | { readonly group: string };

/** When a rule holds, in the time zone of the site. */
export interface Schedule {
  /** Absent: every day. */
  readonly days?: readonly Day[];
  /** From and to within a day, `HH:MM`; a `to` before its `from` goes over midnight. */
  readonly hours?: { readonly from: string; readonly to: string };
  readonly working?: 'inside' | 'outside';
}

export interface RuleAction {
  readonly kind: 'alert' | 'event';
  readonly severity: Severity;
  /** Packets are kept: always for alerts, on request for events. */
  readonly packets: boolean;
}

/** Severity of the event that a rule with the action event writes. */
export const SEVERITY_OF_EVENT: Readonly<Record<Severity, EventSeverity>> = {
  Critical: 'ALERT',
  Major: 'ALERT',
  Minor: 'NOTICE',
  Warning: 'INFO',
};

export interface Rule {
  /** Stable: alerts of the rule belong together by it. */
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  /** Protocol id such as `modbus`; `tcp` and `udp` are about conversations that begin. */
  readonly protocol: string;
  /** Null: every message of the protocol. */
  readonly when: Condition | null;
  /** Any of these; empty for every one. */
  readonly from: readonly End[];
  readonly to: readonly End[];
  readonly schedule: Schedule | null;
  readonly action: RuleAction;
  /** With `{variables}`. */
  readonly message: string;
}

/** Named once for a site. */
export interface RuleSettings {
  /** IANA name, such as `Europe/Berlin`. */
  readonly timeZone: string;
  readonly workingHours: { readonly days: readonly Day[]; readonly from: string; readonly to: string };
  /** Addresses, subnets and ranges by name of the group. */
  readonly groups: Readonly<Record<string, readonly string[]>>;
}

export const DEFAULT_RULE_SETTINGS: RuleSettings = {
  timeZone: 'UTC',
  workingHours: { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '07:00', to: '18:00' },
  groups: {},
};

/** Groups that the sensor knows by itself. */
export const BUILT_IN_GROUPS = {
  internet: 'addresses outside of the site',
  local: 'addresses of the site',
  ot: 'devices that speak an OT protocol, and their subnets',
  controllers: 'PLCs, RTUs, IEDs and other controllers',
  'programming-devices': 'devices flagged as programming device',
  scanners: 'devices flagged as scanner',
  unauthorised: 'devices that nobody has authorised',
} as const;
export type BuiltInGroup = keyof typeof BUILT_IN_GROUPS;

/** A rule that cannot be used: which part of it, and what is allowed there. */
export interface RuleProblem {
  /** Path of the part: `protocol`, `when.any.1.value`, `from.0`. */
  readonly part: string;
  readonly message: string;
}

/** True for a condition of several. */
export function isGroup(condition: Condition): condition is Extract<Condition, { all: unknown } | { any: unknown } | { not: unknown }> {
  return 'all' in condition || 'any' in condition || 'not' in condition;
}
