/** Who asks and who answers, where the beginning of a conversation was not seen and no port tells. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openCaptures } from '@annunciator/packet/capture/capture-reader';
import { Packet } from '@annunciator/packet/packet';
import { FLOW_WIDTH, Flow, FlowBit } from '@annunciator/packet/tables/flow-table';
import { type Dissector, Speaker } from '@annunciator/protocols/dissector';
import { DISSECTORS } from '@annunciator/protocols/dissectors';
import { PROTOCOLS, type ProtocolName } from '@annunciator/protocols/registry';
import * as ads from '@annunciator/testkit/ads';
import * as cip from '@annunciator/testkit/cip';
import * as dnp3 from '@annunciator/testkit/dnp3';
import * as enip from '@annunciator/testkit/enip';
import * as fins from '@annunciator/testkit/fins';
import * as http from '@annunciator/testkit/http';
import * as iec104 from '@annunciator/testkit/iec104';
import * as modbus from '@annunciator/testkit/modbus';
import * as s7comm from '@annunciator/testkit/s7comm';
import * as slmp from '@annunciator/testkit/slmp';
import { Connection } from '@annunciator/testkit/tcp';
import * as umas from '@annunciator/testkit/umas';
import { captureNames, capturePath, NO_CAPTURES } from '../../tests/captures.ts';
import { HMI, PLC, sense } from '../../tests/sense.ts';
import { Sensor } from '../sensor.ts';

interface Exchange {
  readonly protocol: ProtocolName;
  readonly request: Uint8Array;
  readonly response: Uint8Array;
}

const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
const readJob = bytes(0x04, 0x01, 0x12, 0x0a, 0x10, 0x02, 0x00, 0x01, 0x00, 0x01, 0x84, 0x00, 0x00, 0x00);
const readTag = enip.unconnectedData(cip.readTag('Level'));
const tagValues = enip.unconnectedData(cip.response(cip.Service.ReadTag, cip.tagValues([7])));
const value = [{ address: 1, element: bytes(1) }];

const EXCHANGES: readonly Exchange[] = [
  {
    protocol: PROTOCOLS.modbus,
    request: modbus.adu(1, 1, modbus.readRequest(3, 100, 10)),
    response: modbus.adu(1, 1, modbus.registersResponse(3, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])),
  },
  { protocol: PROTOCOLS.umas, request: modbus.adu(1, 0, umas.request(2)), response: modbus.adu(1, 0, umas.response(bytes(1, 2, 3, 4))) },
  {
    protocol: PROTOCOLS.enip,
    request: enip.encapsulated(enip.Command.SendRrData, 77, readTag),
    response: enip.encapsulated(enip.Command.SendRrData, 77, tagValues),
  },
  {
    protocol: PROTOCOLS.s7comm,
    request: s7comm.tpktData(s7comm.pdu(s7comm.Rosctr.Job, 5, readJob)),
    response: s7comm.tpktData(s7comm.pdu(s7comm.Rosctr.AckData, 5, bytes(0x04, 0x01), bytes(0xff, 0x04, 0x00, 0x08, 0x01))),
  },
  {
    protocol: PROTOCOLS.iec104,
    request: iec104.informationFrame(0, 0, iec104.asdu(45, iec104.Cause.Activation, 1, value)),
    response: iec104.informationFrame(0, 1, iec104.asdu(45, iec104.Cause.ActivationConfirmation, 1, value)),
  },
  {
    protocol: PROTOCOLS.dnp3,
    request: dnp3.linkFrame(0xc4, 10, 1, bytes(0xc0, ...dnp3.requestFragment(0, 1, dnp3.classes(0)))),
    response: dnp3.linkFrame(0x44, 1, 10, bytes(0xc0, ...dnp3.responseFragment(0))),
  },
  { protocol: PROTOCOLS.http, request: http.request({}, 'plc'), response: http.response({}) },
  {
    protocol: PROTOCOLS.fins,
    request: fins.overTcp(fins.frame(0x0501, bytes(), 1, false)),
    response: fins.overTcp(fins.frame(0x0501, bytes(0, 0), 1, true)),
  },
  { protocol: PROTOCOLS.ads, request: ads.packet(4), response: ads.packet(4, bytes(0, 0, 0, 0, 5, 0, 0, 0), { answer: true }) },
  {
    protocol: PROTOCOLS.melsec,
    request: slmp.request(slmp.Command.ReadTypeName),
    response: slmp.answer(0, slmp.typeName('Q03UDE', 0x268)),
  },
];

/** Client and server of the connections that carried something. */
function endsOf({ connections, inventory, path }: Sensor): string[][] {
  const { bytes: carried } = path.totals();
  const rows = Array.from({ length: connections.count }, (_, row) => row).filter((row) => (carried[row] ?? 0) > 0);
  return rows.map((row) => [inventory.nameOf(connections.client(row)), inventory.nameOf(connections.server(row))]);
}

