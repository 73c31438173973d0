import { describe, it } from 'node:test';
import * as bacnet from '@annunciator/testkit/bacnet';
import * as dnp3 from '@annunciator/testkit/dnp3';
import * as enip from '@annunciator/testkit/enip';
import * as iec104 from '@annunciator/testkit/iec104';
import * as modbus from '@annunciator/testkit/modbus';
import { octets } from '@annunciator/testkit/octets';
import { Connection, unanswered } from '@annunciator/testkit/tcp';
import type { Timeline } from '@annunciator/testkit/timeline';
import * as udp from '@annunciator/testkit/udp';
import { HMI, holdAgainst, PLC, type Row } from '../../tests/sense.ts';

type Play = (session: dnp3.Dnp3Session) => void;

/** A DNP3 poll, then `more`. */
const outstation =
  (more: Play) =>
  (timeline: Timeline): void => {
    const session = dnp3.session(timeline, HMI, PLC);
    session.poll();
    more(session);
    session.poll().close();
  };
const polls = outstation(() => undefined);

/** The outstation answers one poll with indications. */
const indicates = (bits: number): ((timeline: Timeline) => void) =>
  outstation((session) => {
    session.indications = bits;
    session.poll();
    session.indications = 0;
  });

/** A Modbus client that has read, then `more`. */
const client =
  (more: (session: modbus.ModbusSession) => void) =>
  (timeline: Timeline): void => {
    const session = modbus.session(timeline, HMI, PLC).readHoldingRegisters(100, 10);
    more(session);
    session.close();
  };
const reads = client(() => undefined);
const refusal = (code: number): ((timeline: Timeline) => void) => client((session) => session.refuse(modbus.readRequest(3, 100, 10), code));

const station =
  (more: (session: iec104.Iec104Session) => void) =>
  (timeline: Timeline): void => {
    const session = iec104.session(timeline, HMI, PLC).interrogate();
    more(session);
    session.close();
  };
const command = (cause?: number): ((timeline: Timeline) => void) => station((session) => session.singleCommand(4001, true, cause));

/** A request of the client that ends in the middle of its address, under a length field that says so. */
const truncated = (turns: number): ((timeline: Timeline) => void) =>
  client((session) => {
    for (let turn = 0; turn < turns; turn++) session.connection.timeline.wait(1000);
    for (let turn = 1; turn <= turns; turn++) session.connection.request(modbus.adu(turn, 1, Uint8Array.of(3, 0)));
  });

const bacnetRead = bacnet.confirmedRequest(1, bacnet.Service.ReadProperty, bacnet.propertyReference([0, 1], bacnet.Property.PresentValue));
const bacnetBytes =
  (bytes: Uint8Array) =>
  (timeline: Timeline): void => {
    bacnet.session(timeline, HMI, PLC).readProperty([0, 1], bacnet.Property.PresentValue);
    udp.send(timeline, HMI, bacnet.PORT, PLC, bacnet.PORT, bytes);
  };
const changed = (bytes: Uint8Array, at: number, value: number): Uint8Array => bytes.map((byte, index) => (index === at ? value : byte));
const whole = bacnet.datagram(bacnetRead, { wantsReply: true });
const bacnetReads = bacnetBytes(whole);

const firmware = (name: string): ((timeline: Timeline) => void) =>
  outstation((session) => session.writeFile(name, Uint8Array.of(1, 2, 3, 4)));

const registers =
  (version: number): ((timeline: Timeline) => void) =>
  (timeline) => {
    const connection = new Connection(timeline, HMI, PLC, enip.PORT);
    const data = octets().u16le(version).u16le(0).take();
    connection.request(enip.encapsulated(enip.Command.RegisterSession, 0, data));
    connection.response(enip.encapsulated(enip.Command.RegisterSession, 7, octets().u16le(1).u16le(0).take())).close();
  };

/** From master to outstation and back, as link frames with DIR set wrongly. */
const linkFrame = (fromMaster: boolean, fragment: Uint8Array): Uint8Array =>
  dnp3.linkFrame(fromMaster ? 0xc4 : 0x44, fromMaster ? 10 : 1, fromMaster ? 1 : 10, Uint8Array.of(0xc0, ...fragment));

const exception = { source: HMI, destination: PLC, also: [] as string[] };

