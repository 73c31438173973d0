/** Holds the running system to its settings: what the timeline, the audit log and packets may have. */
import type { PacketEvidence } from '@annunciator/server/alerts/packet-evidence';
import type { SettingsDesk } from '@annunciator/server/settings/settings-desk';
import type { SystemSettings } from '@annunciator/server/settings/system-settings';
import type { Store } from '@annunciator/store/store';
import type { SensorProcess } from './sensor-process.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Share of the budget for the packets of alerts; the rest holds the recent ones of all traffic. */
const EVIDENCE_SHARE = 0.4;

/** Bytes for the packets of alerts, and for the recent ones of all traffic. */
export function packetBudgets({ packetGigabytes }: Pick<SystemSettings, 'packetGigabytes'>): { evidence: number; recent: number } {
  const bytes = packetGigabytes * 1e9;
  return { evidence: Math.floor(bytes * EVIDENCE_SHARE), recent: Math.floor(bytes * (1 - EVIDENCE_SHARE)) };
}

export interface RetentionParts {
  readonly settings: SettingsDesk;
  readonly store: Pick<Store, 'timeline' | 'audit'>;
  readonly evidence: Pick<PacketEvidence, 'setBudget'>;
  readonly sensor: Pick<SensorProcess, 'setPacketBudget'> | undefined;
  /** Says something to the person at the terminal. */
  readonly say: (line: string) => void;
}

/** Holds the settings now, at each change, and the age of the audit log every hour. Returns what ends it. */
export async function holdSettings({ settings, store, evidence, sensor, say }: RetentionParts): Promise<() => void> {
  const pruneAudit = async ({ auditDays }: SystemSettings): Promise<void> => {
    if (auditDays !== null) await store.audit.prune(Date.now() - auditDays * DAY_MS);
  };
  await settings.hold(async (now) => {
    await store.timeline.keep(now.timelineEvents);
    await pruneAudit(now);
    // Without packets nothing changes before the next start.
    const budgets = packetBudgets(now);
    if (now.packetGigabytes > 0) await evidence.setBudget(budgets.evidence);
    sensor?.setPacketBudget(budgets.recent);
  });
  const hourly = setInterval(() => {
    pruneAudit(settings.current).catch((error: unknown) => say(`Old entries of the audit log could not be deleted: ${String(error)}`));
  }, HOUR_MS);
  hourly.unref();
  return () => clearInterval(hourly);
}
