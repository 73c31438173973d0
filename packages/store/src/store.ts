/** The operational store: everything that has to outlive the process, except telemetry and packets. */
import { Accounts } from './accounts.ts';
import { AlertComments } from './alert-comments.ts';
import { AlertDecisions } from './alert-decisions.ts';
import { AlertJobRecords } from './alert-jobs.ts';
import type { AlertStore } from './alert-query.ts';
import { IndexClient } from './alert-index/index-client.ts';
import { networkTactics, type TacticsOf } from './alert-row.ts';
import { AuditLog } from './audit-log.ts';
import { BaselineRecords } from './baseline-records.ts';
import { Database } from './database.ts';
import { EvidenceRecords } from './evidence-records.ts';
import { FindingRecords } from './finding-records.ts';
import { Preferences, SavedViews } from './saved-views.ts';
import { openKey, Secrets } from './secrets.ts';
import { ConnectionRecords } from './inventory/connections.ts';
import { Devices } from './inventory/devices.ts';
import { DeviceGroups } from './inventory/groups.ts';
import { Subnets, Vlans } from './inventory/subnets.ts';
import { DeviceUnions } from './inventory/unions.ts';
import { ReviewRecords } from './review-records.ts';
import { RuleRecords } from './rule-records.ts';
import { Sites } from './sites.ts';
import { Silencers } from './sensor-records.ts';
import { Progress, Settings } from './settings.ts';
import { SqliteAlertStore } from './sqlite-alert-store.ts';
import { Timeline } from './timeline.ts';

export interface StoreOptions {
  /** Tactics of alert types beyond the network catalogue. */
  readonly tacticsOf?: TacticsOf;
  /** Events that the timeline holds; 500,000 when absent. */
  readonly timelineCapacity?: number;
}

/** Devices, what they exchange, and how people order them. */
export interface Inventory {
  readonly devices: Devices;
  readonly connections: ConnectionRecords;
  readonly groups: DeviceGroups;
  readonly unions: DeviceUnions;
  readonly subnets: Subnets;
  readonly vlans: Vlans;
}

export interface Store {
  readonly alerts: AlertStore;
  readonly decisions: AlertDecisions;
  readonly findings: FindingRecords;
  readonly alertJobs: AlertJobRecords;
  readonly comments: AlertComments;
  readonly views: SavedViews;
  readonly preferences: Preferences;
  readonly sites: Sites;
  readonly accounts: Accounts;
  readonly audit: AuditLog;
  readonly settings: Settings;
  readonly secrets: Secrets;
  readonly baseline: BaselineRecords;
  readonly reviews: ReviewRecords;
  readonly rules: RuleRecords;
  readonly silencers: Silencers;
  readonly inventory: Inventory;
  readonly evidence: EvidenceRecords;
  readonly timeline: Timeline;
  readonly progress: Progress;
  /** Finishes what is under way and lets go of the data directory. */
  close(): Promise<void>;
}

/**
 * Opens the store of a data directory; makes both when they are not there.
 * @throws StoreError `in-use` when another process has the directory, `newer-database` when a newer program wrote it,
 * `damaged` when the file is no database, `bad-key` when the key of the secrets is damaged.
 */
export async function openStore(directory: string, options: StoreOptions = {}): Promise<Store> {
  const database = await Database.open(directory);
  let index: IndexClient | undefined;
  try {
    const key = await openKey(directory);
    const alertIndex = await IndexClient.open(directory);
    index = alertIndex;
    const subnets = await Subnets.open(database);
    return {
      alerts: new SqliteAlertStore(database, alertIndex, options.tacticsOf ?? networkTactics),
      decisions: new AlertDecisions(database),
      findings: new FindingRecords(database),
      alertJobs: new AlertJobRecords(database),
      comments: new AlertComments(database),
      views: new SavedViews(database),
      preferences: new Preferences(database),
      sites: new Sites(database),
      accounts: new Accounts(database),
      audit: new AuditLog(database),
      settings: new Settings(database),
      secrets: new Secrets(database, key),
      baseline: new BaselineRecords(database),
      reviews: new ReviewRecords(database),
      rules: new RuleRecords(database),
      silencers: new Silencers(database),
      inventory: {
        devices: new Devices(database, subnets.of),
        connections: new ConnectionRecords(database),
        groups: new DeviceGroups(database),
        unions: new DeviceUnions(database),
        vlans: new Vlans(database),
        subnets,
      },
      evidence: new EvidenceRecords(database),
      timeline: new Timeline(database, options.timelineCapacity ?? 500_000),
      progress: new Progress(database),
      close: async () => {
        await alertIndex.close();
        await database.close();
      },
    };
  } catch (error) {
    await index?.close();
    await database.close();
    throw error;
  }
}
