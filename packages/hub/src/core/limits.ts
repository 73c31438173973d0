/** Limits and rates of a hub. The defaults are those the product documents for one S1 unit; all can be configured. */

export interface HubLimits {
  /** A device-to-cloud message with its properties, bytes. */
  readonly deviceMessageBytes: number;
  /** A cloud-to-device message with its properties, bytes. */
  readonly cloudMessageBytes: number;
  /** Payload of a direct method and of its answer, bytes. */
  readonly methodBytes: number;
  /** Cloud-to-device messages that may wait for a device. */
  readonly queueDepth: number;
  readonly maxDeliveryCount: number;
  /** Lifetime of a cloud-to-device message that names none, and the longest it may name, milliseconds. */
  readonly defaultLifetimeMs: number;
  readonly maxLifetimeMs: number;
  /** How long a device has a message before it must settle it, milliseconds. */
  readonly lockMs: number;
  readonly devices: number;
  readonly activeUploads: number;
  readonly uploadBytes: number;
  /** Bytes of all uploaded files. */
  readonly blobBytes: number;
  /** Bytes of the journals (messages of devices and records of operations), of all partitions together. */
  readonly journalBytes: number;
  readonly journalRetentionMs: number;
  /** Bytes of the databases (identities, twins, queues), of all partitions together. */
  readonly stateBytes: number;
  /** Bytes of the diagnostics log. */
  readonly logBytes: number;
  /** The hub stops accepting when the disk has less than this free. */
  readonly diskReserveBytes: number;
  /** Devices and modules connected at once. */
  readonly connections: number;
  /** Open connections to the HTTPS port. */
  readonly httpsConnections: number;
  /** TLS handshakes begun in a second; what comes faster waits its turn. */
  readonly handshakesPerSecond: number;
  /** How long feedback waits for more of it, milliseconds. */
  readonly feedbackDelayMs: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

export const DEFAULT_LIMITS: HubLimits = {
  deviceMessageBytes: 256 * KIB,
  cloudMessageBytes: 64 * KIB,
  methodBytes: 128 * KIB,
  queueDepth: 50,
  maxDeliveryCount: 10,
  defaultLifetimeMs: 60 * MINUTE,
  maxLifetimeMs: 2 * DAY,
  lockMs: MINUTE,
  devices: 1_000_000,
  activeUploads: 10,
  uploadBytes: 1024 * MIB,
  blobBytes: 10 * 1024 * MIB,
  journalBytes: 4 * 1024 * MIB,
  journalRetentionMs: DAY,
  stateBytes: 16 * 1024 * MIB,
  logBytes: 256 * MIB,
  diskReserveBytes: 128 * MIB,
  connections: 100_000,
  httpsConnections: 5000,
  handshakesPerSecond: 500,
  feedbackDelayMs: 15_000,
};

/** What is throttled, each by itself. `directMethods` is in KiB. */
export type ThrottledOperation =
  | 'connections'
  | 'deviceMessages'
  | 'cloudMessages'
  | 'httpReceives'
  | 'registry'
  | 'twinReads'
  | 'twinUpdates'
  | 'queries'
  | 'directMethods'
  | 'fileUploads'
  | 'jobs';

/** So many in so many seconds, a burst of all of them at once included. */
export interface Rate {
  readonly amount: number;
  readonly seconds: number;
}

export type ThrottleRates = Readonly<Record<ThrottledOperation, Rate>>;

export type Tier = 'S1' | 'S2' | 'S3';
export const TIERS: readonly Tier[] = ['S1', 'S2', 'S3'];

/** Rates of a tier with so many units (IoT Hub, quotas and throttling). */
export function ratesOf(tier: Tier, units: number): ThrottleRates {
  const third = tier === 'S3';
  const perMinute = (usual: number, large: number): Rate => ({ amount: (third ? large : usual) * units, seconds: 60 });
  const perSecond = (first: number, second: number, large: number): Rate => ({
    amount: tier === 'S1' ? first : (third ? large : second) * units,
    seconds: 1,
  });
  return {
    connections: perSecond(Math.max(100, 12 * units), 120, 6000),
    deviceMessages: perSecond(Math.max(100, 12 * units), 120, 6000),
    cloudMessages: perMinute(100, 5000),
    httpReceives: perMinute(1000, 50_000),
    registry: perMinute(100, 5000),
    twinReads: tier === 'S2' ? { amount: Math.max(100, 10 * units), seconds: 1 } : perSecond(100, 100, 500),
    twinUpdates: tier === 'S2' ? { amount: Math.max(50, 5 * units), seconds: 1 } : perSecond(50, 50, 250),
    queries: perMinute(20, 1000),
    directMethods: perSecond(160 * units, 480, 24 * KIB),
    fileUploads: perMinute(100, 5000),
    jobs: perMinute(100, 5000),
  };
}