const ROWS: readonly Row[] = [
  {
    type: 'illegal-modbus-operation-exception-raised-by-master',
    learn: reads,
    see: client((session) => session.ask(Uint8Array.of(0x83, 2))),
    source: HMI,
    destination: PLC,
    message: /10\.1\.1\.10 sent 10\.1\.1\.20 a Modbus\/TCP message that breaks the protocol/,
    holds: Uint8Array.of(0x83, 2),
    innocent: refusal(2),
  },
  {
    type: 'illegal-modbus-operation-function-code-zero',
    learn: reads,
    see: client((session) => session.refuse(Uint8Array.of(0, 0, 0), 1)),
    also: ['modbus-exception', 'unpermitted-usage-of-modbus-function-code'],
    source: HMI,
    destination: PLC,
    message: /[Ff]unction code 0/,
  },
  {
    type: 'usage-of-a-reserved-function-code',
    by: 'Modbus',
    learn: reads,
    see: client((session) => session.refuse(Uint8Array.of(41, 0, 0), 1)),
    also: ['modbus-exception', 'unpermitted-usage-of-modbus-function-code'],
    source: HMI,
    destination: PLC,
    message: /Function code 41 is reserved/,
    holds: Uint8Array.of(41, 0, 0),
    // Functions 65 to 72 and 100 to 110 are the user's own.
    innocent: client((session) => session.refuse(Uint8Array.of(65, 0, 0), 1)),
  },
  {
    type: 'usage-of-a-reserved-function-code',
    by: 'DNP3',
    learn: polls,
    see: outstation((session) => session.ask(77)),
    also: ['unpermitted-usage-of-dnp3-function-code'],
    source: HMI,
    destination: PLC,
    message: /Function code 77 is reserved/,
    innocent: outstation((session) => session.exchange(dnp3.Function.DelayMeasurement)),
  },
  {
    type: 'illegal-protocol-version',
    by: 'Modbus',
    learn: reads,
    see: client((session) => session.connection.request(changed(modbus.adu(9, 1, modbus.readRequest(3, 100, 10)), 3, 1))),
    source: HMI,
    destination: PLC,
    message: /[Pp]rotocol identifier/,
    holds: Uint8Array.of(0, 9, 0, 1),
  },
  {
    type: 'illegal-protocol-version',
    by: 'EtherNet/IP',
    learn: registers(1),
    see: registers(2),
    source: HMI,
    destination: PLC,
    message: /version/,
  },
  {
    type: 'illegal-protocol-version',
    by: 'BACnet',
    learn: bacnetReads,
    see: bacnetBytes(changed(whole, 4, 2)),
    also: ['illegal-bacnet-message'],
    source: HMI,
    destination: PLC,
    message: /NPDU version/,
  },
  ...(
    [
      ['the length of BVLC', changed(whole, 3, whole.length + 1), /BVLC length/],
      ['the BVLC function', changed(whole, 1, 0x44), /BVLC function/],
      ['the APDU type', bacnet.datagram(Uint8Array.of(0xf0, 0, 0)), /APDU type/],
      ['a tag past the end', bacnet.datagram(Uint8Array.of(...bacnetRead.slice(0, 4), 0x0d, 0x20, 0)), /tag/],
    ] as const
  ).map(([by, bytes, message]) => ({
    type: 'illegal-bacnet-message',
    by,
    learn: bacnetReads,
    see: bacnetBytes(bytes),
    source: HMI,
    destination: PLC,
    message,
    holds: bytes,
  })),
  {
    type: 'illegal-connection-attempt-on-port-0',
    by: 'TCP',
    learn: reads,
    see: (timeline) => unanswered(timeline, HMI, PLC, 0),
    source: HMI,
    destination: PLC,
    message: /tried to reach 10\.1\.1\.20 with port 0/,
    innocent: (timeline) => unanswered(timeline, HMI, PLC, 1),
  },
  {
    type: 'illegal-connection-attempt-on-port-0',
    by: 'UDP',
    learn: reads,
    see: (timeline) => udp.send(timeline, HMI, 5000, PLC, 0, Uint8Array.of(1)),
    source: HMI,
    destination: PLC,
    message: /with port 0/,
    // RFC 768: a source port of zero means that no reply is wanted.
    innocent: (timeline) => {
      udp.send(timeline, HMI, 0, PLC, 5000, Uint8Array.of(1));
      // Later fragments have no ports.
      udp.send(timeline, HMI, 5000, PLC, 5001, new Uint8Array(3000), { fragment: 1000 });
    },
  },
  {
    type: 'excessive-malformed-packets-in-a-single-session',
    learn: reads,
    see: truncated(2),
    source: HMI,
    destination: PLC,
    message: /2 malformed Modbus\/TCP messages/,
    innocent: truncated(1),
  },
  {
    type: 'firmware-update',
    by: 'DNP3',
    learn: outstation((session) => session.writeFile('settings.txt', Uint8Array.of(1))),
    see: firmware('rtu-firmware.bin'),
    source: HMI,
    destination: PLC,
    message: /transfers firmware to 10\.1\.1\.20: .*rtu-firmware\.bin/,
  },
  {
    type: 'firmware-update',
    by: 'CIP',
    learn: (timeline) => enip.session(timeline, HMI, PLC).readTag('Line').close(),
    see: (timeline) => enip.session(timeline, HMI, PLC).service(0x4b, 0xa1, 1).close(),
    also: ['new-activity-detected-cip-class', 'new-activity-detected-cip-class-service'],
    source: HMI,
    destination: PLC,
    message: /transfers firmware to 10\.1\.1\.20/,
  },
  {
    type: 'function-code-not-supported-by-outstation',
    learn: polls,
    see: indicates(dnp3.Indication.NoFunctionCodeSupport),
    source: HMI,
    destination: PLC,
    message: /IIN2\.0/,
    innocent: indicates(dnp3.Indication.NeedTime),
  },
  {
    type: 'unknown-object-sent-to-outstation',
    learn: polls,
    see: indicates(dnp3.Indication.ObjectUnknown),
    source: HMI,
    destination: PLC,
    message: /IIN2\.1/,
    innocent: indicates(dnp3.Indication.LocalControl),
  },
  {
    type: 'incorrect-parameter-sent-to-outstation',
    learn: polls,
    see: indicates(dnp3.Indication.ParameterError),
    source: HMI,
    destination: PLC,
    message: /IIN2\.2/,
    innocent: indicates(dnp3.Indication.AlreadyExecuting),
  },
  {
    type: 'usage-of-reserved-status-flags-iin',
    learn: polls,
    see: indicates(0x0040),
    source: PLC,
    destination: HMI,
    message: /IIN2\.6/,
    innocent: indicates(dnp3.Indication.AlreadyExecuting),
  },
  {
    type: 'illegal-dnp3-operation',
    by: 'a response of the master',
    learn: polls,
    see: outstation((session) => session.connection.request(linkFrame(true, dnp3.responseFragment(1)))),
    source: HMI,
    destination: PLC,
    message: /from a master/,
  },
  {
    type: 'illegal-dnp3-operation',
    by: 'a request of the outstation',
    learn: polls,
    see: outstation((session) =>
      session.connection.response(linkFrame(false, dnp3.requestFragment(1, dnp3.Function.Read, dnp3.classes(1)))),
    ),
    // Nobody has asked the master before, so it is new as well.
    also: ['unpermitted-usage-of-dnp3-function-code'],
    source: PLC,
    destination: HMI,
    message: /from an outstation/,
  },
  {
    type: 'illegal-dnp3-operation',
    by: 'an undefined object',
    learn: polls,
    see: outstation((session) => session.ask(dnp3.Function.Read, Uint8Array.of(99, 1, 6))),
    source: HMI,
    destination: PLC,
    message: /group 99/,
    innocent: outstation((session) => session.ask(dnp3.Function.Read, Uint8Array.of(30, 1, 6))),
  },
  {
    type: 'illegal-dnp3-operation',
    by: 'a wrong checksum',
    learn: polls,
    see: outstation((session) => {
      const frame = linkFrame(true, dnp3.requestFragment(1, dnp3.Function.Read, dnp3.classes(1)));
      session.connection.request(changed(frame, 8, frame[8] ^ 0xff));
    }),
    source: HMI,
    destination: PLC,
    message: /checksum/,
  },
  {
    type: 'illegal-dnp3-operation',
    by: 'a range that stops before it starts',
    learn: polls,
    see: outstation((session) => session.ask(dnp3.Function.Read, Uint8Array.of(1, 2, 0, 9, 3))),
    source: HMI,
    destination: PLC,
    message: /range/,
  },
  {
    type: 'master-requested-an-application-layer-confirmation',
    learn: polls,
    see: outstation((session) => session.fromMaster(Uint8Array.of(0xe1, dnp3.Function.Read, 60, 2, 6))),
    source: HMI,
    destination: PLC,
    message: /confirmation/,
    // An outstation may ask for it.
    innocent: outstation((session) => session.unsolicited(4, true)),
  },
  {
    type: 'initiation-of-an-obsolete-function-code-initialize-data',
    learn: polls,
    see: outstation((session) => session.ask(dnp3.Function.InitializeData)),
    also: ['unpermitted-usage-of-dnp3-function-code'],
    source: HMI,
    destination: PLC,
    message: /Initialize Data \(function 15\)/,
    innocent: outstation((session) => session.ask(dnp3.Function.StartApplication)),
  },
  {
    type: 'initiation-of-an-obsolete-function-code-save-config',
    learn: polls,
    see: outstation((session) => session.ask(dnp3.Function.SaveConfiguration)),
    also: ['unpermitted-usage-of-dnp3-function-code', 'unauthorized-plc-configuration-write'],
    source: HMI,
    destination: PLC,
    message: /Save Configuration \(function 19\)/,
    innocent: outstation((session) => session.ask(dnp3.Function.ActivateConfiguration)),
  },
  {
    type: 'usage-of-improper-formatting-by-outstation',
    by: 'objects',
    learn: polls,
    // Four analog inputs of 32 bits are announced, one byte comes.
    see: outstation((session) => session.exchange(dnp3.Function.Read, dnp3.classes(1), Uint8Array.of(30, 1, 0, 0, 3, 1))),
    source: PLC,
    destination: HMI,
    message: /objects run past the fragment/,
    // The same fault in a request is the master's.
    innocent: outstation((session) => session.ask(dnp3.Function.Write, Uint8Array.of(30, 1, 0, 0, 3, 1))),
  },
  {
    type: 'usage-of-improper-formatting-by-outstation',
    by: 'segments',
    learn: polls,
    see: outstation((session) => session.connection.response(dnp3.linkFrame(0x44, 1, 10, Uint8Array.of(0x85, 0, 0, 0)))),
    source: PLC,
    destination: HMI,
    message: /Transport segment 5 continues no fragment/,
  },
  { ...exception, type: 'modbus-exception', learn: reads, see: refusal(6), message: /exception 6/, holds: modbus.exception(3, 6) },
  { ...exception, type: 'modbus-exception', by: 'where the specific type is off', learn: reads, see: refusal(2), message: /exception 2/ },
  {
    ...exception,
    type: 'slave-device-received-illegal-function-code',
    learn: reads,
    see: refusal(1),
    message: /exception 1/,
    innocent: refusal(2),
  },
  {
    ...exception,
    type: 'slave-device-received-illegal-data-address-parameter',
    learn: reads,
    see: refusal(2),
    message: /exception 2/,
    innocent: refusal(3),
  },
  {
    ...exception,
    type: 'slave-device-received-illegal-data-value-parameter',
    learn: reads,
    see: refusal(3),
    message: /exception 3/,
    innocent: refusal(2),
  },
  {
    ...exception,
    type: 'slave-device-received-illegal-asdu-type',
    learn: command(),
    see: command(iec104.Cause.UnknownType),
    message: /[Uu]nknown type/,
  },
  {
    ...exception,
    type: 'slave-device-received-illegal-command-cause-of-transmission',
    learn: command(),
    see: command(45),
    message: /45|cause/,
  },
  { ...exception, type: 'slave-device-received-illegal-common-address', learn: command(), see: command(46), message: /46|common address/ },
  {
    ...exception,
    type: 'slave-device-received-illegal-information-object-address',
    learn: command(),
    see: command(iec104.Cause.UnknownObjectAddress),
    message: /object address/,
  },
];

describe('protocol violations', () => {
  for (const row of ROWS) it(`${row.type}${row.by ? `, ${row.by}` : ''}`, () => holdAgainst(row));

  it('a client that tries every function gets one alert for each refusal, not one for each function', () => {
    holdAgainst({
      ...exception,
      type: 'modbus-exception',
      learn: client((session) => {
        for (let code = 65; code < 73; code++) session.exchange(Uint8Array.of(code, 0), Uint8Array.of(code, 0));
      }),
      see: client((session) => {
        for (let code = 65; code < 73; code++) session.refuse(Uint8Array.of(code, 0), 1);
      }),
      message: /exception 1/,
    });
  });
});
