/** File uploads under way: a device announces a file, writes it to the blob store, and tells how it went. */
import { randomUUID } from 'node:crypto';
import { HubError } from '../hub-error.ts';
import type { Identities } from './identities.ts';
import type { Sql } from './sql.ts';

export interface Upload {
  readonly correlationId: string;
  readonly deviceId: string;
  /** Path in the container, `{device}/{name}`. */
  readonly blobName: string;
  readonly started: number;
}

export interface UploadLimits {
  /** Uploads a device may have under way. */
  readonly maxActive: number;
  readonly lifetimeMs: number;
}

export class Uploads {
  readonly #sql: Sql;
  readonly #identities: Identities;
  readonly #limits: UploadLimits;

  constructor(sql: Sql, identities: Identities, limits: UploadLimits) {
    this.#sql = sql;
    this.#identities = identities;
    this.#limits = limits;
  }

  /** @throws HubError DeviceNotFound, DeviceMaximumActiveFileUploadLimitExceeded */
  start(deviceId: string, blobName: string, now: number): Upload {
    this.#identities.get({ deviceId, moduleId: null });
    this.#sql.run('DELETE FROM upload WHERE device = ? AND started <= ?', deviceId, now - this.#limits.lifetimeMs);
    const active = Number(this.#sql.get('SELECT count(*) AS n FROM upload WHERE device = ?', deviceId)?.['n']);
    if (active >= this.#limits.maxActive)
      throw new HubError(
        'DeviceMaximumActiveFileUploadLimitExceeded',
        `The device ${deviceId} has ${active} uploads under way; ${this.#limits.maxActive} are allowed. Finish some first.`,
      );
    const upload = { correlationId: randomUUID(), deviceId, blobName, started: now };
    this.#sql.run(
      'INSERT INTO upload (correlation, device, blob, started) VALUES (?, ?, ?, ?)',
      upload.correlationId,
      deviceId,
      blobName,
      now,
    );
    return upload;
  }

  /** The upload, now ended. @throws HubError ArgumentInvalid when the device has none of that id */
  finish(deviceId: string, correlationId: string): Upload {
    const row = this.#sql.get('SELECT * FROM upload WHERE correlation = ? AND device = ?', correlationId, deviceId);
    if (!row)
      throw new HubError('ArgumentInvalid', `The device ${deviceId} has no upload with the correlation id ${correlationId.slice(0, 64)}.`);
    this.#sql.run('DELETE FROM upload WHERE correlation = ?', correlationId);
    return { correlationId, deviceId, blobName: String(row['blob']), started: Number(row['started']) };
  }

  sweep(now: number): void {
    this.#sql.run('DELETE FROM upload WHERE started <= ?', now - this.#limits.lifetimeMs);
  }
}
