/** Detections of a water works as its engines would make them, for tests and for looking at the portal. */
import type { Detection, Endpoint } from '@annunciator/core/alert';
import { findAlertType } from '@annunciator/core/catalogue';
import { fromMilliseconds, type Instant } from '@annunciator/core/time';
import type { Place } from '../src/alerts/alert-desk.ts';

export const PLACES: readonly Place[] = [
  { sensor: 'sensor-north', site: 'North Pumping Station', zone: 'Process control' },
  { sensor: 'sensor-plant', site: 'Treatment Plant', zone: 'Filtration' },
];

const device = (name: string | null, ip: string | null, mac: string, port: number | null = null): Endpoint => ({
  device: ip ?? mac,
  name,
  ip,
  mac,
  port,
});

const ENG = device('ENG-WS-04', '10.20.1.41', '00:1b:1b:4a:90:04', 49822);
const HMI = device('HMI-PUMP-2', '10.20.1.22', '00:0c:29:3e:11:22', 51002);
const HISTORIAN = device('HISTORIAN-01', '10.20.0.15', '00:50:56:aa:00:15', 50110);
const PLC1 = device('PLC-PUMP-1', '10.20.2.11', '28:63:36:8f:10:11', 102);
const PLC2 = device('PLC-FILTER-3', '10.20.2.13', '28:63:36:8f:10:13', 502);
const RTU = device('RTU-RESERVOIR', '10.20.3.7', '00:30:de:0a:44:07', 20000);
const LAPTOP = device(null, '10.20.1.187', '3c:52:82:77:ab:01', 53118);
const CAMERA = device(null, null, '9c:8e:cd:00:12:34');
const INTERNET = device(null, '203.0.113.66', 'f0:9f:c2:00:00:01', 443);

interface Scene {
  readonly type: string;
  readonly source: Endpoint | null;
  readonly destination: Endpoint | null;
  readonly protocol: string | null;
  readonly message: string;
  readonly expected: string;
  readonly seen: string;
  readonly parameters?: Detection['parameters'][];
  readonly internet?: true;
}

const SCENES: readonly Scene[] = [
  {
    type: 'an-s7-stop-plc-command-was-sent',
    source: ENG,
    destination: PLC1,
    protocol: 's7comm',
    message: 'ENG-WS-04 (10.20.1.41) stopped the CPU of PLC-PUMP-1 (10.20.2.11).',
    expected: 'No stop command to this PLC.',
    seen: 'S7comm PLC Stop (0x29), acknowledged by the PLC.',
    parameters: [{ function: 'PLC Stop', functionCode: 41 }],
  },
  {
    type: 'unauthorized-plc-programming',
    source: LAPTOP,
    destination: PLC1,
    protocol: 's7comm',
    message: '10.20.1.187 downloaded block DB1 to PLC-PUMP-1 (10.20.2.11).',
    expected: 'Programming by ENG-WS-04 only.',
    seen: 'S7comm Request download of DB1, 3 blocks.',
    parameters: [{ function: 'Request download', block: 'DB1' }],
  },
  {
    type: 'unpermitted-usage-of-modbus-function-code',
    source: HMI,
    destination: PLC2,
    protocol: 'modbus',
    message: 'HMI-PUMP-2 (10.20.1.22) used function codes on PLC-FILTER-3 (10.20.2.13) that were never used between the two.',
    expected: 'Read Holding Registers (3), Read Input Registers (4).',
    seen: 'Write Multiple Registers (16), Write Single Coil (5), Diagnostics (8).',
    parameters: [
      { functionCode: 16, name: 'Write Multiple Registers', unit: 1 },
      { functionCode: 5, name: 'Write Single Coil', unit: 1 },
      { functionCode: 8, name: 'Diagnostics', unit: 1 },
    ],
  },
  {
    type: 'port-scan-detected',
    source: LAPTOP,
    destination: PLC2,
    protocol: null,
    message: '10.20.1.187 tried 214 ports of PLC-FILTER-3 (10.20.2.13) within 40 seconds.',
    expected: 'At most 20 ports of one device in a minute.',
    seen: '214 ports, 3 of them open: 80, 502, 5900.',
    parameters: [{ ports: 214, open: '80, 502, 5900' }],
  },
  {
    type: 'suspicion-of-malicious-activity-stuxnet',
    source: ENG,
    destination: PLC1,
    protocol: 's7comm',
    message: 'ENG-WS-04 (10.20.1.41) sent a sequence to PLC-PUMP-1 that is known from Stuxnet.',
    expected: 'No such sequence.',
    seen: 'Download of OB35 after a read of DB890.',
  },
  {
    type: 'unauthorized-internet-connectivity-detected',
    source: HISTORIAN,
    destination: INTERNET,
    protocol: 'tls',
    message: 'HISTORIAN-01 (10.20.0.15) has a working connection to 203.0.113.66 on the Internet.',
    expected: 'No Internet address.',
    seen: 'TCP 443, 18 kB out, 2 MB in.',
    internet: true,
  },
  {
    type: 'field-device-discovered-unexpectedly',
    source: CAMERA,
    destination: null,
    protocol: null,
    message: 'A device with the address 9c:8e:cd:00:12:34 appeared in Process control.',
    expected: 'The 46 known devices of the zone.',
    seen: 'ARP and LLDP from 9c:8e:cd:00:12:34.',
  },
  {
    type: 'modbus-exception',
    source: PLC2,
    destination: HMI,
    protocol: 'modbus',
    message: 'PLC-FILTER-3 (10.20.2.13) refused a request of HMI-PUMP-2: Illegal Data Address.',
    expected: 'Replies without exception.',
    seen: 'Exception 2 to function code 3.',
    parameters: [{ functionCode: 3, exceptionCode: 2 }],
  },
  {
    type: 'outstation-restarted',
    source: RTU,
    destination: HISTORIAN,
    protocol: 'dnp3',
    message: 'RTU-RESERVOIR (10.20.3.7) says that it has restarted.',
    expected: 'Internal indication 1.7 (Device Restart) clear.',
    seen: 'Internal indication 1.7 (Device Restart) set.',
    parameters: [{ indication: 'Device Restart' }],
  },
  {
    type: 'no-traffic-detected-on-sensor-interface',
    source: null,
    destination: null,
    protocol: null,
    message: 'The sensor has seen no traffic on eth1 for 10 minutes.',
    expected: 'Traffic on every monitored interface.',
    seen: 'Nothing since 09:12:04 UTC.',
  },
  {
    type: 'unauthorized-http-activity',
    source: LAPTOP,
    destination: PLC2,
    protocol: 'http',
    message: '10.20.1.187 asked the web server of PLC-FILTER-3 (10.20.2.13) for /Portal/Portal.mwsl.',
    expected: 'No HTTP to this device.',
    seen: 'GET /Portal/Portal.mwsl, answered 200.',
    parameters: [{ method: 'GET', path: '/Portal/Portal.mwsl' }],
  },
  {
    type: 'controller-stop',
    source: ENG,
    destination: device('PLC-DOSING', '10.20.2.17', '00:00:bc:5a:c1:17', 44818),
    protocol: 'enip',
    message: 'ENG-WS-04 (10.20.1.41) sent CIP Stop to PLC-DOSING (10.20.2.17).',
    expected: 'No stop command to this controller.',
    seen: 'CIP service 0x07 (Stop) to class Identity.',
    parameters: [{ service: 'Stop', code: 7 }],
  },
];

