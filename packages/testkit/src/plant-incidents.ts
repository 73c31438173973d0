/** What goes wrong in the demo plant after learning: each incident with its time and the alerts that it deserves. */
import * as arp from './arp.ts';
import * as bacnet from './bacnet.ts';
import * as dhcp from './dhcp.ts';
import * as dnp3 from './dnp3.ts';
import * as dns from './dns.ts';
import * as enip from './enip.ts';
import { host } from './host.ts';
import * as http from './http.ts';
import * as iec104 from './iec104.ts';
import * as modbus from './modbus.ts';
import { INTERNET, LAPTOP, SITE } from './plant-site.ts';
import type { PlantSessions } from './plant-routine.ts';
import * as s7comm from './s7comm.ts';
import { Connection, probed, refused, unanswered } from './tcp.ts';
import * as tls from './tls.ts';
import { Umas } from './umas.ts';

export interface Incident {
  /** Seconds after the end of learning. */
  readonly at: number;
  readonly title: string;
  /** Ids of the alert catalogue that must come; others may come with them, such as a new port of the laptop. Those of types that are off by default are expected only when they are turned on. */
  readonly expectedAlertTypes: readonly string[];
}

export interface StagedIncident extends Incident {
  /** Writes the incident; the timeline stands at its beginning. */
  readonly run: (sessions: PlantSessions) => void;
}

/** Ports of controllers that a scan tries first. */
const INDUSTRIAL_PORTS = [modbus.PORT, s7comm.PORT, enip.PORT, dnp3.PORT, iec104.PORT];

