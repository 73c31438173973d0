/** One partition: its database and what it does with it. Nothing here knows that there are others. */
import { DeviceQueue, type QueueLimits } from './device-queue.ts';
import { Identities } from './identities.ts';
import { Memberships } from './memberships.ts';
import { type NoticeLimits, Notices } from './notices.ts';
import { PARTITION_STEPS } from './partition-schema.ts';
import { Sql } from './sql.ts';
import { Twins } from './twins.ts';
import { type UploadLimits, Uploads } from './uploads.ts';

export interface StateLimits {
  readonly queue: QueueLimits;
  readonly notices: NoticeLimits;
  readonly uploads: UploadLimits;
  /** Bytes of each partition's database. */
  readonly maxBytes: number;
}

export class Partition {
  readonly sql: Sql;
  readonly identities: Identities;
  readonly twins: Twins;
  readonly memberships: Memberships;
  readonly queue: DeviceQueue;
  readonly notices: Notices;
  readonly uploads: Uploads;

  constructor(path: string, limits: StateLimits) {
    this.sql = new Sql(path, { steps: PARTITION_STEPS, maxBytes: limits.maxBytes });
    this.identities = new Identities(this.sql);
    this.twins = new Twins(this.sql, this.identities);
    this.memberships = new Memberships(this.sql);
    this.notices = new Notices(this.sql, limits.notices);
    this.queue = new DeviceQueue(this.sql, this.identities, this.notices, limits.queue);
    this.uploads = new Uploads(this.sql, this.identities, limits.uploads);
  }

  /** Forgets what lived in the process that ended: connections and what sessions had. */
  afterStart(now: number): void {
    this.identities.disconnectAll(now);
    this.queue.releaseSessions();
    this.notices.releaseAll();
  }
}
