/** Learn, replay in silence, unlearn, hear the same again. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Detection, Learnable } from '@annunciator/core/alert';
import { openCaptures } from '@annunciator/packet/capture/capture-reader';
import { Packet } from '@annunciator/packet/packet';
import * as bacnet from '@annunciator/testkit/bacnet';
import * as dnp3 from '@annunciator/testkit/dnp3';
import * as enip from '@annunciator/testkit/enip';
import * as http from '@annunciator/testkit/http';
import * as iec104 from '@annunciator/testkit/iec104';
import * as modbus from '@annunciator/testkit/modbus';
import * as s7 from '@annunciator/testkit/s7comm';
import { Timeline } from '@annunciator/testkit/timeline';
import { capturePath, NO_CAPTURES } from '../../tests/captures.ts';
import { feed, HMI, PLC, STATION, type Write } from '../../tests/sense.ts';
import { Sensor, type SensorMemory } from '../sensor.ts';

const SETTINGS = { enableAll: true } as const;

/** What a fresh operational sensor with this memory says, when `drive` gives it packets. */
async function hear(drive: (sensor: Sensor) => Promise<void> | void, memory: SensorMemory): Promise<Detection[]> {
  const detections: Detection[] = [];
  const sensor = new Sensor({ settings: SETTINGS, learning: false, report: (detection) => detections.push(detection) });
  sensor.inherit(memory);
  await drive(sensor);
  sensor.finish();
  return detections;
}

const NOTHING: SensorMemory = { baseline: [], devices: [] };
const learnable = (detections: readonly Detection[]): Detection[] => detections.filter((detection) => detection.learn.length > 0);
const text = (detections: readonly Detection[]): string[] =>
  detections.map(({ type, message, frames }) => `${type} ${frames.join()} ${message}`);
const key = ({ aspect, source, destination, value }: Learnable): string => [aspect, source, destination, value].join('\t');

/** Learns every alert of `drive` until nothing is left to learn; then holds silence and the way back. */
async function holdLearning(drive: (sensor: Sensor) => Promise<void> | void): Promise<void> {
  const first = await hear(drive, NOTHING);
  assert.ok(learnable(first).length > 0, 'there is something to learn');
  const entries = new Map<string, Learnable>();
  for (const { learn } of first) for (const entry of learn) entries.set(key(entry), entry);
  const learned = { baseline: [...entries.values()], devices: [] };
  assert.deepEqual(text(learnable(await hear(drive, learned))), [], 'learned traffic is silent');

  // One sensor that learns and unlearns holds nothing in the end, and says the same as in the beginning.
  const sensor = new Sensor({ settings: SETTINGS, learning: false, report: () => undefined });
  for (const entry of entries.values()) assert.ok(sensor.learn(entry), `${key(entry)} can be learned`);
  for (const entry of entries.values()) assert.ok(sensor.unlearn(entry), `${key(entry)} can be unlearned`);
  assert.deepEqual(sensor.baseline.entries(), []);
  const detections: Detection[] = [];
  const again = new Sensor({ settings: SETTINGS, learning: false, report: (detection) => detections.push(detection) });
  for (const entry of entries.values()) again.learn(entry);
  for (const entry of entries.values()) again.unlearn(entry);
  await drive(again);
  again.finish();
  assert.deepEqual(text(learnable(detections)), text(learnable(first)), 'unlearned traffic is heard again');
}

const TRAFFIC: Readonly<Record<string, Write>> = {
  Modbus: (timeline) =>
    modbus.session(timeline, HMI, PLC).readHoldingRegisters(100, 10).writeRegisters(40, [1, 2]).maskWriteRegister(7, 1, 2).close(),
  S7comm: (timeline) =>
    s7
      .session(timeline, STATION, PLC)
      .readDataBlock(5, 0, 8)
      .readModuleIdentification('6ES7 315', [3, 2, 1])
      .download('08', 1, new Uint8Array(40))
      .close(),
  DNP3: (timeline) => dnp3.session(timeline, HMI, PLC).poll().directOperate(3).coldRestart().close(),
  'EtherNet/IP': (timeline) => enip.session(timeline, HMI, PLC).readTag('Line').pcccRead(7, 0).listTags('Line').close(),
  'IEC 104': (timeline) => iec104.session(timeline, HMI, PLC).interrogate().singleCommand(4001, true).close(),
  BACnet: (timeline) => void bacnet.session(timeline, HMI, PLC).readProperty([0, 1], bacnet.Property.PresentValue),
  HTTP: (timeline) => {
    modbus.session(timeline, HMI, PLC).readCoils(0, 8).close();
    http.session(timeline, HMI, PLC).get('/a/b').soap('/ws', 'urn:Read', '<r/>').close();
  },
};

describe('learning and unlearning', () => {
  for (const [name, write] of Object.entries(TRAFFIC))
    it(name, async () => {
      const timeline = new Timeline();
      write(timeline);
      await holdLearning((sensor) => feed(sensor, timeline, 0, []));
    });

  for (const name of ['modbus-clean2-iti.pcap', 's7comm-s400production-iti.pcap', 'enip-plant1-iti.pcap', 'bacnet-ip-ctsamples.pcap'])
    it(name, { skip: NO_CAPTURES }, async () => {
      await holdLearning(async (sensor) => {
        const { reader } = await openCaptures([capturePath(name)]);
        const packet = new Packet();
        do while (reader.next(packet)) sensor.take(packet);
        while (await reader.advance());
        await reader.close();
      });
    });
});
