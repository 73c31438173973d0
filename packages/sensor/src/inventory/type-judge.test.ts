import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALL_DEVICE_TYPES } from '@annunciator/core/device-types';
import { PROTOCOLS, type ProtocolId } from '@annunciator/protocols/registry';
import { Device, type DeviceRole } from './device.ts';
import { judgeType } from './type-judge.ts';
import { TYPE_RULES } from './type-rules.ts';

interface Seen {
  readonly serves?: readonly ProtocolId[];
  readonly asks?: readonly ProtocolId[];
  readonly roles?: readonly DeviceRole[];
  readonly vendor?: string;
  readonly model?: string;
  readonly name?: string;
  readonly os?: string;
  readonly told?: string;
  readonly ips?: readonly string[];
  readonly macs?: readonly string[];
  readonly units?: number;
}

function deviceOf(seen: Seen): Device {
  const device = new Device('d', 1, 0n);
  const index = (id: ProtocolId): number => Object.values(PROTOCOLS).find((protocol) => protocol.id === id)?.index ?? -1;
  for (const id of seen.serves ?? []) device.serves.add(index(id));
  for (const id of seen.asks ?? []) device.asks.add(index(id));
  for (const index of [...device.serves, ...device.asks]) device.protocols.add(index);
  for (const role of seen.roles ?? []) device.roles.add(role);
  for (let unit = 1; unit <= (seen.units ?? 0); unit++) device.tellModule(`unit ${unit}`, { model: 'x' });
  device.ips.push(...(seen.ips ?? ['10.0.0.5']));
  device.macs.push(...(seen.macs ?? ['00:80:f4:00:00:05']));
  const { vendor = '', model = '', name = '', os = '', told = '' } = seen;
  return Object.assign(device, { vendor, model, name, os, toldType: told, toldTypeBy: told ? PROTOCOLS.lldp.index : 0 });
}

const CASES: readonly (readonly [what: string, seen: Seen, type: string])[] = [
  ['nothing', {}, 'Unknown'],
  ['a Siemens controller', { serves: ['s7comm', 'http'] }, 'PLC'],
  ['a controller that also asks others', { serves: ['modbus'], asks: ['modbus'], roles: ['ot-client'] }, 'PLC'],
  ['a power meter that answers Modbus', { serves: ['modbus'], vendor: 'Schneider Electric', model: 'PM5560' }, 'Meter'],
  ['a drive on EtherNet/IP', { serves: ['enip', 'cip'], model: 'PowerFlex 525' }, 'Variable Frequency Drive'],
  ['a gateway with two units behind it', { serves: ['modbus'], units: 2 }, 'Protocol Converter'],
  ['a serial server by its vendor', { serves: ['modbus'], vendor: 'MOXA TECHNOLOGIES CORP., LTD.' }, 'Protocol Converter'],
  ['an outstation', { serves: ['dnp3'] }, 'RTU'],
  ['a protection relay', { serves: ['mms'] }, 'IED'],
  ['an operator panel', { asks: ['modbus'], roles: ['ot-client'] }, 'HMI'],
  ['who programs a controller', { asks: ['s7comm'], roles: ['ot-client', 'programming'] }, 'Engineering Station'],
  ['a switch that says so', { told: 'Switch', serves: ['http', 'ssh', 'snmp'] }, 'Switch'],
  ['a router that serves DNS and DHCP', { roles: ['router'], serves: ['dns', 'dhcp'] }, 'Router'],
  ['a firewall', { roles: ['router'], vendor: 'Fortinet, Inc.' }, 'Firewall'],
  ['a domain controller', { serves: ['kerberos', 'ldap', 'dns', 'smb'], os: 'Windows Server 2019' }, 'Domain Controller'],
  ['a desk computer', { asks: ['smb', 'dns'], os: 'Windows 10' }, 'Workstation'],
  ['a camera that streams', { serves: ['rtsp', 'http'], vendor: 'Axis Communications AB' }, 'IP Camera'],
  ['a printer', { serves: ['http', 'snmp'], name: 'NPI4F2A11' }, 'Printer'],
  ['an address of the Internet', { ips: ['52.20.30.40'], macs: [], serves: ['http'] }, 'Internet'],
];
for (const [what, seen, type] of CASES) {
  test(`${what} is judged to be: ${type}`, () => {
    const judged = judgeType(deviceOf(seen));
    assert.equal(judged.type, type);
    if (type === 'Unknown') return assert.deepEqual(judged, { type, subtype: '', confidence: 0, reasons: [] });
    assert.ok(judged.confidence >= 40 && judged.confidence <= 99, `${judged.confidence} %`);
    assert.equal(judged.reasons[0]?.type, type, 'the reasons begin with what decided');
  });
}

test('evidence for the same type adds up, and every rule that fits is told', () => {
  const one = judgeType(deviceOf({ serves: ['enip'] }));
  const two = judgeType(deviceOf({ serves: ['enip', 'cip'] }));
  assert.ok(two.confidence > one.confidence);
  assert.deepEqual(
    judgeType(deviceOf({ serves: ['cip', 'http'] })).reasons.map(({ rule, says }) => `${rule}: ${says}`),
    ['serves-cip: answers CIP', 'serves-http: answers HTTP'],
  );
});

test('rules have names of their own, types of the product and a confidence below what a device says itself', () => {
  assert.equal(new Set(TYPE_RULES.map(({ id }) => id)).size, TYPE_RULES.length);
  for (const { id, type, confidence } of TYPE_RULES) {
    assert.ok(ALL_DEVICE_TYPES.includes(type), id);
    assert.ok(confidence > 0 && confidence < 97, id);
  }
});
