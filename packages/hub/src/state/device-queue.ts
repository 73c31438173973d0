/**
 * Cloud-to-device messages of a partition, from enqueueing to completion or dead letter.
 *
 * Enqueued -> Invisible (a device has it, under a lock token) -> Completed or dead-lettered. The delivery count rises when a
 * device abandons a message, and when an MQTT session that had it ends without acknowledging it; a lock that runs out puts
 * the message back without counting (IoT Hub, cloud-to-device messages: life cycle).
 */
import { randomUUID } from 'node:crypto';
import type { HubProtocol } from '@annunciator/rules/hub-operation';
import { HubError } from '../hub-error.ts';
import type { MessageProperties } from '../message/message.ts';
import type { Identities } from './identities.ts';
import type { Notices } from './notices.ts';
import type { Row, Sql } from './sql.ts';

export type Acknowledgement = 'none' | 'positive' | 'negative' | 'full';

export interface NewQueuedMessage {
  readonly properties: MessageProperties;
  readonly body: Uint8Array;
  readonly ack: Acknowledgement;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

/** A message handed to a device. */
export interface QueuedMessage {
  readonly sequence: number;
  readonly properties: MessageProperties;
  readonly body: Uint8Array;
  readonly ack: Acknowledgement;
  readonly enqueued: number;
  readonly expires: number;
  /** How often it came back before. */
  readonly deliveries: number;
  readonly lockToken: string;
}

/** Why a message left the queue without being completed; also the status code of its feedback. */
export type DeadLetterReason = 'Expired' | 'DeliveryCountExceeded' | 'Rejected' | 'Purged';

export interface DeadLetter {
  readonly deviceId: string;
  readonly sequence: number;
  readonly messageId: string | null;
  readonly reason: DeadLetterReason;
  /** The protocol by which a device had it at that moment, null when none had it. */
  readonly protocol: HubProtocol | null;
  readonly bytes: number;
}

export interface QueueLimits {
  /** Messages that may wait for a device. */
  readonly maxDepth: number;
  /** Deliveries after which a message is dead-lettered. */
  readonly maxDeliveryCount: number;
}

/** How a delivery by a session that lasts is taken back when the session ends. */
interface Holder {
  /** Identifies the session; null for HTTPS, whose locks only time ends. */
  readonly session: string | null;
  readonly protocol: HubProtocol;
}

const COLUMNS = 'sequence, device, properties, body, enqueued, expires, deliveries, ack, message_id, lock_token, protocol';

export class DeviceQueue {
  readonly #sql: Sql;
  readonly #identities: Identities;
  readonly #notices: Notices;
  readonly #limits: QueueLimits;

  constructor(sql: Sql, identities: Identities, notices: Notices, limits: QueueLimits) {
    this.#sql = sql;
    this.#identities = identities;
    this.#notices = notices;
    this.#limits = limits;
  }

  /** @throws HubError DeviceNotFound, DeviceMaximumQueueDepthExceeded */
  enqueue(deviceId: string, message: NewQueuedMessage, now: number): number {
    const { cloudToDeviceMessageCount: depth } = this.#identities.get({ deviceId, moduleId: null });
    if (depth >= this.#limits.maxDepth)
      throw new HubError(
        'DeviceMaximumQueueDepthExceeded',
        `${depth} messages wait for the device ${deviceId}; ${this.#limits.maxDepth} are allowed. Wait until it has received some.`,
      );
    return this.#sql.insert(
      'INSERT INTO queued (device, properties, body, enqueued, expires, ack, message_id) VALUES (?, ?, ?, ?, ?, ?, ?)',
      deviceId,
      JSON.stringify(message.properties),
      message.body,
      now,
      message.expires,
      message.ack,
      message.properties.system.messageId ?? null,
    );
  }