export const INCIDENTS: readonly StagedIncident[] = [
  {
    at: 15,
    title: 'An unknown laptop joins the control network',
    expectedAlertTypes: ['new-asset-detected'],
    run: ({ timeline }) => {
      dhcp.lease(timeline, LAPTOP, SITE.infrastructure, { vendorClass: 'MSFT 5.0' });
      arp.announce(timeline, LAPTOP);
      dns.llmnr(timeline.wait(500), LAPTOP, 'wpad');
    },
  },
  {
    at: 35,
    title: 'The laptop tries the ports of the intake controller',
    expectedAlertTypes: ['port-scan-detected'],
    run: ({ timeline }) => {
      arp.resolve(timeline, LAPTOP, SITE.plcIntake);
      for (let port = 20; port < 90; port++) {
        timeline.wait(60);
        if (port === http.PORT) probed(timeline, LAPTOP, SITE.plcIntake, port);
        else refused(timeline, LAPTOP, SITE.plcIntake, port);
      }
    },
  },
  {
    at: 55,
    title: 'The laptop looks for controllers in the whole network',
    expectedAlertTypes: ['plc-scan-detected', 'address-scan-detected', 'arp-address-scan-detected'],
    run: ({ timeline }) => {
      const owners = new Map<string, (typeof SITE)[keyof typeof SITE]>(Object.values(SITE).map((device) => [device.ip, device]));
      const open = new Set(['41:502', '42:502', '43:502', '51:102', '52:102', '61:44818', '62:44818', '71:20000', '72:20000', '73:2404']);
      for (let last = 30; last < 100; last++) {
        const known = owners.get(`10.20.10.${last}`);
        arp.request(timeline.wait(150), LAPTOP, known ?? host('nobody', `10.20.10.${last}`));
        if (known) arp.reply(timeline, known, LAPTOP);
        for (const port of INDUSTRIAL_PORTS) {
          const target = known ?? host('nobody', `10.20.10.${last}`, undefined, LAPTOP.vlan);
          if (!known) unanswered(timeline, LAPTOP, target, port);
          else if (open.has(`${last}:${port}`)) probed(timeline, LAPTOP, target, port);
          else refused(timeline, LAPTOP, target, port);
        }
      }
    },
  },
  {
    at: 90,
    title: 'The water HMI masks registers and writes outside its range',
    expectedAlertTypes: ['unpermitted-usage-of-modbus-function-code', 'modbus-address-range-violation'],
    run: (sessions) => {
      sessions.modbus(SITE.hmiWater, SITE.plcFilter).maskWriteRegister(3, 0xff00, 0x0012).writeRegisters(4000, [1, 1, 1, 0]);
    },
  },
  {
    at: 110,
    title: 'The filter controller refuses what the laptop asks',
    expectedAlertTypes: [
      'slave-device-received-illegal-function-code',
      'slave-device-received-illegal-data-address-parameter',
      'function-code-raised-unauthorized-exception',
      'unpermitted-usage-of-modbus-function-code',
    ],
    run: ({ timeline }) => {
      const session = modbus.session(timeline, LAPTOP, SITE.plcFilter);
      session.readDeviceIdentification('Schneider Electric', 'BMX P34 2020', 'v2.9');
      for (let i = 0; i < 4; i++) {
        session.refuse(modbus.readRequest(3, 50_000 + 100 * i, 100), 2);
        timeline.wait(700);
      }
      session.refuse(Uint8Array.of(0x41, 0, 0), 1).close();
    },
  },
  {
    at: 135,
    title: 'The filling HMI, next to the engineering station, stops the filler',
    expectedAlertTypes: ['an-s7-stop-plc-command-was-sent'],
    run: (sessions) => {
      sessions.s7(SITE.hmiFilling, SITE.plcFiller).stop();
      sessions.timeline.wait(12_000);
      sessions.s7(SITE.hmiFilling, SITE.plcFiller).start();
    },
  },
  {
    at: 160,
    title: 'The laptop loads a changed program into the packer',
    expectedAlertTypes: [
      'unauthorized-plc-programming',
      'unauthorized-siemens-s7-execution-of-control-function',
      'unauthorized-plc-program-upload',
    ],
    run: ({ timeline }) => {
      const session = s7comm.session(timeline, LAPTOP, SITE.plcPacker);
      session.readModuleIdentification('6ES7 315-2EH14-0AB0', [3, 2, 10]);
      session.upload('08', 1, timeline.random.bytes(620));
      timeline.wait(4000);
      session.download('08', 1, timeline.random.bytes(760)).download('0A', 12, timeline.random.bytes(180)).close();
    },
  },
  {
    at: 185,
    title: 'The north well is restarted cold and reports its restart',
    expectedAlertTypes: ['unpermitted-usage-of-dnp3-function-code', 'outstation-restarted', 'unpermitted-usage-of-internal-indication-iin'],
    run: (sessions) => {
      const session = sessions.dnp3(SITE.scada, SITE.rtuNorth, 71);
      session.coldRestart();
      sessions.timeline.wait(4000);
      session.indications = dnp3.Indication.DeviceRestart | dnp3.Indication.NeedTime;
      session.poll([1, 2, 3, 0], 16);
      sessions.timeline.wait(1500);
      session.indications = 0;
      session.clearRestart();
    },
  },
  {
    at: 205,
    title: 'The laptop lists the tags of the labelling controller, stops it and resets it',
    expectedAlertTypes: [
      'unauthorized-plc-configuration-read',
      'controller-stop',
      'controller-reset',
      'ethernet-ip-cip-service-request-failed',
    ],
    run: ({ timeline }) => {
      const session = enip.session(timeline, LAPTOP, SITE.plcLabel);
      session.listTags('Line', 'Label', 'Recipe', 'Batch').stop();
      timeline.wait(3000);
      session.reset().service(0x4c, 0x6b, 77, { status: 5 }).close();
    },
  },
  {
    at: 230,
    title: 'The laptop claims the addresses of the historian and the water HMI',
    expectedAlertTypes: ['arp-spoofing'],
    run: ({ timeline }) => {
      for (let i = 0; i < 45; i++) {
        arp.spoof(timeline.wait(900), LAPTOP, SITE.historian, SITE.hmiWater);
        arp.spoof(timeline, LAPTOP, SITE.hmiWater, SITE.historian);
      }
    },
  },
  {
    at: 280,
    title: 'The reservoir controller no longer answers',
    expectedAlertTypes: ['device-is-suspected-to-be-disconnected-unresponsive', 'suspicion-of-unresponsive-modbus-device'],
    run: ({ down }) => void down.add(SITE.plcReservoir),
  },
  {
    at: 300,
    title: 'The intake controller and the engineering station reach for the Internet',
    expectedAlertTypes: ['internet-access-detected', 'unauthorized-internet-connectivity-detected'],
    run: ({ timeline }) => {
      unanswered(timeline, SITE.plcIntake, INTERNET, tls.PORT, 3);
      const connection = new Connection(timeline.wait(2000), SITE.engineering, INTERNET, tls.PORT);
      connection.request(tls.clientHello('www.example.com', timeline.random)).response(tls.serverHello(timeline.random));
      connection.request(tls.applicationData(400, timeline.random)).response(tls.applicationData(1200, timeline.random)).close();
    },
  },
  {
    at: 325,
    title: 'The laptop asks for many names that do not exist',
    expectedAlertTypes: ['suspicion-of-malicious-activity-name-queries'],
    run: ({ timeline }) => {
      for (let i = 0; i < 45; i++)
        dns.lookup(timeline.wait(600), LAPTOP, SITE.infrastructure, `${randomLabel(timeline.random.next())}.example`);
    },
  },
  {
    at: 360,
    title: 'The engineering station fetches the EICAR test file from the laptop',
    expectedAlertTypes: ['malware-test-file-detected-eicar-av-success', 'unauthorized-http-activity'],
    run: ({ timeline }) => {
      http
        .session(timeline, SITE.engineering, LAPTOP)
        .get('/tools/eicar.com', http.EICAR, { responseType: 'application/octet-stream', server: 'SimpleHTTP/0.6' })
        .close();
    },
  },
  {
    at: 380,
    title: 'The laptop writes to the air handling unit, which refuses most of it',
    expectedAlertTypes: ['unauthorized-bacnet-object-access', 'bacnet-operation-failed'],
    run: ({ timeline }) => {
      const session = bacnet.session(timeline, LAPTOP, SITE.airHandling);
      const { AnalogOutput, AnalogValue } = bacnet.ObjectType;
      session.writeProperty([AnalogValue, 10], bacnet.Property.PresentValue, bacnet.real(55));
      for (let instance = 40; instance < 44; instance++)
        session.error(bacnet.Service.ReadProperty, bacnet.propertyReference([AnalogOutput, instance], bacnet.Property.PresentValue));
      session.reject(bacnet.Service.ReinitializeDevice, bacnet.tagged(0, true, bacnet.unsigned(0)));
    },
  },
  {
    at: 400,
    title: 'A command to the substation names an object that is not there',
    expectedAlertTypes: ['slave-device-received-illegal-information-object-address', 'unpermitted-usage-of-asdu-types'],
    run: (sessions) => {
      sessions.iec104().singleCommand(5999, true, iec104.Cause.UnknownObjectAddress).setpoint(6001, 47.5, iec104.Cause.UnknownType);
    },
  },
  {
    at: 420,
    title: 'The laptop stops the intake controller with UMAS',
    expectedAlertTypes: ['unpermitted-modbus-schneider-electric-extension', 'controller-stop'],
    run: ({ timeline }) => {
      const session = modbus.session(timeline, LAPTOP, SITE.plcIntake, { unit: 255 });
      session
        .umas(Umas.InitComm, Uint8Array.of(0))
        .umas(Umas.TakePlcReservation, Uint8Array.of(1, 0, 0, 0))
        .umas(Umas.StopPlc, Uint8Array.of(0xff, 0))
        .close();
    },
  },
  {
    at: 445,
    title: 'Three requests of the laptop to the filter controller are malformed',
    expectedAlertTypes: ['excessive-malformed-packets-in-a-single-session'],
    run: ({ timeline }) => {
      const connection = new Connection(timeline, LAPTOP, SITE.plcFilter, modbus.PORT);
      for (let i = 1; i <= 3; i++) {
        // A read that ends within its address.
        connection.request(modbus.adu(i, 1, Uint8Array.of(3, 0)));
        connection.response(modbus.adu(i, 1, modbus.exception(3, 3)));
        timeline.wait(1500);
      }
      connection.reset();
    },
  },
  {
    at: 470,
    title: 'The reservoir controller is back',
    expectedAlertTypes: [],
    run: (sessions) => {
      sessions.down.delete(SITE.plcReservoir);
      for (const client of [SITE.hmiWater, SITE.historian]) sessions.forgetModbus(client, SITE.plcReservoir);
      arp.announce(sessions.timeline, SITE.plcReservoir);
    },
  },
];

function randomLabel(value: number): string {
  return value.toString(36) + (value ^ 0x2545f491).toString(36).replace('-', 'q');
}
