/** What the demo plant does all day. Every request a device will make in normal operation comes round within {@link LONGEST_PERIOD}. */
import * as arp from './arp.ts';
import * as bacnet from './bacnet.ts';
import * as dhcp from './dhcp.ts';
import * as dns from './dns.ts';
import * as dnp3 from './dnp3.ts';
import * as enip from './enip.ts';
import type { Host } from './host.ts';
import { group } from './host.ts';
import * as http from './http.ts';
import * as icmp from './icmp.ts';
import * as iec104 from './iec104.ts';
import * as modbus from './modbus.ts';
import * as ntp from './ntp.ts';
import { BACNET_INSTANCE, CONTROL_BROADCAST, IO_IDENTITY, LABEL_IDENTITY, SITE } from './plant-site.ts';
import * as s7comm from './s7comm.ts';
import { unanswered } from './tcp.ts';
import type { Timeline } from './timeline.ts';

/** Seconds after which every routine has shown all it does. */
export const LONGEST_PERIOD = 600;

/** Something that is done again and again: `run` is called with the timeline at the right moment and a running number. */
export interface Routine {
  /** Seconds. */
  readonly period: number;
  readonly run: (turn: number) => void;
}

/** Long-lived connections of the plant; incidents write into them as an insider would. */
export class PlantSessions {
  readonly timeline: Timeline;
  /** Devices that are down: nobody gets an answer from them. */
  readonly down = new Set<Host>();
  readonly #modbus = new Map<string, modbus.ModbusSession>();
  readonly #s7 = new Map<string, s7comm.S7Session>();
  readonly #enip = new Map<string, enip.EnipSession>();
  readonly #dnp3 = new Map<string, dnp3.Dnp3Session>();
  #iec104: iec104.Iec104Session | undefined;

  constructor(timeline: Timeline) {
    this.timeline = timeline;
  }

