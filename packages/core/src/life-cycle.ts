/**
 * The life of one alert, as pure functions over values.
 *
 *     detection --raise--> New <--setStatus--> Active
 *                           |  repeat adds to New and Active, never to Closed
 *                           +--close, learn, mute, autoClose--> Closed --setStatus, unlearn, unmute--> New
 *
 * What needs more than one alert (which alert a detection belongs to, what stays silent) is in `alert-book.ts`.
 */
import type { Alert, AlertState, CloseReason, Detection, Learnable, PcapState, PortalSeverity, Status, Violation } from './alert.ts';
import type { AlertType } from './alert-type.ts';
import { alertId, alertKey } from './identity.ts';
import { LifeCycleError } from './life-cycle-error.ts';
import { DAY, type Duration, type Instant } from './time.ts';

/** Frame numbers that an alert keeps: its first ones. */
export const MAX_FRAMES = 100;
/** Rows of the Violations tab, and entries that learning an alert gives the baseline. */
export const MAX_VIOLATIONS = 1000;
/** An open alert without identical traffic for so long is closed by the system, unless somebody has set another time. */
export const QUIET_PERIOD = 90n * DAY;
/** A closed alert is deleted so long after its first detection, unless somebody has set another time. */
export const RETENTION = 90n * DAY;

/** What raising needs beside the detection. */
export interface RaiseContext {
  readonly type: AlertType;
  /** Whether packets will be there; {@link expectedPcap} when the caller knows no better. */
  readonly pcap?: PcapState;
  /** See `alertId`. */
  readonly occurrence?: number;
}

/** The state of an alert's packets, judged by its type and frames alone. */
export function expectedPcap(detection: Detection, type: AlertType): PcapState {
  if (!type.pcap) return { state: 'missing', reason: 'Alerts of this type are about the sensor itself and have no packets.' };
  if (detection.frames.length === 0)
    return { state: 'missing', reason: 'No packet caused this alert: it reports that something did not happen.' };
  return { state: 'available', reason: null };
}

/** The first detection of a key becomes a new alert. */
export function raise(detection: Detection, context: RaiseContext): Alert {
  const { type } = context;
  const key = alertKey(detection, type);
  return {
    id: alertId(key, detection, context.occurrence),
    key,
    type: type.id,
    title: detection.title ?? type.title,
    engine: type.engine,
    severity: detection.severity ?? type.severity,
    portalSeverity: null,
    category: type.category,
    status: 'New',
    disposition: 'none',
    closeReason: null,
    source: detection.source,
    destination: detection.destination,
    protocol: detection.protocol,
    message: detection.message,
    expected: detection.expected,
    seen: detection.seen,
    parameters: detection.parameters,
    firstDetection: detection.time,
    lastDetection: detection.time,
    lastActivity: detection.time,
    revision: 0,
    count: 1,
    frames: detection.frames.slice(0, MAX_FRAMES),
    violations: type.aggregated ? [violationOf(detection)] : [],
    violationsDropped: 0,
    learn: type.learnable ? detection.learn.slice(0, MAX_VIOLATIONS) : [],
    internet: detection.internet,
    pcap: context.pcap ?? expectedPcap(detection, type),
    ...(type.dataSource ? { dataSource: type.dataSource } : {}),
    ...(detection.securityGroup === undefined ? {} : { securityGroup: detection.securityGroup }),
  };
}

/**
 * Says anew what was counted, when the count of an earlier detection has grown: the row of these parameters, and the alert
 * itself when the row is its last one. The number of detections stays.
 */
export function amend(alert: Alert, { seen, parameters, parameterKey }: Detection): Alert {
  const at = alert.violations.findIndex((row) => row.parameterKey === parameterKey);
  if (at < 0 && alert.violations.length > 0) return alert;
  const violations = at < 0 ? alert.violations : alert.violations.with(at, { ...alert.violations[at], parameters });
  return at === alert.violations.length - 1 ? { ...alert, seen, parameters, violations } : { ...alert, violations };
}

/**
 * The same traffic again: counts it and moves the last detection. The severity stays, however often it comes. A closed
 * alert stays as it is, since traffic after closing belongs to a new alert. For repeats of one open alert the count, the
 * times and the set of violation rows do not depend on their order, as long as the rows fit.
 */
