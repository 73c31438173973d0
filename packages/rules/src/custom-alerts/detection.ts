/** A finding as the life cycle of alerts takes it, in words. */
import type { Detection, Parameters } from '@annunciator/core/alert';
import { fromMilliseconds } from '@annunciator/core/time';
import type { Finding } from '../evaluation/finding.ts';
import { parseTimeWindow } from '../groups/time-window.ts';
import { HUB_ALERTS } from '../hub-alerts/catalogue.ts';
import { findRuleType, type RuleType } from './rule-types.ts';

/** @param hub name of the hub, for what concerns no device */
export function detectionOf(finding: Finding, hub: string): Detection {
  const { alertType, deviceId, alertName, group, time } = finding;
  const device = deviceId ?? hub;
  const words = wordsOf(finding, deviceId === null ? `the hub ${hub}` : device);
  return {
    type: alertType,
    time: fromMilliseconds(time),
    source: { device, ip: finding.bound === 'event' ? finding.value : null, mac: null, port: null, name: device },
    destination: null,
    protocol: null,
    ...words,
    parameters: parametersOf(finding),
    parameterKey: JSON.stringify([finding.windowStart, finding.windowEnd, finding.bound === 'list' ? finding.value : null]),
    frames: [],
    learn: [],
    internet: false,
    ...(alertName === null ? {} : { title: alertName }),
    ...(group === null ? {} : { securityGroup: group }),
  };
}

type Words = Pick<Detection, 'message' | 'expected' | 'seen'>;

function wordsOf(finding: Finding, device: string): Words {
  const type = finding.ruleType === null ? undefined : findRuleType(finding.ruleType);
  if (!type) return eventWords(finding, device);
  return type.kind === 'timeWindow' ? windowWords(finding, type.counts, device) : listWords(finding, type, device);
}

function windowWords({ count, bound, range, windowStart, windowEnd, group }: Finding, counts: string, device: string): Words {
  const span = `from ${clock(windowStart)} to ${clock(windowEnd)} UTC`;
  const { min = 0, max = 0, size = '' } = range ?? {};
  const limit = bound === 'max' ? `at most ${max}` : `at least ${min}`;
  return {
    message: `${device}: ${count} ${counts} ${span}; ${limit} are expected in the group ${group ?? ''}.`,
    expected: `${min} to ${max} ${counts} within ${minutesText(size)}.`,
    seen: `${count} ${counts} ${span}.`,
  };
}

function listWords({ value, count, group }: Finding, { values }: Extract<RuleType, { kind: 'allowlist' }>, device: string): Words {
  const times = count === 1 ? '' : `, ${count} times`;
  return {
    message: `${device}: ${values} ${value ?? ''}${times}, which is not allowed in the group ${group ?? ''}.`,
    expected: `Only what the list of the group ${group ?? ''} allows.`,
    seen: `The ${values} ${value ?? ''}${times}.`,
  };
}

function eventWords({ alertType, count, value }: Finding, device: string): Words {
  const happened = HUB_ALERTS.find((alert) => alert.alertType === alertType)?.happened ?? alertType;
  const seen = `${happened}${count === 1 ? '' : `, ${count} times within a minute`}${value === null ? '' : `, from ${value}`}.`;
  return {
    message: `${device}: ${seen}`,
    expected: 'That nothing of this kind happens, or that it is known who did it.',
    seen: capitalised(seen),
  };
}

function parametersOf({ deviceId, group, ruleType, alertName, count, range, value, windowStart, windowEnd, bound }: Finding): Parameters {
  const protocol = ruleType === null ? undefined : /^(Amqp|Http|Mqtt)/.exec(ruleType)?.[1]?.toUpperCase();
  return {
    ...(deviceId === null ? {} : { DeviceId: deviceId }),
    ...(group === null ? {} : { SecurityGroup: group }),
    ...(ruleType === null ? {} : { RuleType: ruleType }),
    ...(alertName === null ? {} : { AlertName: alertName }),
    ...(bound === 'list' ? { Value: value ?? '', HitCount: count } : { Count: count }),
    ...(bound === 'event' && value !== null ? { IpAddress: value } : {}),
    ...(range ? { MinThreshold: range.min, MaxThreshold: range.max, TimeWindowSize: range.size } : {}),
    WindowStartUtc: new Date(windowStart).toISOString(),
    WindowEndUtc: new Date(windowEnd).toISOString(),
    ...(protocol === undefined ? {} : { Protocol: protocol }),
  };
}

function clock(time: number): string {
  return new Date(time).toISOString().slice(0, 16).replace('T', ' ');
}

function minutesText(size: string): string {
  const minutes = parseTimeWindow(size);
  return minutes === undefined ? size : minutes === 1 ? 'a minute' : minutes % 60 === 0 ? `${minutes / 60} h` : `${minutes} minutes`;
}

function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
