/** What people say about which addresses are one device: the sensor follows, and undoing it brings back what was. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as arp from '@annunciator/testkit/arp';
import { host } from '@annunciator/testkit/host';
import * as modbus from '@annunciator/testkit/modbus';
import { Timeline } from '@annunciator/testkit/timeline';
import { feed } from '../../tests/sense.ts';
import { Sensor, type SensorEvent } from '../sensor.ts';
import { recordOf } from './device-record.ts';

const HMI = host('hmi', '10.1.1.10');
const PLC = host('plc', '10.1.1.20');
const PANEL = host('panel', '10.1.1.30');

/** A sensor that went through some traffic, and goes on with more. */
class Plant {
  readonly detections: string[] = [];
  readonly events: SensorEvent[] = [];
  readonly sensor = new Sensor({
    settings: { enableAll: true, focus: 'any' },
    report: ({ type, source }) => this.detections.push(`${type} ${source?.device}`),
    event: (event) => this.events.push(event),
  });
  readonly #timeline = new Timeline();
  #taken = 0;
  readonly #frames: Uint8Array[] = [];

  take(write: (timeline: Timeline) => void): void {
    write(this.#timeline);
    feed(this.sensor, this.#timeline, this.#taken, this.#frames);
    this.#taken = this.#timeline.count;
    this.#timeline.wait(2000);
  }

  /** Alerts of the policy engine about Modbus, by device. */
  policy(write: (timeline: Timeline) => void): string[] {
    this.detections.length = 0;
    this.take(write);
    return [...new Set(this.detections.filter((text) => text.startsWith('unpermitted-usage-of-modbus')))];
  }

  ids(): string[] {
    return this.sensor.inventory.devices.map(({ id }) => id);
  }
}

const reads = (client: typeof HMI) => (timeline: Timeline) => void modbus.session(timeline, client, PLC).readHoldingRegisters(0, 2);
const writes = (client: typeof HMI) => (timeline: Timeline) => void modbus.session(timeline, client, PLC).writeRegister(5, 7);

/** HMI reads, the panel reads and writes; learning is over. */
function learned(): Plant {
  const plant = new Plant();
  plant.take((timeline) => {
    reads(HMI)(timeline);
    reads(PANEL)(timeline);
    writes(PANEL)(timeline);
  });
  plant.sensor.learning = false;
  return plant;
}

test('two devices that are one share what the baseline holds of both', () => {
  const plant = learned();
  assert.deepEqual(plant.policy(writes(HMI)), ['unpermitted-usage-of-modbus-function-code 10.1.1.10']);
  const united = plant.sensor.unite('10.1.1.10', '10.1.1.30');
  assert.ok(united && united.entries.length > united.kept.length && united.kept.length > 0);
  assert.deepEqual(plant.ids(), ['10.1.1.10', '10.1.1.20']);
  assert.deepEqual(plant.policy(writes(HMI)), []);
  assert.deepEqual(plant.policy(writes(PANEL)), [], 'from its other address, too');
  const { ips } = plant.sensor.inventory.devices[0];
  assert.deepEqual(ips, ['10.1.1.10', '10.1.1.30']);
});

test('taken apart again, each has what it had: nothing more, nothing less', () => {
  const plant = learned();
  const before = plant.sensor.baseline.entries();
  const part = recordOf(plant.sensor.inventory.devices.find(({ id }) => id === '10.1.1.30') as never, plant.sensor.inventory);
  const united = plant.sensor.unite('10.1.1.10', '10.1.1.30');
  assert.ok(united);
  assert.ok(plant.sensor.divide('10.1.1.10', part, united));
  assert.deepEqual(plant.sensor.baseline.entries(), before);
  assert.deepEqual(plant.policy(writes(PANEL)), []);
  assert.deepEqual(plant.policy(reads(HMI)), []);
  assert.deepEqual(plant.policy(writes(HMI)), ['unpermitted-usage-of-modbus-function-code 10.1.1.10']);
  assert.deepEqual(plant.ids(), ['10.1.1.10', '10.1.1.20', '10.1.1.30']);
});

test('an address that a person took from a network card stays apart, whatever ARP and packets say', () => {
  const plant = new Plant();
  const second = { ...HMI, ip: '10.1.1.11', address: Uint8Array.of(10, 1, 1, 11) };
  plant.take((timeline) => {
    reads(HMI)(timeline);
    arp.announce(timeline, second);
  });
  assert.deepEqual(plant.sensor.inventory.devices[0].ips, ['10.1.1.10', '10.1.1.11']);
  const whole = recordOf(plant.sensor.inventory.devices[0], plant.sensor.inventory);
  plant.sensor.divide('10.1.1.10', { ...whole, id: '10.1.1.11', ips: ['10.1.1.11'], macs: [] }, { entries: [], kept: [] });
  plant.take((timeline) => {
    arp.announce(timeline, second);
    reads(second)(timeline);
    reads(HMI)(timeline);
  });
  assert.deepEqual(
    plant.sensor.inventory.devices.map(({ id, ips }) => [id, ips]),
    [
      ['10.1.1.10', ['10.1.1.10']],
      ['10.1.1.20', ['10.1.1.20']],
      ['10.1.1.11', ['10.1.1.11']],
    ],
  );

  const next = new Plant();
  next.sensor.inventory.decide({ apart: ['10.1.1.11'] });
  next.sensor.inherit(plant.sensor.memory());
  next.take((timeline) => {
    arp.announce(timeline, second);
    reads(second)(timeline);
    reads(HMI)(timeline);
  });
  assert.deepEqual(next.ids().sort(), ['10.1.1.10', '10.1.1.11', '10.1.1.20'], 'after a restart, too');
});

test('a device that is deleted is new when it sends again, and not authorised', () => {
  const plant = learned();
  assert.ok(plant.sensor.forget('10.1.1.30'));
  assert.equal(plant.sensor.forget('10.1.1.99'), null);
  assert.deepEqual(plant.ids(), ['10.1.1.10', '10.1.1.20']);
  plant.detections.length = 0;
  plant.take(reads(PANEL));
  assert.ok(plant.detections.includes('new-asset-detected 10.1.1.30'), plant.detections.join(', '));
  assert.equal(plant.sensor.inventory.devices.find(({ id }) => id === '10.1.1.30')?.authorised, false);
});

test('people say which networks are a plant, and what devices are called', () => {
  const plant = new Plant();
  plant.take((timeline) => {
    reads(HMI)(timeline);
    arp.announce(timeline, host('camera', '10.1.1.200'));
    arp.announce(timeline, host('desk', '10.9.0.5'));
  });
  const { inventory } = plant.sensor;
  const ot = (): boolean[] => ['10.1.1.10', '10.1.1.200', '10.9.0.5'].map((ip) => inventory.isOt(inventory.ipText(ip)));
  assert.deepEqual(ot(), [true, true, false]);
  inventory.decide({
    subnets: [
      { cidr: '10.1.1.192/26', kind: 'it' },
      { cidr: '10.9.0.0/16', kind: 'ot' },
    ],
  });
  assert.deepEqual(ot(), [true, false, true], 'a device that speaks a plant protocol is one wherever it is');
  inventory.decide({
    subnets: [{ cidr: '10.1.0.0/16', kind: 'auto' }],
    names: [
      ['10.1.1.200', 'Gate camera'],
      ['10.1.1.77', 'Later'],
    ],
  });
  assert.deepEqual(ot(), [true, true, false]);
  assert.equal(inventory.deviceByAddress('10.1.1.200')?.label, 'Gate camera');
  plant.take((timeline) => arp.announce(timeline, host('later', '10.1.1.77')));
  assert.equal(inventory.deviceByAddress('10.1.1.77')?.label, 'Later');
});