export function repeat(alert: Alert, detection: Detection): Alert {
  if (alert.status === 'Closed') return alert;
  const lastDetection = later(alert.lastDetection, detection.time);
  const repeated = {
    ...alert,
    lastDetection,
    lastActivity: later(alert.lastActivity, detection.time),
    count: alert.count + 1,
    frames: appendFrames(alert.frames, detection.frames),
    internet: alert.internet || detection.internet,
  };
  return alert.violations.length === 0 ? repeated : { ...repeated, ...withViolation(alert, detection) };
}

function appendFrames(frames: readonly number[], more: readonly number[]): readonly number[] {
  if (frames.length >= MAX_FRAMES || more.length === 0) return frames;
  const fresh = more.filter((frame) => !frames.includes(frame));
  return [...frames, ...fresh].slice(0, MAX_FRAMES);
}

function violationOf(detection: Detection): Violation {
  const { time, source, destination, parameters, parameterKey } = detection;
  return { time, lastTime: time, source, destination, parameters, parameterKey, count: 1 };
}

/** Adds a detection to the rows of an aggregated alert: to its own row, else as a new row, else to the count of dropped ones. */
function withViolation(alert: Alert, detection: Detection): Pick<Alert, 'violations' | 'violationsDropped' | 'learn'> {
  const { violations, violationsDropped, learn } = alert;
  const at = violations.findIndex((row) => row.parameterKey === detection.parameterKey);
  if (at >= 0) {
    const row = violations[at];
    const time = row.time < detection.time ? row.time : detection.time;
    const counted = { ...row, time, lastTime: later(row.lastTime, detection.time), count: row.count + 1 };
    return { violations: violations.with(at, counted), violationsDropped, learn };
  }
  if (violations.length >= MAX_VIOLATIONS) return { violations, violationsDropped: violationsDropped + 1, learn };
  return { violations: [...violations, violationOf(detection)], violationsDropped, learn: mergeLearn(learn, detection.learn) };
}

function mergeLearn(known: readonly Learnable[], more: readonly Learnable[]): readonly Learnable[] {
  const fresh = more.filter((entry) => !known.some((other) => sameEntry(entry, other)));
  return fresh.length === 0 ? known : [...known, ...fresh].slice(0, MAX_VIOLATIONS);
}

function sameEntry(a: Learnable, b: Learnable): boolean {
  return a.value === b.value && a.aspect === b.aspect && a.source === b.source && a.destination === b.destination;
}

function later(a: Instant, b: Instant): Instant {
  return a > b ? a : b;
}

/** Tells whether the packets of the alert are there; nothing else changes. */
export function withPackets(alert: Alert, pcap: PcapState): Alert {
  return { ...alert, pcap };
}

/** Closes an open alert; a closed one stays as it is. */
export function close(alert: Alert, at: Instant, reason: CloseReason = 'closed'): Alert {
  if (alert.status === 'Closed') return alert;
  return decided(alert, { status: 'Closed', closeReason: reason }, at);
}

/** Sets the status by hand. New and Active reopen a closed alert and end what it silenced. */
export function setStatus(alert: Alert, status: Status, at: Instant): Alert {
  if (status === alert.status) return alert;
  if (status === 'Closed') return close(alert, at);
  return decided(alert, { status, disposition: 'none', closeReason: null }, at);
}

/** Sets the severity that the portal shows; null returns to the sensor's. The sensor's own severity never changes. */
export function setPortalSeverity(alert: Alert, severity: PortalSeverity | null, at: Instant): Alert {
  if (severity === alert.portalSeverity) return alert;
  return decided(alert, { portalSeverity: severity }, at);
}

/**
 * Declares the traffic of the alert normal: closed, and `alert.learn` is what the baseline takes in.
 * @throws LifeCycleError when the type cannot be learned, or the alert is learned already.
 */
export function learn(alert: Alert, type: AlertType, at: Instant): Alert {
  if (alert.disposition === 'learned') throw new LifeCycleError('already-learned', `Alert ${alert.id} is learned already; nothing to do.`);
  if (!type.learnable) {
    const instead = type.muteable ? 'Mute it to silence it for these two devices, or close it.' : 'Close it instead.';
    throw new LifeCycleError('not-learnable', `"${alert.title}" cannot be learned: its traffic is never normal. ${instead}`);
  }
  refuseFlood(alert, 'learned');
  return dispose(alert, 'learned', at);
}

