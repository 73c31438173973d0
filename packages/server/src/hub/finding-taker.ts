/** Turns what a hub finds into alerts: each finding once, however often the hub tells it. */
import type { Detection } from '@annunciator/core/alert';
import type { FindingTaker } from '@annunciator/hub/security/hub-security';
import { detectionOf } from '@annunciator/rules/custom-alerts/detection';
import type { Finding } from '@annunciator/rules/evaluation/finding';
import type { FindingRecord, FindingRecords } from '@annunciator/store/finding-records';
import type { AlertDesk, Place } from '../alerts/alert-desk.ts';

/** @param hub name of the hub, for what concerns no device */
export function findingTaker(
  alerts: Pick<AlertDesk, 'detect'>,
  records: Pick<FindingRecords, 'known'>,
  place: Place,
  hub: string,
): FindingTaker {
  const detection = (finding: Finding): Detection => detectionOf(finding, hub);
  return async (findings) => {
    const known = await records.known(findings.map(({ id }) => id));
    const fresh = findings.filter(({ id }) => !known.has(id));
    const grown = findings.filter(({ id, count }) => count > (known.get(id) ?? Number.POSITIVE_INFINITY));
    // The rows are written with the alerts, or neither is: what is told again after a crash is known or was never counted.
    await alerts.detect(fresh.map(detection), place, { grown: grown.map(detection), records: [...fresh, ...grown].map(recordOf) });
  };
}

function recordOf(finding: Finding): FindingRecord {
  const { id, alertType, deviceId, group, time, count } = finding;
  return { id, alertType, device: deviceId, securityGroup: group, time, count, body: JSON.stringify(finding) };
}