  /** The next message that nobody has, now locked for the caller; undefined when there is none. */
  lock(deviceId: string, holder: Holder, lockMs: number | null, now: number): QueuedMessage | undefined {
    const row = this.#sql.get(
      `SELECT ${COLUMNS} FROM queued WHERE device = ? AND lock_token IS NULL AND expires > ? ORDER BY sequence LIMIT 1`,
      deviceId,
      now,
    );
    if (!row) return undefined;
    const lockToken = randomUUID();
    this.#sql.run(
      'UPDATE queued SET lock_token = ?, locked_until = ?, holder = ?, protocol = ? WHERE sequence = ?',
      lockToken,
      lockMs === null ? null : now + lockMs,
      holder.session,
      holder.protocol,
      row['sequence'],
    );
    return messageOf(row, lockToken);
  }

  /** Takes a message away for good. @throws HubError DeviceMessageLockLost */
  complete(deviceId: string, lockToken: string, now: number): void {
    const row = this.#locked(deviceId, lockToken);
    this.#sql.run('DELETE FROM queued WHERE sequence = ?', row['sequence']);
    this.#tell(row, 'Success', now);
  }

  /** @throws HubError DeviceMessageLockLost */
  reject(deviceId: string, lockToken: string, now: number): DeadLetter {
    return this.#bury(this.#locked(deviceId, lockToken), 'Rejected', now);
  }

  /** Puts a message back; returns its dead letter when that was the last try. @throws HubError DeviceMessageLockLost */
  abandon(deviceId: string, lockToken: string, now: number): DeadLetter | undefined {
    return this.#putBack(this.#locked(deviceId, lockToken), now);
  }

  /** Takes back what a session still has. @param counts whether that counts as a delivery (MQTT) */
  endSession(deviceId: string, session: string, counts: boolean, now: number): DeadLetter[] {
    const held = this.#sql.all(`SELECT ${COLUMNS} FROM queued WHERE device = ? AND holder = ?`, deviceId, session);
    return held.flatMap((row) => {
      if (counts) return this.#putBack(row, now) ?? [];
      this.#unlock(row, 0);
      return [];
    });
  }

  /** Removes all that waits for a device. @throws HubError DeviceNotFound */
  purge(deviceId: string, now: number): DeadLetter[] {
    this.#identities.get({ deviceId, moduleId: null });
    return this.#sql.all(`SELECT ${COLUMNS} FROM queued WHERE device = ?`, deviceId).map((row) => this.#bury(row, 'Purged', now));
  }

  /** Buries what is past its expiry and opens locks that ran out. @returns at most `limit` dead letters; call again when full */
  sweep(now: number, limit: number): { dead: DeadLetter[]; unlocked: string[] } {
    const expired = this.#sql.all(`SELECT ${COLUMNS} FROM queued WHERE expires <= ? ORDER BY expires LIMIT ?`, now, limit);
    const dead = expired.map((row) => this.#bury(row, 'Expired', now));
    const loose = this.#sql.all(`SELECT ${COLUMNS} FROM queued WHERE locked_until IS NOT NULL AND locked_until <= ? LIMIT ?`, now, limit);
    for (const row of loose) this.#unlock(row, 0);
    return { dead, unlocked: [...new Set(loose.map((row) => String(row['device'])))] };
  }

  /** After a start no session has anything. */
  releaseSessions(): void {
    this.#sql.run('UPDATE queued SET lock_token = NULL, locked_until = NULL, holder = NULL, protocol = NULL WHERE holder IS NOT NULL');
  }

  #locked(deviceId: string, lockToken: string): Row {
    const row = this.#sql.get(`SELECT ${COLUMNS} FROM queued WHERE device = ? AND lock_token = ?`, deviceId, lockToken);
    if (row) return row;
    throw new HubError(
      'DeviceMessageLockLost',
      `The lock ${lockToken.slice(0, 64)} has run out or never was: receive the message again, then settle it.`,
    );
  }

  #putBack(row: Row, now: number): DeadLetter | undefined {
    if (Number(row['deliveries']) + 1 >= this.#limits.maxDeliveryCount) return this.#bury(row, 'DeliveryCountExceeded', now);
    this.#unlock(row, 1);
    return undefined;
  }

  #unlock(row: Row, deliveries: number): void {
    this.#sql.run(
      'UPDATE queued SET lock_token = NULL, locked_until = NULL, holder = NULL, protocol = NULL, deliveries = deliveries + ? WHERE sequence = ?',
      deliveries,
      row['sequence'],
    );
  }

  #bury(row: Row, reason: DeadLetterReason, now: number): DeadLetter {
    this.#sql.run('DELETE FROM queued WHERE sequence = ?', row['sequence']);
    this.#tell(row, reason, now);
    return {
      deviceId: String(row['device']),
      sequence: Number(row['sequence']),
      messageId: row['message_id'] === null ? null : String(row['message_id']),
      reason,
      // Written by lock.
      protocol: row['protocol'] as HubProtocol | null,
      bytes: bodyOf(row).length,
    };
  }

  /** Feedback, when the message asked for it and can be told by its id. */
  #tell(row: Row, outcome: 'Success' | DeadLetterReason, now: number): void {
    const ack = row['ack'];
    const wanted = ack === 'full' || (outcome === 'Success' ? ack === 'positive' : ack === 'negative');
    if (!wanted || row['message_id'] === null) return;
    const device = this.#identities.find({ deviceId: String(row['device']), moduleId: null });
    this.#notices.add(
      'feedback',
      JSON.stringify({
        originalMessageId: row['message_id'],
        description: outcome,
        deviceGenerationId: device?.generationId ?? '',
        deviceId: row['device'],
        enqueuedTimeUtc: new Date(now).toISOString(),
        statusCode: outcome,
      }),
      now,
    );
  }
}

function bodyOf(row: Row): Uint8Array {
  // A BLOB column.
  return row['body'] as Uint8Array;
}

function messageOf(row: Row, lockToken: string): QueuedMessage {
  return {
    sequence: Number(row['sequence']),
    // Written by enqueue.
    properties: JSON.parse(String(row['properties'])) as MessageProperties,
    body: bodyOf(row),
    ack: row['ack'] as Acknowledgement,
    enqueued: Number(row['enqueued']),
    expires: Number(row['expires']),
    deliveries: Number(row['deliveries']),
    lockToken,
  };
}