for (const { protocol, request, response } of EXCHANGES) {
  for (const first of ['request', 'response'] as const) {
    test(`${protocol.name} on any port, joined at a ${first}, is under the side that asks`, () => {
      const { sensor } = sense((timeline) => {
        const connection = new Connection(timeline, HMI, PLC, 15_020, { clientPort: 14_000, established: true });
        if (first === 'response') connection.response(response);
        for (let n = 0; n < 3; n++) connection.request(request).response(response);
      });
      assert.deepEqual(endsOf(sensor), [[HMI.ip, PLC.ip]]);
    });
  }
}

test('the port of a protocol counts for more than what a message says', () => {
  const { sensor } = sense((timeline) => {
    const connection = new Connection(timeline, HMI, PLC, dnp3.PORT, { established: true });
    // Sent as by a master, from the side with the port of outstations.
    connection.response(dnp3.linkFrame(0xc4, 10, 1, bytes(0xc0, ...dnp3.requestFragment(0, 1, dnp3.classes(0)))));
  });
  assert.deepEqual(endsOf(sensor), [[HMI.ip, PLC.ip]]);
});

/** Messages that content gives to the other side, by capture and protocol. */
const TOLD_WRONG: Readonly<Record<string, number>> = {
  // Its client speaks as an outstation.
  'dnp3-maxpoints-suricata.pcap dnp3': 39,
  // Answers that a fuzzer has made fit a request.
  'modbus-example-cisagov.pcap modbus': 1,
  'modbus-testpart2-quickdraw.pcap modbus': 1,
};

test('no message of a capture is given to the side that does not send it', { skip: NO_CAPTURES }, async () => {
  const right = new Map<string, number>();
  const wrong: Record<string, number> = {};
  let capture = '';
  let sensor: Sensor | undefined;
  const check = (dissector: Dissector): Dissector => {
    const { stream, speaker, protocol } = dissector;
    if (!stream || !speaker) return dissector;
    return {
      ...dissector,
      stream(facts, message, start, end) {
        const bits = sensor?.path.flows.rows[sensor.observer.flow * FLOW_WIDTH + Flow.BITS] ?? 0;
        const side = bits & FlowBit.SYN ? speaker(message, start, end) : Speaker.Unknown;
        if (side !== Speaker.Unknown && (side === Speaker.Client) === facts.toServer) {
          right.set(protocol.id, (right.get(protocol.id) ?? 0) + 1);
        } else if (side !== Speaker.Unknown) {
          const where = `${capture} ${protocol.id}`;
          wrong[where] = (wrong[where] ?? 0) + 1;
        }
        return stream(facts, message, start, end);
      },
    };
  };
  const dissectors = DISSECTORS.map(check);
  for (capture of captureNames()) {
    sensor = new Sensor({ dissectors, report: () => undefined });
    const { reader } = await openCaptures([capturePath(capture)]);
    const packet = new Packet();
    do while (reader.next(packet)) sensor.take(packet);
    while (await reader.advance());
    await reader.close();
  }
  assert.deepEqual(wrong, TOLD_WRONG);
  // All but MELSEC, whose captures begin in the middle.
  assert.equal(right.size, dissectors.filter(({ stream, speaker }) => stream && speaker).length - 1);
});
