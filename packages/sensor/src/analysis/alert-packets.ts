/** The frames of each alert of an analysis as a pcapng file: the captures are read once more. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Alert } from '@annunciator/core/alert';
import { openCaptures } from '@annunciator/packet/capture/capture-reader';
import { FRAME_COMMENT } from '@annunciator/packet/evidence/extract';
import { type EvidenceFrame, pcapngFile } from '@annunciator/packet/evidence/pcapng-file';
import { Packet } from '@annunciator/packet/packet';

/** Alerts whose frames are held at once; more than these take a further reading. */
const ALERTS_AT_ONCE = 1000;

/**
 * Writes `<alert id>.pcapng` into a folder that exists, for each alert with frames. Gives the number of files.
 *
 * @param files in the order in which they were analysed, so that frames have the same numbers
 * @throws the error of the file system when a file cannot be written
 */
export async function writeAlertPackets(files: readonly string[], alerts: readonly Alert[], folder: string): Promise<number> {
  const withFrames = alerts.filter((alert) => alert.frames.length > 0);
  for (let first = 0; first < withFrames.length; first += ALERTS_AT_ONCE) {
    const batch = withFrames.slice(first, first + ALERTS_AT_ONCE);
    const frames = await framesOf(files, new Set(batch.flatMap((alert) => alert.frames)));
    for (const alert of batch) {
      const own = alert.frames.toSorted((a, b) => a - b).flatMap((number) => frames.get(number) ?? []);
      await writeFile(join(folder, `${alert.id}.pcapng`), pcapngFile(own, `Alert ${alert.id}: ${alert.title}`));
    }
  }
  return withFrames.length;
}

async function framesOf(files: readonly string[], wanted: ReadonlySet<number>): Promise<Map<number, EvidenceFrame>> {
  const found = new Map<number, EvidenceFrame>();
  const { reader } = await openCaptures(files);
  const packet = new Packet();
  do {
    while (found.size < wanted.size && reader.next(packet)) {
      if (!wanted.has(packet.frame)) continue;
      const { seconds, nanoseconds, wireLength, linkType } = packet;
      const bytes = packet.bytes.slice(packet.start, packet.end);
      found.set(packet.frame, { seconds, nanoseconds, wireLength, linkType, bytes, comment: `Frame ${packet.frame}. ${FRAME_COMMENT}` });
    }
  } while (found.size < wanted.size && (await reader.advance()));
  await reader.close();
  return found;
}
