import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as bacnet from './bacnet.ts';
import { group, host } from './host.ts';
import { join } from './octets.ts';
import { Timeline } from './timeline.ts';
import { complaints, fieldCounts, withoutTshark } from './tshark.ts';

test('BACnet services, errors and segments are read by tshark as they were written', { skip: withoutTshark }, () => {
  const timeline = new Timeline();
  const server = host('bms', '10.6.0.10');
  const controller = host('ahu', '10.6.0.20');
  bacnet.whoIs(timeline, server, group('10.6.0.255'), [1, 4_000_000]);
  bacnet.iAm(timeline, controller, group('10.6.0.255'), 260_001, 5);
  const session = bacnet.session(timeline, server, controller);
  const { AnalogInput, AnalogValue, Device } = bacnet.ObjectType;
  session
    .readProperty([Device, 260_001], bacnet.Property.ModelName, bacnet.characterString('AHU controller'))
    .readProperty([AnalogInput, 1], bacnet.Property.PresentValue);
  session
    .readPropertyMultiple([
      [AnalogInput, 1],
      [AnalogInput, 2],
    ])
    .writeProperty([AnalogValue, 3], bacnet.Property.PresentValue, bacnet.real(21.5));
  session.subscribe([AnalogInput, 1]).notify(260_001, [AnalogInput, 1], 22).reinitialize().deviceCommunicationControl(1);
  const reference = bacnet.propertyReference([AnalogInput, 99], bacnet.Property.PresentValue);
  session
    .error(bacnet.Service.ReadProperty, reference)
    .reject(bacnet.Service.ReadProperty, reference)
    .abort(bacnet.Service.ReadProperty, reference);
  const list = bacnet.propertyReference([Device, 260_001], bacnet.Property.ObjectList);
  const objects = Array.from({ length: 200 }, (_, i) => bacnet.tagged(12, false, bacnet.objectId([AnalogInput, i])));
  session.segmented(bacnet.Service.ReadProperty, list, join(list, Uint8Array.of(0x3e), ...objects, Uint8Array.of(0x3f)));
  assert.deepEqual(complaints(timeline), []);
  const counts = fieldCounts(timeline, [
    'bacapp.type',
    'bacapp.confirmed_service',
    'bacapp.unconfirmed_service',
    'bacapp.reject_reason',
    'bacapp.abort_reason',
  ]);
  assert.deepEqual(counts['bacapp.type'], { 0: 11, 1: 3, 2: 4, 3: 6, 4: 3, 5: 1, 6: 1, 7: 1 });
  assert.deepEqual(counts['bacapp.unconfirmed_service'], { 0: 1, 2: 1, 8: 1 });
});
