/**
 * The alerts that are open, and what stays silent.
 *
 * One book serves one scope: a sensor, or one sensor's share of a console. It does no I/O: callers write what it returns.
 * At start they give it what the store kept ({@link AlertBook.restore}). A book may hold all open alerts in memory, or only
 * those of late ({@link AlertBook.release}); then callers give it back what it asks for ({@link AlertBook.unknownKeys}).
 *
 * Bounded: open alerts in total and raised alerts per minute and type. What goes beyond becomes one counted alert per type.
 */
import type { Alert, AlertState, Detection, PcapState, PortalSeverity, Status } from './alert.ts';
import type { AlertType } from './alert-type.ts';
import { findAlertType } from './catalogue.ts';
import { alertDevices, alertReported, alertUpdated, type TimelineEvent, timelineEvent } from './events.ts';
import { alertKey, trafficKey } from './identity.ts';
import * as lifeCycle from './life-cycle.ts';
import { LifeCycleError } from './life-cycle-error.ts';
import { OpenAlerts } from './open-alerts.ts';
import { type Silencer, silencerOf } from './silencer.ts';
import { DAY, type Duration, HOUR, type Instant, MINUTE } from './time.ts';

export interface AlertBookOptions {
  /** Finds an alert type; the network catalogue when absent. */
  readonly types?: (id: string) => AlertType | undefined;
  /** False turns a type off; types that are off by default are off when absent. */
  readonly enabled?: (type: AlertType) => boolean;
  /** True drops a detection before it becomes anything (exclusion rules); nothing is excluded when absent. */
  readonly excluded?: (detection: Detection, type: AlertType) => boolean;
  /** Tells whether packets of a new alert will be there. */
  readonly pcap?: (detection: Detection, type: AlertType) => PcapState;
  /** New alerts of one type within one minute of packet time; 1,000 when absent. */
  readonly raisedPerMinute?: number;
  /** Open alerts in total; 50,000 when absent. */
  readonly openAlerts?: number;
}

/** What became of a detection. */
export type Outcome =
  /** A new alert. */
  | 'raised'
  /** Counted by an open alert. */
  | 'repeated'
  /** Learned before: nothing to tell. */
  | 'silenced'
  /** Muted before: at most an event. */
  | 'muted'
  /** Too many alerts: counted by the flood alert of its type. */
  | 'flooded'
  /** The type is turned off. */
  | 'disabled'
  /** An exclusion rule holds. */
  | 'excluded';

export interface Applied {
  readonly event: Outcome;
  /** The new or changed alert; null when the detection stays silent. */
  readonly alert: Alert | null;
  /** What it closed: other alerts. */
  readonly closed: readonly Change[];
  readonly events: readonly TimelineEvent[];
}

/** What an action changed. */
export interface Change {
  /** The alert as it was, the very same when nothing changed. */
  readonly before: Alert;
  readonly alert: Alert;
  readonly events: readonly TimelineEvent[];
  /** Silence that begins or ends with it. */
  readonly silenced?: Silencer;
  readonly lifted?: Silencer;
}

interface Mute {
  lastEvent: Instant | null;
}

/** A type of alert that reports the end of what another one reports; the keys are else the same. */
const ENDS: ReadonlyMap<string, string> = new Map([['traffic-detected-on-sensor-interface', 'no-traffic-detected-on-sensor-interface']]);

const FLOOD = 'flood';
const NOTHING: readonly Change[] = [];
const NO_EVENTS: readonly TimelineEvent[] = [];

export class AlertBook {
  readonly #types: (id: string) => AlertType | undefined;
  readonly #enabled: (type: AlertType) => boolean;
  readonly #excluded: ((detection: Detection, type: AlertType) => boolean) | undefined;
  readonly #pcap: (detection: Detection, type: AlertType) => PcapState;
  readonly #raisedPerMinute: number;
  readonly #openAlerts: number;

