import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Connection } from '@annunciator/testkit/tcp';
import { host } from '@annunciator/testkit/host';
import { readRequest } from '@annunciator/testkit/modbus';
import { Timeline } from '@annunciator/testkit/timeline';
import { send } from '@annunciator/testkit/udp';
import { HMI, PLC, sense } from '../../tests/sense.ts';

test('the end of a tunnel is a device, and so are those whose frames it carries', () => {
  const mirror = host('mirror', '10.9.9.1', '00:80:f4:09:09:01');
  const collector = host('collector', '10.9.9.2', '00:80:f4:09:09:02');
  const { sensor } = sense((timeline) => {
    const mirrored = new Timeline();
    new Connection(mirrored, HMI, PLC, 502).request(readRequest(3, 0, 1));
    for (const { frame } of mirrored.packets)
      send(timeline, mirror, 50_000, collector, 4789, Uint8Array.from([8, 0, 0, 0, 0, 0, 1, 0, ...frame]));
  });
  const devices = sensor.inventory.devices.map(({ ips, macs }) => `${ips} ${macs}`);
  assert.deepEqual(devices.sort(), ['10.1.1.10 00:80:f4:01:01:10', '10.1.1.20 00:80:f4:01:01:20', '10.9.9.1 00:80:f4:09:09:01']);
});
