/**
 * Snapshots of the evaluation of a partition. A damaged one counts as none: then counting begins anew with what comes.
 *
 *     ANNRULE1                   8 bytes
 *     length of the head         u32, big-endian
 *     CRC-32 of all that follows u32
 *     head                       JSON, UTF-8: everything small, and the lengths of the sections
 *     sections                   ids and arrays of the devices, then the pages of the counters
 */
import { crc32 } from 'node:zlib';
import type { Finding } from '@annunciator/rules/evaluation/finding';
import type { EvaluationSnapshot } from '@annunciator/rules/evaluation/partition-evaluation';
import type { HubAlertWatch } from '@annunciator/rules/hub-alerts/hub-alert-watch';
import type { JournalPosition } from '../journal/record.ts';
import { readIfThere, replaceFile } from './durable-file.ts';

export interface SecuritySnapshot {
  /** Up to where the journal of the partition is evaluated. */
  readonly position: JournalPosition;
  /** Time of the last operation, milliseconds since 1970. */
  readonly time: number;
  readonly evaluation: EvaluationSnapshot;
  readonly watch: ReturnType<HubAlertWatch['snapshot']>;
  /** Findings that nobody has taken. */
  readonly untaken: readonly Finding[];
}

const MAGIC = Buffer.from('ANNRULE1');

interface Head extends Omit<SecuritySnapshot, 'evaluation'> {
  readonly rest: EvaluationSnapshot['rest'];
  /** Bytes of each section, in the order of {@link sectionsOf}. */
  readonly devices: readonly number[];
  readonly pages: readonly { readonly rule: number; readonly page: number; readonly bytes: number }[];
}

export async function writeSnapshot(path: string, { evaluation, ...head }: SecuritySnapshot): Promise<void> {
  const { devices, counters, rest } = evaluation;
  const sections = [Buffer.from(devices.ids), ...[devices.group, devices.agentMinutes, devices.status, devices.since].map(bytesOf)];
  const text = Buffer.from(
    JSON.stringify({
      ...head,
      rest,
      devices: sections.map(({ length }) => length),
      pages: counters.map(({ rule, page, bytes }) => ({ rule, page, bytes: bytes.length })),
    } satisfies Head),
  );
  const parts = [text, ...sections, ...counters.map(({ bytes }) => bytes)];
  const front = Buffer.alloc(MAGIC.length + 8);
  MAGIC.copy(front);
  front.writeUInt32BE(text.length, MAGIC.length);
  front.writeUInt32BE(
    parts.reduce((sum, part) => crc32(part, sum), 0),
    MAGIC.length + 4,
  );
  await replaceFile(path, [front, ...parts]);
}

function bytesOf(array: Uint8Array | Uint16Array | Float64Array): Buffer {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength);
}

/** Undefined when there is none, or only a damaged one. */
export async function readSnapshot(path: string): Promise<SecuritySnapshot | undefined> {
  const file = await readIfThere(path);
  const begin = MAGIC.length + 8;
  if (!file || file.length < begin || !file.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  const content = file.subarray(begin);
  if (crc32(content) !== file.readUInt32BE(MAGIC.length + 4)) return undefined;
  let offset = file.readUInt32BE(MAGIC.length);
  // Written by writeSnapshot: the checksum fits.
  const { rest, devices, pages, ...head } = JSON.parse(content.toString('utf8', 0, offset)) as Head;
  // Copies, so that the arrays begin where their elements may.
  const take = (length: number): ArrayBuffer => {
    const taken = new Uint8Array(content.subarray(offset, offset + length));
    offset += length;
    return taken.buffer;
  };
  const [ids, group, agentMinutes, status, since] = devices.map(take);
  const counters = pages.map(({ rule, page, bytes }) => ({ rule, page, bytes: new Uint8Array(take(bytes)) }));
  return {
    ...head,
    evaluation: {
      devices: {
        ids: Buffer.from(ids).toString('utf8'),
        group: new Uint16Array(group),
        agentMinutes: new Uint16Array(agentMinutes),
        status: new Uint8Array(status),
        since: new Float64Array(since),
      },
      counters,
      rest,
    },
  };
}
