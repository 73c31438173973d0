/**
 * The security of a hub: follows its operations, evaluates them by the rules of the security groups, and hands over what is
 * found. What was evaluated is kept in snapshots; after a restart the journals are played from there, so nothing is forgotten
 * and nothing found twice under another id.
 */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from '@annunciator/rules/evaluation/finding';
import type { HubOperationConsumer, RecordedOperation } from '@annunciator/rules/hub-operation';
import type { SecurityGroup } from '@annunciator/rules/groups/security-group';
import { groupKey } from '@annunciator/rules/groups/membership';
import type { HubContext } from '../core/context.ts';
import { readIfThere } from './durable-file.ts';
import { HistoryFiles } from './history-files.ts';
import { type GroupSave, SecuritySettings } from './security-settings.ts';
import { readSnapshot, writeSnapshot } from './snapshot-file.ts';
import { type IgnoredMessages, WatchedPartition } from './watched-partition.ts';

export interface HubSecurityOptions {
  /** Where everything is kept, such as `DIR/hub/security`. */
  readonly folder: string;
  /** Bytes of what devices did in the past. */
  readonly historyBytes: number;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** A clock that nobody sets, milliseconds since any moment; tells when the other one is set. */
  readonly steadyClock: () => number;
  /** Milliseconds between snapshots of a partition at the least. */
  readonly snapshotMs: number;
  readonly log: (line: string) => void;
}

/** Takes findings; they are durable when the promise resolves. May get one again, with the same id and a greater count. */
export type FindingTaker = (findings: readonly Finding[]) => Promise<void>;

const TICK_MS = 1000;
const ALIVE_MS = 5000;
/** A difference of the clocks that is a clock set anew and not a busy machine, milliseconds. */
const CLOCK_STEP = 2000;
const TAKEN_AT_ONCE = 500;
const LISTED_AT_ONCE = 2000;
const HISTORY_DAYS = 31;
const PRUNE_MS = 600_000;

export const HISTORY_BYTES = 2 ** 30;

export class HubSecurity implements HubOperationConsumer {
  readonly settings: SecuritySettings;
  readonly history: HistoryFiles;
  readonly #options: HubSecurityOptions;
  readonly #partitions: WatchedPartition[];
  /** When an earlier process was last alive, and when this one began: milliseconds since 1970. */
  readonly #lastAlive: number;
  readonly #began: number;
  #isLive = false;
  #taker: FindingTaker | undefined;
  #handingOver: Promise<void> | undefined;
  #clocks: { wall: number; steady: number };
  #timer: NodeJS.Timeout | undefined;
  #aliveAt = 0;
  #prunedAt = 0;
  #snapshotting: Promise<void> | undefined;
  #nextSnapshot = 0;
  #historyWrites: Promise<void> = Promise.resolve();
  #isClosed = false;

  private constructor(
    options: HubSecurityOptions,
    parts: { settings: SecuritySettings; history: HistoryFiles; partitions: WatchedPartition[]; lastAlive: number },
  ) {
    this.#options = options;
    this.settings = parts.settings;
    this.history = parts.history;
    this.#partitions = parts.partitions;
    this.#began = options.clock();
    this.#lastAlive = parts.lastAlive;
    this.#clocks = { wall: this.#began, steady: options.steadyClock() };
    for (const partition of this.#partitions) this.#prepare(partition);
  }

  static async open(options: HubSecurityOptions): Promise<HubSecurity> {
    const { folder } = options;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const settings = await SecuritySettings.open(join(folder, 'settings.json'));
    const history = await HistoryFiles.open(join(folder, 'history'), options.historyBytes);
    const numbers = (await readdir(folder)).flatMap((name) => /^partition-(\d+)\.snapshot$/.exec(name)?.[1] ?? []).map(Number);
    const partitions: WatchedPartition[] = [];
    for (let number = 0; number <= Math.max(-1, ...numbers); number++) {
      const snapshot = await readSnapshot(snapshotPath(folder, number));
      if (!snapshot && numbers.includes(number))
        options.log(`The snapshot of partition ${number} is damaged: its devices are counted anew.`);
      partitions.push(new WatchedPartition(snapshot));
    }
    const alive = await readIfThere(join(folder, 'alive'));
    return new HubSecurity(options, { settings, history, partitions, lastAlive: Number(alive?.toString('utf8') ?? 0) });
  }

  #prepare({ evaluation }: WatchedPartition): void {
    for (const gap of this.settings.gaps) evaluation.gap(gap);
    // Those that were saved just before it ended, too.
    for (const group of this.settings.versions()) evaluation.setGroup(group);
  }