/**
 * Takes back what learning did: open as New, and `alert.learn` is what leaves the baseline.
 * @throws LifeCycleError when the alert is not learned.
 */
export function unlearn(alert: Alert, at: Instant): Alert {
  if (alert.disposition === 'learned') return setStatus(alert, 'New', at);
  throw new LifeCycleError('not-learned', `Alert ${alert.id} is not learned, so there is nothing to unlearn. Set it to New to reopen it.`);
}

/**
 * Silences the traffic of the alert between its devices without calling it normal.
 * @throws LifeCycleError when the type can be learned instead, has no devices, or an end is an Internet address.
 */
export function mute(alert: Alert, type: AlertType, at: Instant): Alert {
  if (alert.disposition === 'muted') throw new LifeCycleError('already-muted', `Alert ${alert.id} is muted already; nothing to do.`);
  if (!type.muteable) {
    const instead = type.learnable ? 'Learn it instead: that makes the traffic part of the baseline.' : 'Close it instead.';
    throw new LifeCycleError('not-muteable', `"${alert.title}" cannot be muted. ${instead}`);
  }
  if (alert.internet) {
    const instead = 'Close it, or add an exclusion rule for the address.';
    throw new LifeCycleError('mute-internet', `Alert ${alert.id} has an Internet address at one end and cannot be muted. ${instead}`);
  }
  refuseFlood(alert, 'muted');
  return dispose(alert, 'muted', at);
}

/**
 * Ends the silence: open as New.
 * @throws LifeCycleError when the alert is not muted.
 */
export function unmute(alert: Alert, at: Instant): Alert {
  if (alert.disposition === 'muted') return setStatus(alert, 'New', at);
  throw new LifeCycleError('not-muted', `Alert ${alert.id} is not muted, so there is nothing to unmute. Set it to New to reopen it.`);
}

function dispose(alert: Alert, disposition: 'learned' | 'muted', at: Instant): Alert {
  return decided(alert, { status: 'Closed', disposition, closeReason: disposition }, at);
}

/** What was decided about an alert. */
export function stateOf({ status, disposition, closeReason, portalSeverity }: Alert): AlertState {
  return { status, disposition, closeReason, portalSeverity };
}

/** Decides about an alert what was decided before, as undoing does; an alert that is so already stays as it is. */
export function decideAgain(alert: Alert, state: AlertState, at: Instant): Alert {
  const same = (Object.keys(state) as (keyof AlertState)[]).every((part) => alert[part] === state[part]);
  return same ? alert : decided(alert, state, at);
}

function decided(alert: Alert, state: Partial<AlertState>, at: Instant): Alert {
  return { ...alert, ...state, revision: alert.revision + 1, lastActivity: later(alert.lastActivity, at) };
}

function refuseFlood(alert: Alert, action: string): void {
  if (!isFlood(alert)) return;
  const instead = `Close it, and handle the alerts of "${alert.title}" that name their devices.`;
  throw new LifeCycleError('is-flood', `Alert ${alert.id} counts a flood of many devices and cannot be ${action}. ${instead}`);
}

/** True for the one alert that stands for more alerts of a type than the book raises. */
export function isFlood(alert: Pick<Alert, 'parameters'>): boolean {
  return alert.parameters['flood'] === true;
}

/** Closes an open alert that has been quiet for long enough; undefined when it is not due. */
export function autoClose(alert: Alert, now: Instant, after: Duration = QUIET_PERIOD): Alert | undefined {
  if (alert.status === 'Closed' || now - alert.lastDetection < after) return undefined;
  return close(alert, now, 'quiet');
}

/**
 * True when a closed alert is to be deleted. Open ones never are: they close by themselves first. What a learned or
 * muted alert silences outlives it.
 */
export function isExpired(alert: Pick<Alert, 'status' | 'firstDetection'>, now: Instant, after: Duration = RETENTION): boolean {
  return alert.status === 'Closed' && now - alert.firstDetection >= after;
}