  readonly #open = new OpenAlerts();
  readonly #silencers = new Map<string, Silencer>();
  readonly #silencerByKey = new Map<string, Silencer>();
  readonly #mutes = new Map<string, Mute>();
  readonly #raised = new Map<string, { minute: Instant; count: number }>();
  readonly #outcomes: Record<Outcome, number> = { raised: 0, repeated: 0, silenced: 0, muted: 0, flooded: 0, disabled: 0, excluded: 0 };

  constructor(options: AlertBookOptions = {}) {
    this.#types = options.types ?? findAlertType;
    this.#enabled = options.enabled ?? ((type) => !type.disabledByDefault);
    this.#excluded = options.excluded;
    this.#pcap = options.pcap ?? lifeCycle.expectedPcap;
    this.#raisedPerMinute = options.raisedPerMinute ?? 1000;
    this.#openAlerts = options.openAlerts ?? 50_000;
  }

  /**
   * Takes in what the store kept: open alerts, alerts that silence, and silencers whose alert is gone. `released` open
   * alerts stay in the store until the book asks for them.
   */
  restore(alerts: Iterable<Alert>, silencers: Iterable<Silencer> = [], released = 0): void {
    this.#open.add(released);
    for (const silencer of silencers) this.#silence(silencer);
    for (const alert of alerts) {
      if (alert.status !== 'Closed') {
        this.#open.keep(alert);
        this.#open.add(1);
      }
      const silencer = silencerOf(alert);
      if (silencer) this.#silence(silencer);
    }
  }

  /** Lets go of alerts beyond so many, those longest without change first. The store must have them. */
  release(most: number): void {
    this.#open.release(most);
  }