  modbus(client: Host, server: Host): modbus.ModbusSession {
    return kept(this.#modbus, client, server, () => modbus.session(this.timeline, client, server));
  }

  /** The next use opens a new connection. */
  forgetModbus(client: Host, server: Host): void {
    this.#modbus.delete(pair(client, server));
  }

  s7(client: Host, server: Host): s7comm.S7Session {
    return kept(this.#s7, client, server, () => s7comm.session(this.timeline, client, server));
  }

  enip(client: Host, server: Host): enip.EnipSession {
    return kept(this.#enip, client, server, () => enip.session(this.timeline, client, server).open());
  }

  dnp3(client: Host, server: Host, outstation: number): dnp3.Dnp3Session {
    return kept(this.#dnp3, client, server, () => dnp3.session(this.timeline, client, server, { master: 1, outstation }));
  }

  iec104(): iec104.Iec104Session {
    this.#iec104 ??= iec104.session(this.timeline, SITE.scada, SITE.gateway104, { commonAddress: 11 });
    return this.#iec104;
  }
}

export function routines(sessions: PlantSessions): Routine[] {
  return [...waterworks(sessions), ...bottling(sessions), ...outstations(sessions), ...building(sessions), ...infrastructure(sessions)];
}

function waterworks(sessions: PlantSessions): Routine[] {
  const { hmiWater, historian, plcIntake, plcFilter, plcReservoir } = SITE;
  const poll = (client: Host, server: Host, period: number, step: (session: modbus.ModbusSession, turn: number) => void): Routine => ({
    period,
    run: (turn) => {
      if (sessions.down.has(server)) return lost(sessions, client, server, turn);
      step(sessions.modbus(client, server), turn);
    },
  });
  const screen = (session: modbus.ModbusSession, turn: number): void => {
    session.readHoldingRegisters(0, 24);
    if (turn % 2 === 0) session.readCoils(0, 32);
    if (turn % 3 === 0) session.readDiscreteInputs(0, 16);
    if (turn % 60 === 7) session.writeRegisters(100, [sessions.timeline.random.around(450, 30), sessions.timeline.random.around(300, 10)]);
    if (turn % 90 === 11) session.writeCoil(4, turn % 180 === 11);
    if (turn % 5 === 0) session.connection.acknowledge();
  };
  const trend = (session: modbus.ModbusSession): void => {
    session.readInputRegisters(0, 40);
  };
  return [
    ...[plcIntake, plcFilter, plcReservoir].map((server) => poll(hmiWater, server, 1, screen)),
    ...[plcIntake, plcFilter, plcReservoir].map((server) => poll(historian, server, 10, trend)),
  ];
}

/** Requests in the old connection first, then connects, all unanswered. */
function lost(sessions: PlantSessions, client: Host, server: Host, turn: number): void {
  if (turn % 4 !== 0 && client !== SITE.historian) return;
  arp.request(sessions.timeline, client, server);
  if (turn % 8 === 0)
    sessions.modbus(client, server).ask(client === SITE.historian ? modbus.readRequest(4, 0, 40) : modbus.readRequest(3, 0, 24));
  else unanswered(sessions.timeline, client, server, modbus.PORT);
}

function bottling(sessions: PlantSessions): Routine[] {
  const { hmiFilling, historian, engineering, plcFiller, plcPacker, plcLabel, ioLabel } = SITE;
  const { timeline } = sessions;
  const cyclic = { output: 0x10a00001, input: 0x20a00001 };
  return [
    ...[plcFiller, plcPacker].map((server) => ({
      period: 1,
      run: (turn: number) => {
        const session = sessions.s7(hmiFilling, server);
        session.readDataBlock(10, 0, 64);
        if (turn % 2 === 0) session.read({ block: 11, start: 0, length: 20 }, { area: s7comm.Area.Flags, start: 10, length: 4 });
        if (turn % 45 === 9) session.writeDataBlock(12, 0, timeline.random.bytes(4));
        if (turn % 120 === 30) session.readOperatingMode();
        if (turn % 4 === 0) session.connection.acknowledge();
      },
    })),
    ...[plcFiller, plcPacker].map((server) => ({ period: 15, run: () => void sessions.s7(historian, server).readDataBlock(20, 0, 100) })),
    {
      // The engineer looks at the filler now and then and keeps a copy of its program, without changing it.
      period: 300,
      run: (turn) => {
        const session = s7comm.session(timeline, engineering, plcFiller, { slot: 2 });
        session.readModuleIdentification('6ES7 315-2EH14-0AB0', [3, 2, 10]);
        session.readComponentIdentification('SIMATIC 300', 'Filler', 'S C-X4U421302009').readDataBlock(10, 0, 64);
        if (turn % 2 === 1) session.upload('08', 1, timeline.random.bytes(540));
        session.close();
        arp.resolve(timeline, engineering, plcFiller);
      },
    },
    {
      period: 1,
      run: (turn) => {
        const session = sessions.enip(hmiFilling, plcLabel);
        session.readTags('Line.Speed', 'Line.Count', 'Line.Rejects', 'Label.Stock');
        if (turn % 40 === 13) session.writeTag('Recipe.Select', 1 + timeline.random.below(6));
        if (turn % 240 === 20) session.readIdentity(LABEL_IDENTITY);
      },
    },
    { period: 10, run: () => void sessions.enip(historian, plcLabel).readTag('Batch.Totals', 8) },
    {
      period: 0.5,
      run: (turn) => {
        enip.io(timeline, plcLabel, ioLabel, cyclic.output, turn, timeline.random.bytes(10));
        enip.io(timeline, ioLabel, plcLabel, cyclic.input, turn, timeline.random.bytes(18));
      },
    },
    {
      period: 300,
      run: () =>
        enip.listIdentity(timeline, engineering, CONTROL_BROADCAST, [
          [plcLabel, LABEL_IDENTITY],
          [ioLabel, IO_IDENTITY],
        ]),
    },
  ];
}

function outstations(sessions: PlantSessions): Routine[] {
  const { scada, rtuNorth, rtuSouth } = SITE;
  const { random } = sessions.timeline;
  const wells = [
    { server: rtuNorth, address: 71 },
    { server: rtuSouth, address: 72 },
  ];
  return [
    ...wells.map(({ server, address }) => ({
      period: 5,
      run: (turn: number) => {
        const session = sessions.dnp3(scada, server, address);
        if (turn === 0) session.enableUnsolicited();
        if (turn % 12 === 0) session.poll([1, 2, 3, 0], 16);
        else session.poll([1, 2, 3], 2);
        if (random.chance(0.1)) session.unsolicited(3, random.chance(0.5));
        if (turn % 40 === 21) session.select(1).operate(1);
        if (turn % 60 === 33) session.writeTime(BigInt(sessions.timeline.start * 1000) + BigInt(Math.floor(sessions.timeline.clock / 1e6)));
      },
    })),
    {
      period: 2,
      run: (turn) => {
        const session = sessions.iec104();
        if (turn === 0) session.interrogate([230.1, 229.8, 230.4, 49.98]);
        session.measuredValues(
          1001,
          Array.from({ length: 4 }, () => random.around(23_000, 150) / 100),
        );
        if (turn % 6 === 0) session.singlePoint(2001 + random.below(4), random.chance(0.5));
        if (turn % 4 === 0) session.acknowledge();
        if (turn % 60 === 31) session.singleCommand(5001, turn % 120 === 31);
        if (turn % 150 === 60) session.interrogate([230.1, 229.8, 230.4, 49.98]);
        if (turn % 15 === 8) session.testLink();
        if (turn % 200 === 77) session.synchronizeClock();
      },
    },
  ];
}

function building(sessions: PlantSessions): Routine[] {
  const { buildingServer, airHandling, chiller } = SITE;
  const { timeline } = sessions;
  const { AnalogInput, AnalogValue, BinaryInput, Device } = bacnet.ObjectType;
  const controllers = [
    { server: airHandling, instance: BACNET_INSTANCE.airHandling, model: 'FEC2611' },
    { server: chiller, instance: BACNET_INSTANCE.chiller, model: 'NCE2560' },
  ];
  return controllers.map(({ server, instance, model }) => {
    const session = bacnet.session(timeline, buildingServer, server);
    return {
      period: 10,
      run: (turn: number) => {
        session.readPropertyMultiple([
          [AnalogInput, 1],
          [AnalogInput, 2],
          [AnalogInput, 3],
          [BinaryInput, 1],
        ]);
        session.readProperty([AnalogValue, 10], bacnet.Property.PresentValue);
        if (turn % 18 === 5)
          session.writeProperty([AnalogValue, 10], bacnet.Property.PresentValue, bacnet.real(timeline.random.around(210, 15) / 10));
        if (turn % 12 === 1) session.subscribe([AnalogInput, 1], 300);
        if (turn % 3 === 2) session.notify(instance, [AnalogInput, 1], timeline.random.around(215, 20) / 10);
        if (turn % 30 === 0) {
          bacnet.whoIs(timeline, buildingServer, CONTROL_BROADCAST, [instance, instance]);
          bacnet.iAm(timeline, server, CONTROL_BROADCAST, instance, 5);
          session.readProperty([Device, instance], bacnet.Property.ModelName, bacnet.characterString(model));
          session.readProperty([Device, instance], bacnet.Property.FirmwareRevision, bacnet.characterString('9.0.7'));
        }
      },
    };
  });
}

function infrastructure(sessions: PlantSessions): Routine[] {
  const { timeline } = sessions;
  const {
    infrastructure: server,
    engineering,
    hmiWater,
    hmiFilling,
    scada,
    historian,
    buildingServer,
    switch: controlSwitch,
    officePc,
    printer,
    officeServer,
  } = SITE;
  const computers = [engineering, hmiWater, hmiFilling, scada, historian, buildingServer];
  return [
    ...computers.map((computer) => ({
      period: 30,
      run: (turn: number) => {
        dns.lookup(
          timeline,
          computer,
          server,
          ['hist-01.lindenau.example', 'srv-infra-01.lindenau.example', 'time.lindenau.example'][turn % 3],
          ['10.20.10.31', '10.20.10.5', '10.20.10.5'].slice(turn % 3, (turn % 3) + 1),
        );
        if (turn % 2 === 0) ntp.exchange(timeline, computer, server);
        if (turn % 2 === 1) arp.resolve(timeline, computer, server);
        if (turn % 20 === 3) dhcp.renew(timeline, computer, server);
        if (turn % 10 === 4) dns.nbnsRegistration(timeline, computer, CONTROL_BROADCAST);
      },
    })),
    ...Object.values(SITE)
      .filter((device) => device.vlan === hmiWater.vlan && device !== hmiWater)
      .map((device) => ({
        period: 120,
        run: () => {
          if (!sessions.down.has(device)) arp.resolve(timeline, hmiWater, device);
        },
      })),
    { period: 60, run: () => icmp.echo(timeline, scada, controlSwitch) },
    {
      period: 120,
      run: () =>
        http
          .session(timeline, engineering, controlSwitch)
          .get('/status.html', '<html><title>EDS-510A</title></html>', { server: 'GoAhead-Webs', userAgent: 'Mozilla/5.0' })
          .close(),
    },
    {
      period: 60,
      run: () =>
        http
          .session(timeline, hmiWater, historian, { port: 8080 })
          .get('/api/trends', '{"tank":[4.1,4.2]}', { userAgent: 'TrendView/4.2', responseType: 'application/json' })
          .close(),
    },
    {
      period: 45,
      run: (turn) => {
        dns.lookup(timeline, officePc, officeServer, turn % 2 ? 'intranet.lindenau.example' : 'prn-office.lindenau.example', [
          turn % 2 ? '10.20.50.5' : '10.20.50.90',
        ]);
        http.session(timeline, officePc, printer).get('/status', '<html>Ready</html>', { server: 'HP HTTP Server' }).close();
        ntp.exchange(timeline, officePc, officeServer);
        arp.resolve(timeline, officePc, printer);
        if (turn % 5 === 0) dns.llmnr(timeline, officePc, 'prn-office', printer);
      },
    },
    {
      period: 200,
      run: (turn) => {
        dns.mdnsAnnounce(timeline, printer);
        dns.nbnsRegistration(timeline, officePc, group('10.20.50.255'));
        if (turn === 0) dhcp.lease(timeline, officePc, officeServer, { vendorClass: 'MSFT 5.0' });
        else dhcp.renew(timeline, officePc, officeServer);
      },
    },
  ];
}

function pair(client: Host, server: Host): string {
  return `${client.ip} ${server.ip}`;
}

function kept<T>(among: Map<string, T>, client: Host, server: Host, open: () => T): T {
  const known = among.get(pair(client, server));
  if (known) return known;
  const opened = open();
  among.set(pair(client, server), opened);
  return opened;
}
