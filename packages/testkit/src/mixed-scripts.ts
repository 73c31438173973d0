/** What the flows of {@link mixedTraffic} say: payloads recorded from the protocol writers, once for many flows. */
import * as arp from './arp.ts';
import * as dns from './dns.ts';
import * as dnp3 from './dnp3.ts';
import * as enip from './enip.ts';
import type { Host } from './host.ts';
import { host } from './host.ts';
import * as http from './http.ts';
import * as iec104 from './iec104.ts';
import * as modbus from './modbus.ts';
import * as ntp from './ntp.ts';
import * as profinet from './profinet.ts';
import { Random } from './random.ts';
import * as s7comm from './s7comm.ts';
import { Connection, Flag } from './tcp.ts';
import { Timeline } from './timeline.ts';
import * as tls from './tls.ts';

export interface Step {
  readonly toServer: boolean;
  readonly bytes: Uint8Array;
}

export interface Script {
  readonly port: number;
  readonly steps: readonly Step[];
  /** Step to go on with after the last one: what opens a session is said once. */
  readonly loop: number;
}

export interface UdpScript {
  readonly client: Host;
  readonly server: Host;
  clientPort: number;
  readonly serverPort: number;
  readonly ephemeral: boolean;
  readonly steps: readonly Step[];
  step: number;
}

/** Scripts recorded for each protocol; flows choose among them. */
const VARIANTS = 24;
/** Exchanges in a script: a multiple of 64, so that the sequence numbers of DNP3 go on where they began. */
const EXCHANGES = 64;

/** Where the payload begins in untagged IPv4 frames. */
const TCP_PAYLOAD = 54;
const UDP_PAYLOAD = 42;

const A = host('a', '10.9.9.1');
const B = host('b', '10.9.9.2');

type Write = (timeline: Timeline, random: Random) => void;

export function tcpScripts(seed: number): Record<'modbus' | 's7comm' | 'dnp3' | 'enip' | 'iec104' | 'http' | 'tls', Script[]> {
  const variants = (port: number, opening: number, write: Write): Script[] =>
    Array.from({ length: VARIANTS }, (_, i) => {
      const timeline = new Timeline({ seed: seed + 31 * i + port, gap: 0 });
      write(timeline, new Random(seed + 17 * i + port));
      return { port, loop: opening, steps: payloads(timeline.frames, TCP_PAYLOAD, A) };
    });
  return {
    modbus: variants(modbus.PORT, 0, modbusExchanges),
    // COTP connect and setup of communication, requests and answers.
    s7comm: variants(s7comm.PORT, 4, s7Exchanges),
    dnp3: variants(dnp3.PORT, 0, dnp3Exchanges),
    // RegisterSession and its answer.
    enip: variants(enip.PORT, 2, enipExchanges),
    // STARTDT and its confirmation.
    iec104: variants(iec104.PORT, 2, iec104Exchanges),
    http: variants(http.PORT, 0, (timeline, random) => {
      const session = http.session(timeline, A, B, { established: true });
      for (let i = 0; i < 8; i++) session.get(`/page/${random.below(50)}`, 'x'.repeat(100 + random.below(600)));
    }),
    tls: variants(tls.PORT, 2, (timeline, random) => {
      const connection = new Connection(timeline, A, B, tls.PORT, { established: true });
      connection.request(tls.clientHello('portal.example', random)).response(tls.serverHello(random));
      for (let i = 0; i < 16; i++)
        connection
          .request(tls.applicationData(40 + random.below(200), random))
          .response(tls.applicationData(60 + random.below(500), random));
    }),
  };
}

function modbusExchanges(timeline: Timeline, random: Random): void {
  const session = modbus.session(timeline, A, B, { established: true, unit: 1 + random.below(4) });
  for (let i = 0; i < EXCHANGES; i++) {
    const first = 10 * random.below(40);
    const choice = random.below(1000);
    if (choice < 620) session.readHoldingRegisters(first, 2 + random.below(60));
    else if (choice < 720) session.readCoils(first, 8 + random.below(64));
    else if (choice < 820) session.readDiscreteInputs(first, 8 + random.below(64));
    else if (choice < 920) session.readInputRegisters(first, 2 + random.below(20));
    else if (choice < 950) session.writeRegister(first, random.below(65_536));
    else if (choice < 997)
      session.writeRegisters(
        first,
        Array.from({ length: 1 + random.below(12) }, () => random.below(4096)),
      );
    else session.refuse(modbus.readRequest(3, 65_535, 10), 2);
  }
}