/** A detection of the n-th scene; `round` varies the devices, so that it becomes another alert. */
export function sampleDetection(n: number, time: Instant, round = 0): Detection[] {
  const scene = SCENES[n % SCENES.length];
  if (!scene) throw new Error('There is no scene.');
  if (!findAlertType(scene.type)) throw new Error(`The catalogue has no type ${scene.type}.`);
  const source = round === 0 || !scene.source ? scene.source : another(scene.source, n, round);
  const message = scene.source && source ? renamed(scene.message, scene.source, source) : scene.message;
  return (scene.parameters ?? [{}]).map((parameters, row) => ({
    type: scene.type,
    time: time + BigInt(row) * 1_000_000n,
    source,
    destination: scene.destination,
    protocol: scene.protocol,
    message,
    expected: scene.expected,
    seen: scene.seen,
    parameters,
    parameterKey: JSON.stringify(parameters),
    frames: scene.type.startsWith('no-traffic') ? [] : [1204 + n * 37 + row, 1209 + n * 37 + row, 1261 + n * 37 + row],
    learn: [
      {
        aspect: `${scene.protocol ?? 'device'}.function`,
        source: source?.device ?? '',
        destination: scene.destination?.device ?? '',
        value: Object.values(parameters).join(' ') || 'any',
      },
    ],
    internet: scene.internet ?? false,
  }));
}

/** Detections for about `count` alerts over the days before `now`, oldest first, each with its place. */
export function sampleDay(count: number, now: number): { detections: Detection[]; place: Place }[] {
  const step = (3 * 86_400_000) / count;
  return Array.from({ length: count }, (_, n) => {
    const time = fromMilliseconds(now - (count - n) * step + ((n * 7919) % 1000));
    const place = PLACES[n % 3 === 0 ? 1 : 0] ?? PLACES[0];
    if (!place) throw new Error('There is no place.');
    return { detections: sampleDetection(n, time, Math.floor(n / SCENES.length)), place };
  });
}

/** Another device of the same kind. */
function another(like: Endpoint, n: number, round: number): Endpoint {
  const ip = like.ip === null ? null : `10.${21 + (round % 4) + 10 * Math.floor(round / 500)}.${round % 250}.${20 + (n % 200)}`;
  const mac = (like.mac ?? '').replace(
    /.{5}$/,
    `${(round % 256).toString(16).padStart(2, '0')}:${(n % 256).toString(16).padStart(2, '0')}`,
  );
  const name = like.name?.replace(/\d+$/, (digits) => String(Number(digits) + round).padStart(digits.length, '0')) ?? null;
  return { ...like, device: ip ?? mac, ip, mac, name };
}

function renamed(message: string, from: Endpoint, to: Endpoint): string {
  const pairs: readonly (readonly [string | null | undefined, string | null | undefined])[] = [
    [from.name, to.name],
    [from.ip, to.ip],
    [from.mac, to.mac],
  ];
  return pairs.reduce((text, [before, after]) => (before && after ? text.replaceAll(before, after) : text), message);
}
