/** The evaluation of one partition, driven by the journal of the partition. */
import { factsOf } from '@annunciator/rules/agent/agent-fact';
import { readSecurityMessage } from '@annunciator/rules/agent/security-message';
import type { Finding } from '@annunciator/rules/evaluation/finding';
import { PartitionEvaluation } from '@annunciator/rules/evaluation/partition-evaluation';
import type { Gap } from '@annunciator/rules/evaluation/silent-windows';
import { HubAlertWatch } from '@annunciator/rules/hub-alerts/hub-alert-watch';
import { type RecordedOperation, SECURITY_INTERFACE } from '@annunciator/rules/hub-operation';
import type { JournalPosition } from '../journal/record.ts';
import type { SecuritySnapshot } from './snapshot-file.ts';

/** Findings that may wait for somebody to take them; the oldest give way. */
const MOST_UNTAKEN = 50_000;

/** Messages of agents that were ignored, and why the last one was. */
export interface IgnoredMessages {
  count: number;
  last: { readonly deviceId: string; readonly time: number; readonly reason: string } | null;
}

export class WatchedPartition {
  readonly evaluation: PartitionEvaluation;
  readonly #watch: HubAlertWatch;
  /** By id, oldest first. */
  readonly #untaken = new Map<string, Finding>();
  readonly ignored: IgnoredMessages = { count: 0, last: null };
  /** Findings that nobody took while there was room. */
  dropped = 0;
  /** Up to where the journal is evaluated; null before anything was. */
  #position: JournalPosition | null;
  #time: number;
  isChanged = false;

  constructor(snapshot: SecuritySnapshot | undefined) {
    const tell = (finding: Finding): void => this.#found(finding);
    this.evaluation = new PartitionEvaluation(tell);
    this.#watch = new HubAlertWatch(tell);
    this.#position = snapshot?.position ?? null;
    this.#time = snapshot?.time ?? 0;
    if (!snapshot) return;
    this.evaluation.restore(snapshot.evaluation);
    this.#watch.restore(snapshot.watch);
    for (const finding of snapshot.untaken) this.#untaken.set(finding.id, finding);
  }

  get position(): JournalPosition | null {
    return this.#position;
  }

  /** Time of the last operation, milliseconds since 1970; 0 before any. */
  get time(): number {
    return this.#time;
  }

  /** The journal is played up to here. */
  begins(position: JournalPosition): void {
    if (this.#position === null || this.#position < position) this.#position = position;
    this.isChanged = true;
  }

  /** @param judged false while protection is off: then only what devices there are is taken in */
  accept({ operation, event, position, next }: RecordedOperation, judged: boolean): void {
    if (this.#position !== null) {
      if (position < this.#position) return;
      // The journal gave up what was to be read next.
      if (position > this.#position) this.evaluation.gap({ from: this.#time, to: operation.time });
    }
    this.#position = next;
    this.#time = operation.time;
    this.isChanged = true;
    const { deviceId, membership, time } = operation;
    if (membership && deviceId !== null) this.evaluation.setDevice(deviceId, membership, time);
    if (judged) {
      this.evaluation.operation(operation);
      this.#watch.operation(operation);
      if (event?.system.interfaceId === SECURITY_INTERFACE && deviceId !== null) this.#agentMessage(deviceId, event.body, time);
    }
    if (membership === null && deviceId !== null) this.evaluation.removeDevice(deviceId);
  }

  #agentMessage(deviceId: string, body: Uint8Array, time: number): void {
    const read = readSecurityMessage(body);
    if ('events' in read) {
      this.evaluation.agentFacts(deviceId, factsOf(read.events), time);
      return;
    }
    this.ignored.count++;
    this.ignored.last = { deviceId, time, reason: read.reason };
  }

  gap(gap: Gap): void {
    this.evaluation.gap(gap);
    this.isChanged = true;
  }

  /** @param now milliseconds since 1970 */
  advance(now: number): void {
    this.evaluation.advance(now);
    this.#watch.advance(now);
    this.isChanged = true;
  }

  #found(finding: Finding): void {
    const before = this.#untaken.get(finding.id);
    // Played again after a crash, it begins with the count of its beginning.
    if (before && before.count > finding.count) return;
    this.#untaken.set(finding.id, finding);
    if (this.#untaken.size <= MOST_UNTAKEN) return;
    for (const oldest of this.#untaken.keys()) {
      this.#untaken.delete(oldest);
      this.dropped++;
      break;
    }
  }

  /** The oldest findings that nobody has taken. */
  untaken(limit: number): Finding[] {
    return [...this.#untaken.values().take(limit)];
  }

  /** They are where they belong; what was found about them since stays. */
  taken(findings: readonly Finding[]): void {
    for (const finding of findings) if (this.#untaken.get(finding.id) === finding) this.#untaken.delete(finding.id);
    this.isChanged = true;
  }

  snapshot(): SecuritySnapshot {
    this.isChanged = false;
    return {
      position: this.#position ?? 0,
      time: this.#time,
      evaluation: this.evaluation.snapshot(),
      watch: this.#watch.snapshot(),
      untaken: [...this.#untaken.values()],
    };
  }
}