function s7Exchanges(timeline: Timeline, random: Random): void {
  const session = s7comm.session(timeline, A, B);
  for (let i = 0; i < EXCHANGES; i++) {
    const block = 1 + random.below(30);
    const start = 8 * random.below(200);
    if (random.chance(0.9)) session.readDataBlock(block, start, 2 + random.below(100));
    else session.writeDataBlock(block, start, random.bytes(2 + random.below(100)));
  }
}

function dnp3Exchanges(timeline: Timeline, random: Random): void {
  const session = dnp3.session(timeline, A, B, { established: true, outstation: 10 + random.below(500) });
  for (let i = 0; i < EXCHANGES; i++) {
    if (random.chance(0.94)) session.poll([1, 2, 3, 0], 2 + random.below(24));
    else session.directOperate(random.below(20));
  }
}

function enipExchanges(timeline: Timeline, random: Random): void {
  const session = enip.session(timeline, A, B);
  for (let i = 0; i < EXCHANGES; i++) {
    const tag = `Tag_${String(random.below(40)).padStart(2, '0')}`;
    if (random.chance(0.93)) session.readTag(tag, 1 + random.below(20));
    else session.writeTag(tag, random.next());
  }
}

function iec104Exchanges(timeline: Timeline, random: Random): void {
  const session = iec104.session(timeline, A, B);
  for (let i = 1; i <= EXCHANGES; i++) {
    session.measuredValues(
      256,
      Array.from({ length: 1 + random.below(12) }, () => random.below(50_000) / 100),
    );
    if (random.chance(0.05)) session.singleCommand(512 + random.below(20), true);
    if (i % 8 === 0) session.acknowledge();
  }
}

export function udpScripts(
  seed: number,
  computers: readonly Host[],
  cyclic: readonly (readonly [Host, Host])[],
): Record<'dns' | 'ntp' | 'cipIo', UdpScript[]> {
  const random = new Random(seed + 5);
  const timeline = new Timeline({ seed, gap: 0 });
  const recorded = (client: Host, server: Host, serverPort: number, ephemeral: boolean, write: () => void): UdpScript => {
    write();
    const steps = payloads(
      timeline.drain().map((packet) => packet.frame),
      UDP_PAYLOAD,
      A,
    );
    return { client, server, clientPort: ephemeral ? 20_000 : serverPort, serverPort, ephemeral, steps, step: 0 };
  };
  const [server] = computers;
  const clients = computers.slice(1);
  return {
    dns: clients.map((client) =>
      recorded(client, server, dns.PORT, true, () => {
        for (let i = 0; i < 16; i++)
          dns.lookup(timeline, A, B, `hist${random.below(200)}.plant.example`, [`10.0.2.${1 + random.below(15)}`]);
      }),
    ),
    ntp: clients.map((client) => recorded(client, server, ntp.PORT, true, () => ntp.exchange(timeline, A, B))),
    cipIo: cyclic.map(([client, target]) =>
      recorded(client, target, enip.IO_PORT, false, () => {
        const ids = [random.next(), random.next()];
        for (let count = 0; count < 32; count++) {
          enip.io(timeline, A, B, ids[0], count, random.bytes(32));
          enip.io(timeline, B, A, ids[1], count, random.bytes(64));
        }
      }),
    ),
  };
}

/** Whole frames: ARP questions, or cyclic PROFINET data. */
export function etherScript(kind: 'arp' | 'profinet', hosts: readonly Host[], seed: number): Uint8Array[] {
  const timeline = new Timeline({ seed, gap: 0 });
  hosts.forEach((one, i) => {
    const other = hosts[(i + 1) % hosts.length];
    if (kind === 'arp') arp.resolve(timeline, one, other);
    else for (let turn = 0; turn < 16; turn++) profinet.cyclic(timeline, one, other, 0x8001 + i, 32 * turn, timeline.random.bytes(30));
  });
  return timeline.frames;
}

/** What untagged frames carry behind their headers; frames without payload are handshakes and acknowledgements. */
function payloads(frames: readonly Uint8Array[], header: number, client: Host): Step[] {
  const steps: Step[] = [];
  for (const frame of frames) {
    const end = 14 + ((frame[16] << 8) | frame[17]);
    // A SYN of TCP has options, which are no payload.
    const opening = header === TCP_PAYLOAD && (frame[47] & Flag.SYN) !== 0;
    if (end > header && !opening) steps.push({ toServer: frame[29] === client.address[3], bytes: frame.slice(header, end) });
  }
  return steps;
}