  #partition(number: number): WatchedPartition {
    while (this.#partitions.length <= number) {
      const partition = new WatchedPartition(undefined);
      this.#partitions.push(partition);
      this.#prepare(partition);
    }
    return this.#partitions[number];
  }

  resumeAt(partition: number): number | null {
    return this.#partition(partition).position;
  }

  begins(partition: number, position: number): void {
    this.#partition(partition).begins(position);
  }

  accept(partition: number, records: readonly RecordedOperation[]): void {
    const watched = this.#partition(partition);
    for (const record of records) {
      const { time } = record.operation;
      if (!this.#isLive && time >= this.#began) this.#goLive(time);
      watched.accept(record, this.#isJudged(time));
    }
  }

  /** What was recorded before is played: the time in between belongs to nobody. */
  #goLive(now: number): void {
    this.#isLive = true;
    // One that has no past has seen nothing yet.
    for (const partition of this.#partitions) if (partition.time === 0) partition.gap({ from: 0, to: now });
    const seen = Math.max(this.#lastAlive, ...this.#partitions.map(({ time }) => time));
    if (seen === 0) return this.#gap({ from: 0, to: now });
    if (seen > now) for (const { evaluation } of this.#partitions) evaluation.clockSet(seen, now);
    else this.#gap({ from: seen, to: now });
  }

  #gap(gap: { readonly from: number; readonly to: number }): void {
    for (const partition of this.#partitions) partition.gap(gap);
    this.settings
      .addGap(gap)
      .catch((error: unknown) => this.#options.log(`A gap of the evaluation could not be written down: ${String(error)}`));
  }

  #isJudged(time: number): boolean {
    const { enabled, since } = this.settings.protection;
    return enabled ? !this.settings.off.some(({ from, to }) => from <= time && time < to) : time < since;
  }

  /** Begins to work on a hub that is open: looks at its devices, and lets time pass. */
  async start(context: HubContext): Promise<void> {
    if (!this.#isLive) this.#goLive(this.#options.clock());
    this.#timer = setInterval(() => this.tick(), TICK_MS).unref();
    await this.#lookAtDevices(context);
  }

  /** The devices that there are, for a hub that is older than its rules, and for what a crash left between two files. */
  async #lookAtDevices(context: HubContext): Promise<void> {
    const began = this.#options.clock();
    for (let number = 0; number < context.state.partitions && !this.#isClosed; number++) {
      const { evaluation } = this.#partition(number);
      const ends = evaluation.devices.end;
      const seen = new Set<string>();
      for (let after = ''; !this.#isClosed; ) {
        const page = await context.state.ask(number, 'memberships', { after, limit: LISTED_AT_ONCE });
        for (const { deviceId, membership, since } of page) {
          seen.add(deviceId);
          const device = evaluation.devices.find(deviceId);
          if (device < 0) evaluation.admitDevice(deviceId, membership, since);
          else evaluation.setDevice(deviceId, membership, this.#options.clock());
        }
        if (page.length < LISTED_AT_ONCE) break;
        after = page[page.length - 1].deviceId;
      }
      for (let device = 0; device < ends; device++)
        if (evaluation.devices.isDevice(device) && evaluation.devices.since(device) < began && !seen.has(evaluation.devices.id(device)))
          evaluation.removeDevice(evaluation.devices.id(device));
    }
  }

  /** Hands over findings from now on, those first that wait. */
  handOver(taker: FindingTaker): void {
    this.#taker = taker;
    this.#hand();
  }

  #hand(): void {
    this.#handingOver ??= this.#handAll().finally(() => {
      this.#handingOver = undefined;
    });
  }

  async #handAll(): Promise<void> {
    for (const partition of this.#partitions)
      for (let findings = partition.untaken(TAKEN_AT_ONCE); findings.length > 0; findings = partition.untaken(TAKEN_AT_ONCE)) {
        if (!this.#taker) return;
        try {
          await this.#taker(findings);
        } catch (error) {
          this.#options.log(`Alerts could not be written, they are tried again: ${String(error)}`);
          return;
        }
        partition.taken(findings);
      }
  }

  /** A second has passed. */
  tick(): void {
    const now = this.#options.clock();
    const steady = this.#options.steadyClock();
    const expected = this.#clocks.wall + steady - this.#clocks.steady;
    this.#clocks = { wall: now, steady };
    if (Math.abs(now - expected) > CLOCK_STEP) {
      this.#options.log(
        `The clock was set from ${new Date(expected).toISOString()} to ${new Date(now).toISOString()}: windows in between are not judged for too few.`,
      );
      for (const { evaluation } of this.#partitions) evaluation.clockSet(expected, now);
    }
    if (this.settings.protection.enabled) for (const partition of this.#partitions) partition.advance(now);
    for (const [number, { evaluation }] of this.#partitions.entries())
      for (const frame of evaluation.history.take()) this.#historyWrites = this.#historyWrites.then(() => this.#write(number, frame));
    this.#hand();
    if (now - this.#aliveAt >= ALIVE_MS || now < this.#aliveAt) this.#noteAlive(now);
    if (now - this.#prunedAt >= PRUNE_MS || now < this.#prunedAt) {
      this.#prunedAt = now;
      this.#historyWrites = this.#historyWrites.then(() => this.history.prune(now / 60_000 - HISTORY_DAYS * 1440)).catch(() => {});
    }
    if (steady >= this.#nextSnapshot) void this.#snapshotSoon();
  }

  async #write(number: number, frame: Parameters<HistoryFiles['append']>[1]): Promise<void> {
    // A full disk costs the past of five minutes, no alert.
    await this.history
      .append(number, frame)
      .catch((error: unknown) => this.#options.log(`What devices did could not be written: ${String(error)}`));
  }

  #noteAlive(now: number): void {
    this.#aliveAt = now;
    writeFile(join(this.#options.folder, 'alive'), String(now)).catch(() => {});
  }

  #snapshotSoon(): Promise<void> {
    this.#snapshotting ??= this.snapshot()
      .catch((error: unknown) => this.#options.log(`A snapshot of the evaluation could not be written: ${String(error)}`))
      .finally(() => {
        this.#snapshotting = undefined;
      });
    return this.#snapshotting;
  }

  /** Writes down where the evaluation stands, a partition after the other. */
  async snapshot(): Promise<void> {
    const begin = this.#options.steadyClock();
    for (const [number, partition] of this.#partitions.entries())
      if (partition.isChanged && partition.position !== null)
        await writeSnapshot(snapshotPath(this.#options.folder, number), partition.snapshot());
    const end = this.#options.steadyClock();
    // Large states are written less often: journals are played from further back instead.
    this.#nextSnapshot = end + Math.max(this.#options.snapshotMs, 20 * (end - begin));
  }

  /** Saves groups, all or none. @throws RuleError */
  async saveGroups(saves: readonly GroupSave[], by: string): Promise<SecurityGroup[]> {
    const groups = await this.settings.saveGroups(saves, { at: this.#options.clock(), by });
    await this.#install(groups);
    return groups;
  }

  /** Returns whether there was such a group. */
  async removeGroup(name: string, by: string): Promise<boolean> {
    const group = await this.settings.removeGroup(name, { at: this.#options.clock(), by });
    if (group) await this.#install([group]);
    return group !== undefined;
  }

  async #install(groups: readonly SecurityGroup[]): Promise<void> {
    for (const { evaluation } of this.#partitions) for (const group of groups) evaluation.setGroup(group);
    // What counts from now on has a place to be counted from after a crash.
    await this.#snapshotSoon();
  }

  /** Switches the evaluation on or off. */
  async protect(enabled: boolean, by: string): Promise<void> {
    const { protection } = this.settings;
    if (protection.enabled === enabled) return;
    const now = this.#options.clock();
    await this.settings.set({ protection: { enabled, since: now, by } });
    if (!enabled) return;
    const gap = { from: protection.since, to: now, isOff: true };
    for (const partition of this.#partitions) partition.gap(gap);
    await this.settings.addGap(gap);
  }

  /** Groups that have devices, with how many; those that nobody saved included. */
  groupSizes(): { name: string; total: number; enabled: number }[] {
    const sizes = new Map<string, { name: string; total: number; enabled: number }>();
    for (const { evaluation } of this.#partitions)
      for (const size of evaluation.groupSizes()) {
        const known = sizes.get(groupKey(size.name));
        sizes.set(groupKey(size.name), {
          name: known?.name ?? size.name,
          total: (known?.total ?? 0) + size.total,
          enabled: (known?.enabled ?? 0) + size.enabled,
        });
      }
    return [...sizes.values()];
  }

  /** The partitions, for who looks at the past. */
  get partitions(): readonly WatchedPartition[] {
    return this.#partitions;
  }

  /** What was not evaluated, by cause, and messages of agents that were ignored. */
  omissions(): {
    readonly unknownDevices: number;
    readonly tooLate: number;
    readonly noRoom: number;
    readonly silentNotTold: number;
    readonly findingsDropped: number;
    readonly ignoredMessages: IgnoredMessages;
  } {
    const sum = (of: (partition: WatchedPartition) => number): number =>
      this.#partitions.reduce((total, partition) => total + of(partition), 0);
    const last = this.#partitions.map(({ ignored }) => ignored.last).filter((one) => one !== null);
    return {
      unknownDevices: sum(({ evaluation }) => evaluation.omissions.unknownDevices),
      tooLate: sum(({ evaluation }) => evaluation.omissions.tooLate),
      noRoom: sum(({ evaluation }) => evaluation.omissions.noRoom),
      silentNotTold: sum(({ evaluation }) => evaluation.omissions.silentNotTold),
      findingsDropped: sum(({ dropped }) => dropped),
      ignoredMessages: { count: sum(({ ignored }) => ignored.count), last: last.sort((a, b) => b.time - a.time)[0] ?? null },
    };
  }

  /** Writes everything down. Call it when the hub is closed, so that nothing comes after. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.#handingOver;
    await this.#historyWrites;
    await this.#snapshotting;
    await this.snapshot();
    await writeFile(join(this.#options.folder, 'alive'), String(this.#options.clock()));
  }
}

function snapshotPath(folder: string, partition: number): string {
  return join(folder, `partition-${partition}.snapshot`);
}
