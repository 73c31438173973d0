/** Packets of a sample alert, as a sensor writes them: a Modbus master writes registers of a PLC. */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { FRAME_COMMENT } from '@annunciator/packet/evidence/extract';
import { pcapngFile } from '@annunciator/packet/evidence/pcapng-file';
import { host } from '@annunciator/testkit/host';
import * as modbus from '@annunciator/testkit/modbus';
import { Connection } from '@annunciator/testkit/tcp';
import { Timeline } from '@annunciator/testkit/timeline';
import type { PacketEvidence } from '../src/alerts/packet-evidence.ts';

/** Gives the alert a file of packets. The one that fired is the request; returns the file. */
export async function keepPackets(evidence: PacketEvidence, alert: string): Promise<Uint8Array> {
  const timeline = new Timeline();
  new Connection(timeline, host('HMI', '10.20.1.22'), host('PLC', '10.20.2.13'), 502)
    .request(modbus.adu(7, 1, modbus.readRequest(3, 0, 2)))
    .request(modbus.adu(8, 1, modbus.writeRegistersRequest(4000, [1, 2, 3])));
  const fired = timeline.packets.findLastIndex(({ frame }) => frame.length > 60);
  const frames = timeline.packets.map(({ seconds, nanoseconds, frame }, at) => ({
    seconds,
    nanoseconds,
    wireLength: frame.length,
    linkType: 1,
    bytes: frame,
    comment: at === fired ? FRAME_COMMENT : '',
  }));
  const file = pcapngFile(frames, 'Packets of a sample alert');
  const sha256 = createHash('sha256').update(file).digest('hex');
  await writeFile(evidence.path(sha256), file);
  await evidence.written({ alert, sensor: 'sensor-north', sha256, size: file.length, packets: frames.length });
  return file;
}