  /** Keys of detections whose open alert may have been released; none when nothing was released. */
  unknownKeys(detections: Iterable<Detection>): string[] {
    if (!this.#open.hasReleased) return [];
    const keys = new Set<string>();
    for (const detection of detections) {
      const type = this.#types(detection.type);
      if (!type || !this.#enabled(type)) continue;
      const key = alertKey(detection, type);
      if (this.#silencerByKey.has(key)) continue;
      keys.add(key).add(floodKey(type.id));
      const ends = ENDS.get(type.id);
      if (ends !== undefined) keys.add(keyOfEnded(key, type.id, ends));
    }
    return [...keys].filter((key) => !this.#open.ofKey(key));
  }

  /** Keys of alerts that are about to be reopened, where another open alert may have been released. */
  unknownKeysOf(alerts: Iterable<Pick<Alert, 'key'>>): string[] {
    if (!this.#open.hasReleased) return [];
    return [...new Set(Array.from(alerts, ({ key }) => key))].filter((key) => !this.#open.ofKey(key));
  }

  /** Takes back open alerts that were released; what the book knows by now stays. */
  recall(alerts: Iterable<Alert>): void {
    this.#open.recall(alerts);
  }

  /**
   * Takes in one detection.
   * @throws LifeCycleError `unknown-type` when no catalogue has its type: a mistake of the engine that made it.
   */
  apply(detection: Detection): Applied {
    const type = this.#typeOf(detection.type);
    const applied = this.#decide(detection, type);
    this.#outcomes[applied.event]++;
    return applied;
  }

  #decide(detection: Detection, type: AlertType): Applied {
    if (!this.#enabled(type)) return silent('disabled');
    if (this.#excluded?.(detection, type)) return silent('excluded');
    const key = alertKey(detection, type);
    const silencer = this.#silencerByKey.get(key) ?? (type.aggregated ? this.#silencerByKey.get(trafficKey(detection)) : undefined);
    if (silencer?.kind === 'learned') return silent('silenced');
    if (silencer) return { event: 'muted', alert: null, closed: NOTHING, events: this.#mutedEvents(silencer, detection) };
    const open = this.#open.ofKey(key);
    if (open) return this.#repeat(open, detection, 'repeated');
    if (this.#floods(detection)) return this.#flood(detection, type);
    return this.#raise(detection, type, key, 'raised');
  }

  #raise(detection: Detection, type: AlertType, key: string, event: 'raised' | 'flooded'): Applied {
    let occurrence = 0;
    const context = { type, pcap: this.#pcap(detection, type) };
    let alert = lifeCycle.raise(detection, context);
    while (this.#open.get(alert.id)) {
      alert = lifeCycle.raise(detection, { ...context, occurrence: ++occurrence });
    }
    this.#open.keep(alert);
    this.#open.add(1);
    const closed = this.#endOf(detection, key);
    return { event, alert, closed, events: [alertReported(alert), ...closed.flatMap((ended) => ended.events)] };
  }

  #repeat(open: Alert, detection: Detection, event: 'repeated' | 'flooded'): Applied {
    const alert = lifeCycle.repeat(open, detection);
    this.#open.keep(alert);
    return { event, alert, closed: NOTHING, events: NO_EVENTS };
  }

  /** Counts a new alert of its type against the minute's allowance, and tells whether it is spent. */
  #floods(detection: Detection): boolean {
    const minute = detection.time / MINUTE;
    let raised = this.#raised.get(detection.type);
    if (!raised) {
      raised = { minute, count: 0 };
      this.#raised.set(detection.type, raised);
    }
    if (raised.minute !== minute) {
      raised.minute = minute;
      raised.count = 0;
    }
    raised.count++;
    return raised.count > this.#raisedPerMinute || this.#open.count >= this.#openAlerts;
  }

  #flood(detection: Detection, type: AlertType): Applied {
    const flood: Detection = {
      ...detection,
      source: null,
      destination: null,
      protocol: null,
      message: `More alerts of this type came than are raised one by one; this alert counts the rest. The first was: ${detection.message}`,
      expected: `At most ${this.#raisedPerMinute} new alerts of a type in a minute, and ${this.#openAlerts} open alerts.`,
      seen: 'More than that.',
      parameters: { flood: true },
      parameterKey: FLOOD,
      learn: [],
    };
    const key = floodKey(type.id);
    const open = this.#open.ofKey(key);
    if (open) return this.#repeat(open, flood, 'flooded');
    return this.#raise(flood, { ...type, aggregated: false }, key, 'flooded');
  }

  /** Closes the open alert that this detection reports the end of. */
  #endOf(detection: Detection, key: string): readonly Change[] {
    const ends = ENDS.get(detection.type);
    if (ends === undefined) return NOTHING;
    const open = this.#open.ofKey(keyOfEnded(key, detection.type, ends));
    if (!open) return NOTHING;
    const closed = lifeCycle.close(open, detection.time, 'resolved');
    return [this.#changed(open, closed, [alertUpdated(closed, detection.time, 'closed, as the traffic is back')])];
  }

  #mutedEvents(silencer: Silencer, detection: Detection): readonly TimelineEvent[] {
    let mute = this.#mutes.get(silencer.alert);
    if (!mute) {
      mute = { lastEvent: null };
      this.#mutes.set(silencer.alert, mute);
    }
    if (mute.lastEvent !== null && detection.time < mute.lastEvent + HOUR) return NO_EVENTS;
    mute.lastEvent = detection.time;
    const details = { devices: alertDevices(detection), alert: silencer.alert };
    return [timelineEvent('MUTED_ALERT', detection.time, `${silencer.title} (muted): ${detection.message}`, details)];
  }

  /** Closes an alert. */
  close(alert: Alert, at: Instant, owner?: string): Change {
    return this.setStatus(alert, 'Closed', at, owner);
  }

  /**
   * Sets the status. New and Active reopen a closed alert and end what it silenced (the lifted silencer names what leaves
   * the baseline).
   * @throws LifeCycleError `key-open` when a newer alert of the same traffic is open.
   */
  setStatus(alert: Alert, status: Status, at: Instant, owner?: string): Change {
    const before = this.#current(alert);
    if (status === before.status) return { before, alert: before, events: NO_EVENTS };
    if (status !== 'Closed') this.#refuseSecondOpen(before);
    const after = lifeCycle.setStatus(before, status, at);
    return this.#changed(before, after, [alertUpdated(after, at, status === 'Closed' ? 'closed' : `set to ${status}`, owner)]);
  }

  /** Sets the severity that the portal shows; null returns to the sensor's. */
  setSeverity(alert: Alert, severity: PortalSeverity | null, at: Instant, owner?: string): Change {
    const before = this.#current(alert);
    const after = lifeCycle.setPortalSeverity(before, severity, at);
    if (after === before) return { before, alert: before, events: NO_EVENTS };
    const what = severity === null ? "given the sensor's severity again" : `given the severity ${severity}`;
    return this.#changed(before, after, [alertUpdated(after, at, what, owner)]);
  }

  /** Learns an alert; `change.silenced.learn` goes into the baseline. @throws LifeCycleError when it cannot be learned. */
  learn(alert: Alert, at: Instant, owner?: string): Change {
    const before = this.#current(alert);
    const after = lifeCycle.learn(before, this.#typeOf(before.type), at);
    return this.#changed(before, after, [alertUpdated(after, at, 'learned', owner)]);
  }

  /** Takes learning back; `change.lifted.learn` leaves the baseline. @throws LifeCycleError when it is not learned. */
  unlearn(alert: Alert, at: Instant, owner?: string): Change {
    const before = this.#current(alert);
    const after = lifeCycle.unlearn(before, at);
    this.#refuseSecondOpen(before);
    return this.#changed(before, after, [alertUpdated(after, at, 'unlearned', owner)]);
  }

  /** Mutes an alert; the timeline hears of muted traffic only. @throws LifeCycleError when it cannot be muted. */
  mute(alert: Alert, at: Instant): Change {
    const before = this.#current(alert);
    return this.#changed(before, lifeCycle.mute(before, this.#typeOf(before.type), at), NO_EVENTS);
  }

  /** Ends a mute. @throws LifeCycleError when it is not muted. */
  unmute(alert: Alert, at: Instant): Change {
    const before = this.#current(alert);
    const after = lifeCycle.unmute(before, at);
    this.#refuseSecondOpen(before);
    return this.#changed(before, after, NO_EVENTS);
  }

  /**
   * Decides what was decided before, as undoing does; silence begins and ends with it.
   * @throws LifeCycleError `key-open` when it would open the alert beside a newer one of the same traffic.
   */
  decideAgain(alert: Alert, state: AlertState, at: Instant, owner?: string): Change {
    const before = this.#current(alert);
    const after = lifeCycle.decideAgain(before, state, at);
    if (after === before) return { before, alert: before, events: NO_EVENTS };
    if (after.status !== 'Closed') this.#refuseSecondOpen(before);
    return this.#changed(before, after, [alertUpdated(after, at, 'set back to what it was before', owner)]);
  }

  /**
   * The count of an earlier detection has grown: says so in its alert, if that is open and in memory. The rest of the
   * detection must be the same. Undefined when there is nothing to say.
   */
  amend(detection: Detection): Alert | undefined {
    const open = this.#open.ofKey(alertKey(detection, this.#typeOf(detection.type)));
    const after = open && lifeCycle.amend(open, detection);
    if (!after || after === open) return undefined;
    this.#open.keep(after);
    return after;
  }

  /** Tells whether the packets of an alert are there. */
  setPackets(alert: Alert, pcap: PcapState): Alert {
    const after = lifeCycle.withPackets(this.#current(alert), pcap);
    this.#open.keep(after);
    return after;
  }

  /** Ends a silence whose alert is deleted already; undefined when none has this alert id. */
  lift(alertId: string): Silencer | undefined {
    const silencer = this.#silencers.get(alertId);
    if (!silencer) return undefined;
    this.#silencers.delete(alertId);
    this.#mutes.delete(alertId);
    for (const key of silencer.keys) {
      if (this.#silencerByKey.get(key) !== silencer) continue;
      this.#silencerByKey.delete(key);
    }
    return silencer;
  }

  /**
   * Closes the open alerts that have been quiet for long enough; call it now and then with the time of the newest packet.
   * `among` are the alerts to look at: those in memory when absent.
   */
  closeQuiet(now: Instant, among: Iterable<Alert> = this.#open.values(), after: Duration = lifeCycle.QUIET_PERIOD): readonly Change[] {
    const days = after / DAY;
    const why = `closed, as the same traffic was not seen for ${days === 1n ? 'a day' : `${days} days`}`;
    const changes: Change[] = [];
    for (const candidate of among) {
      const alert = this.#current(candidate);
      const closed = lifeCycle.autoClose(alert, now, after);
      if (!closed) continue;
      const events = [alertUpdated(closed, now, why)];
      changes.push(this.#changed(alert, closed, events));
    }
    return changes;
  }

  /** The alert as the book knows it: open, or closed not long ago. */
  get(id: string): Alert | undefined {
    return this.#open.get(id);
  }

  /** Open alerts that are in memory, the longest without change first. */
  open(): IterableIterator<Alert> {
    return this.#open.values();
  }

  /** Open alerts, in memory or released. */
  get openCount(): number {
    return this.#open.count;
  }

  silencers(): IterableIterator<Silencer> {
    return this.#silencers.values();
  }

  /** How many detections had each outcome. */
  get outcomes(): Readonly<Record<Outcome, number>> {
    return { ...this.#outcomes };
  }

  #typeOf(id: string): AlertType {
    const type = this.#types(id);
    if (type) return type;
    throw new LifeCycleError('unknown-type', `No catalogue has an alert type "${id}". Check the id that the engine gives.`);
  }

  /** The newest value of an alert: the caller's may be older than the last detection. */
  #current(alert: Alert): Alert {
    return this.get(alert.id) ?? alert;
  }

  #refuseSecondOpen(alert: Alert): void {
    const open = this.#open.ofKey(alert.key);
    if (!open || open.id === alert.id) return;
    const instead = 'Work on that one, or close it first.';
    throw new LifeCycleError('key-open', `Alert ${alert.id} cannot be reopened: alert ${open.id} is open for the same traffic. ${instead}`);
  }

  #changed(before: Alert, after: Alert, events: readonly TimelineEvent[]): Change {
    this.#open.keep(after);
    this.#open.add(Number(after.status !== 'Closed') - Number(before.status !== 'Closed'));
    const silenced = silencerOf(after);
    if (silenced && before.disposition !== after.disposition) {
      this.#silence(silenced);
      return { before, alert: after, events, silenced };
    }
    const lifted = before.disposition !== 'none' && !silenced ? (this.lift(before.id) ?? silencerOf(before)) : undefined;
    return { before, alert: after, events, ...(lifted ? { lifted } : {}) };
  }

  #silence(silencer: Silencer): void {
    this.lift(silencer.alert);
    this.#silencers.set(silencer.alert, silencer);
    for (const key of silencer.keys) this.#silencerByKey.set(key, silencer);
  }
}

/** The key of the one alert that counts a flood of a type. */
function floodKey(type: string): string {
  return trafficKey({ type, source: null, destination: null, protocol: null, parameterKey: FLOOD });
}

/** The key of the alert whose end a detection with this key reports. */
function keyOfEnded(key: string, type: string, ends: string): string {
  return key.replace(JSON.stringify(type), JSON.stringify(ends));
}

function silent(event: 'silenced' | 'disabled' | 'excluded'): Applied {
  return { event, alert: null, closed: NOTHING, events: NO_EVENTS };
}
