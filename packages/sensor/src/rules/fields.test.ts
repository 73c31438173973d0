/** Fields of rules hold what the messages of real captures hold: tshark judges which frames a condition is about. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { withoutTshark } from '@annunciator/testkit/tshark';
import { capturePath, NO_CAPTURES } from '../../tests/captures.ts';
import { analyse } from '../analysis/analysis.ts';
import { FIELDS } from './fields.ts';
import { parseCondition } from './parse-condition.ts';
import { DEFAULT_RULE_SETTINGS, type Rule } from './rule.ts';

/** Protocol, condition, capture, and the filter of tshark that means the same. */
const CASES: readonly (readonly [string, string, string, string])[] = [
  [
    'modbus',
    'function == 6 and address == 1 and role == request',
    'modbus-example-cisagov.pcap',
    'modbus.func_code == 6 && modbus.reference_num == 1 && tcp.dstport == 502',
  ],
  [
    'modbus',
    'code == 16 and role == request and value == 187',
    'modbus-example-cisagov.pcap',
    'modbus.func_code == 16 && modbus.regval_uint16 == 187 && tcp.dstport == 502',
  ],
  [
    'modbus',
    'code == 3 and role == response and value == 170',
    'modbus-example-cisagov.pcap',
    'modbus.func_code == 3 && modbus.regval_uint16 == 170 && tcp.srcport == 502',
  ],
  ['modbus', 'failure.code == 2', 'modbus-example-cisagov.pcap', 'modbus.exception_code == 2'],
  ['modbus', 'subfunction == 10', 'modbus-testpart1-quickdraw.pcap', 'modbus.diagnostic_code == 10'],
  ['modbus', 'unit in 2-255 and role == request', 'modbus-plant1-iti.pcap', 'mbtcp.unit_id in {2..255} && tcp.dstport == 502'],
  [
    's7comm',
    'code == 5 and role == request and area in DB, M',
    's7comm-libnodave-iti.pcap',
    's7comm.param.func == 5 && s7comm.param.item.area in {0x83, 0x84}',
  ],
  [
    's7comm',
    'code == 4 and role == request and offset == 0',
    's7comm-bench-iti.pcap',
    's7comm.param.func == 4 && s7comm.param.item.address.byte == 0',
  ],
  ['iec104', 'cause == 6', 'iec104-diverse-iti.pcap', 'iec60870_asdu.causetx == 6'],
  ['iec104', 'object == 4501', 'iec104-diverse-iti.pcap', 'iec60870_asdu.ioa == 4501'],
  ['dnp3', 'link.source == 4 and code == 129', 'dnp3-mix-zeek.pcap', 'dnp3.src == 4 && dnp3.al.func == 129'],
  [
    'cip',
    'role == request and class == 1 and instance == 1',
    'enip-example-cisagov.pcap',
    'cip.rr == 0 && cip.class == 1 && cip.instance == 1',
  ],
  ['cip', 'role == request and attribute == 5', 'enip-changetime-iti.pcap', 'cip.rr == 0 && cip.attribute == 5'],
  ['cip', 'status > 0', 'enip-softwaredownload-iti.pcap', 'cip.genstat > 0'],
  ['enip', 'code == 0x70 and to-server == yes', 'enip-changetime-iti.pcap', 'enip.command == 0x70 && tcp.dstport == 44818'],
  ['bacnet', 'type == 8 and role == request', 'bacnet-services-cisagov.pcap', 'bacapp.objectType == 8 && bacapp.type == 0'],
  ['goose', 'stnum == 35886 and sqnum in 0-10', 'goose-sample-iti.pcap', 'goose.stNum == 35886 && goose.sqNum <= 10'],
  ['goose', 'simulation == no and confrev == 1', 'goose-sample-iti.pcap', 'goose.simulation == 0 && goose.confRev == 1'],
  ['mqtt', 'topic == "SampleTopic"', 'mqtt-basic-zeek.pcap', 'mqtt.topic == "SampleTopic"'],
  ['mqtt', 'client-id matches "*"', 'mqtt-mix-malcolm.pcap', 'mqtt.clientid'],
  ['http', 'method == "GET"', 'http-zeek.pcap', 'http.request.method == "GET"'],
  ['http', 'status in 200-299', 'http-zeek.pcap', 'http.response.code in {200..299}'],
  ['dns', 'name contains "google"', 'dns-malcolm.pcap', 'dns.qry.name contains "google"'],
  ['tcp', 'destination.port == 502', 'modbus-small-zeek.pcap', 'tcp.flags == 0x02 && tcp.dstport == 502'],
];

const rule = (protocol: string, condition: string): Rule => ({
  id: condition,
  name: condition,
  enabled: true,
  protocol,
  when: parseCondition(condition),
  from: [],
  to: [],
  schedule: null,
  action: { kind: 'alert', severity: 'Major', packets: true },
  message: 'x',
});

function tshark(capture: string, filter: string): number[] {
  const options = ['-n', '-o', 'http.desegment_body:FALSE', '-r', capturePath(capture), '-Y', filter, '-T', 'fields', '-e', 'frame.number'];
  const { stdout, stderr, status } = spawnSync('tshark', options, { encoding: 'utf8', maxBuffer: 1 << 26 });
  assert.equal(status, 0, stderr);
  return stdout.split('\n').filter(Boolean).map(Number);
}

describe('fields of rules', { skip: NO_CAPTURES || withoutTshark }, () => {
  for (const [capture, cases] of Map.groupBy(CASES, ([, , name]) => name))
    it(`in ${capture} are those that tshark reads`, async () => {
      const held = new Map<string, Set<number>>();
      const { errors } = await analyse([capturePath(capture)], {
        rules: {
          rules: cases.map(([protocol, condition]) => rule(protocol, condition)),
          settings: DEFAULT_RULE_SETTINGS,
          held: ({ rule: { id }, frames }) => {
            const known = held.get(id);
            if (known) known.add(frames[0]);
            else held.set(id, new Set(frames.slice(0, 1)));
          },
        },
      });
      assert.deepEqual(errors, []);
      for (const [protocol, condition, , filter] of cases) {
        for (const name of condition.matchAll(/[a-z][a-z.-]+(?= (?:==|in|>|contains|matches) )/g))
          assert.ok(FIELDS.get(protocol)?.fields.has(name[0]), `${protocol} has no field ${name[0]}`);
        const expected = tshark(capture, filter);
        assert.ok(expected.length > 0, `tshark finds nothing for ${filter}`);
        assert.deepEqual([...(held.get(condition) ?? [])], expected, `${condition}: ${filter}`);
      }
    });
});
