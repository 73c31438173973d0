/**
 * What devices are seen doing: roles, protocols, names, owners of addresses, and the lines this adds to the timeline.
 * Called when something is new, not for each message.
 */
import type { EventType } from '@annunciator/core/event-types';
import { instant } from '@annunciator/core/time';
import type { ActionFact, ArpFact, LeaseFact, LoginFact, NeighborFact } from '@annunciator/protocols/facts';
import { Role } from '@annunciator/protocols/facts';
import { PROTOCOL_BY_INDEX, PROTOCOLS } from '@annunciator/protocols/registry';
import { isOrdinary, type ScanDetector } from '../engines/scan.ts';
import type { Scene } from '../engines/scene.ts';
import type { DeviceRole } from '../inventory/device.ts';
import type { Inventory } from '../inventory/inventory.ts';

/** Role of the side that answers a protocol. */
const SERVER_ROLE: Readonly<Record<number, DeviceRole>> = {
  [PROTOCOLS.modbus.index]: 'controller',
  [PROTOCOLS.umas.index]: 'controller',
  [PROTOCOLS.s7comm.index]: 'controller',
  [PROTOCOLS.s7commPlus.index]: 'controller',
  [PROTOCOLS.enip.index]: 'controller',
  [PROTOCOLS.cip.index]: 'controller',
  [PROTOCOLS.pccc.index]: 'controller',
  [PROTOCOLS.dnp3.index]: 'outstation',
  [PROTOCOLS.iec104.index]: 'outstation',
  [PROTOCOLS.bacnet.index]: 'building-controller',
  [PROTOCOLS.fins.index]: 'controller',
  [PROTOCOLS.fox.index]: 'building-controller',
  [PROTOCOLS.dns.index]: 'dns-server',
  [PROTOCOLS.dhcp.index]: 'dhcp-server',
  [PROTOCOLS.http.index]: 'web-server',
  [PROTOCOLS.ftp.index]: 'file-server',
};

export class Roster {
  readonly #inventory: Inventory;
  readonly #scans: ScanDetector;
  /** Flow in which an actor last asked a target for an action: its acceptance is the same event. */
  readonly #asked = new Map<string, number>();
  readonly #remotes = new Set<string>();
  readonly #met = new Set<number>();
  readonly #timeline: (type: string, scene: Scene, content: string, parties: readonly number[]) => void;

  constructor(
    inventory: Inventory,
    scans: ScanDetector,
    timeline: (type: string, scene: Scene, content: string, parties: readonly number[]) => void,
  ) {
    this.#inventory = inventory;
    this.#scans = scans;
    this.#timeline = timeline;
  }

  timeline(type: string, scene: Scene, content: string, parties: readonly number[]): void {
    this.#timeline(type, scene, content, parties);
  }

  /** A connection carries an operation it has not carried before. */
  speaks(scene: Scene, protocol: number, code: number, role: Role): void {
    const name = PROTOCOL_BY_INDEX[protocol];
    const actor = this.#inventory.device(scene.actor);
    const target = this.#inventory.device(scene.target);
    actor?.protocols.add(protocol);
    target?.protocols.add(protocol);
    if (name?.ot) {
      this.#inventory.markOt(scene.sender);
      if (role === Role.Response) this.#inventory.markOt(scene.receiver);
      if (role === Role.Request) actor?.roles.add('ot-client');
    }
    if (role !== Role.Response) return;
    if (REMOTE_ACCESS.has(protocol)) this.#remote(scene, protocol);
    const serverRole = SERVER_ROLE[protocol];
    // Some controllers ask their clients in turn (S7 block transfer): who answers there is no controller.
    if (serverRole && !scene.toServer) target?.roles.add(serverRole);
    if (name?.ot && isOrdinary(protocol, code)) this.#scans.ordinary(scene.actor, scene.target);
  }

  /** A client works on another machine: once for each pair and protocol. */
  #remote(scene: Scene, protocol: number): void {
    const key = `${scene.actor}>${scene.target}:${protocol}`;
    if (this.#remotes.has(key) || this.#remotes.size >= MAX_ASKED) return;
    this.#remotes.add(key);
    this.#timeline('REMOTE_ACCESS', scene, `Remote access by ${PROTOCOL_BY_INDEX[protocol]?.name}.`, [scene.actor, scene.target]);
  }

  /** Two devices answer each other for the first time. */
  met(scene: Scene): void {
    const [one, other] = [Math.min(scene.sender, scene.receiver), Math.max(scene.sender, scene.receiver)];
    const pair = one * PAIR + other;
    if (one === 0 || one === other || this.#met.has(pair) || this.#met.size >= MAX_MET) return;
    this.#met.add(pair);
    this.#timeline('DEVICE_CONNECTION_CREATED', scene, 'Two devices talk with each other for the first time.', [
      scene.sender,
      scene.receiver,
    ]);
  }

  arp(scene: Scene, fact: ArpFact): void {
    const at = instant(scene.seconds, scene.nanoseconds);
    this.#inventory.claim(fact.senderMac, fact.senderIp, at, -1);
  }

  neighbor(scene: Scene, fact: NeighborFact): void {
    if (fact.step !== 'advertisement' || fact.mac === '' || fact.ip === '') return;
    this.#inventory.claim(fact.mac, fact.ip, instant(scene.seconds, scene.nanoseconds), -1);
    if (fact.router) this.#inventory.device(scene.sender)?.roles.add('router');
  }

  lease(scene: Scene, fact: LeaseFact): void {
    const device = this.#inventory.device(this.#inventory.canonical[this.#inventory.macText(fact.clientMac)]);
    if (!device) return;
    if (fact.hostName) device.name = fact.hostName;
    const leased = fact.step === 'ack' && fact.address && fact.address !== '0.0.0.0';
    if (leased && !device.ips.includes(fact.address))
      this.#timeline('DHCP_UPDATE', scene, `${device.label} was given the address ${fact.address}.`, [device.party]);
    if (leased) this.#inventory.claim(fact.clientMac, fact.address, instant(scene.seconds, scene.nanoseconds), -1);
  }

  /** Lines of the timeline that actions write. */
  action(scene: Scene, fact: ActionFact): void {
    if (fact.phase === 'refused') return;
    // A transfer is news when it is asked for; what changes a controller is news when it is asked for, and not again when done.
    if (fact.phase === 'accepted' && this.#asked.get(`${scene.actor}>${scene.target}:${fact.action}`) === scene.flow) return;
    if (fact.phase === 'requested') {
      if (this.#asked.size >= MAX_ASKED) this.#asked.clear();
      this.#asked.set(`${scene.actor}>${scene.target}:${fact.action}`, scene.flow);
    }
    const type = eventOf(fact);
    if (type) this.#timeline(type, scene, fact.text, [scene.actor, scene.target]);
  }

  /** Sign-ins: failures where the protocol has an event for them, and passwords that crossed the network in the clear. */
  login(scene: Scene, fact: LoginFact): void {
    const [client, server] = scene.toServer ? [scene.sender, scene.receiver] : [scene.receiver, scene.sender];
    const who = fact.user ? ` as ${fact.user}` : '';
    if (fact.protocol === PROTOCOLS.s7comm.index)
      this.#timeline('SIEMENS_S_7_AUTHENTICATION', scene, `Sign-in to the controller: ${fact.outcome}.`, [client, server]);
    else if (fact.outcome === 'failure') {
      const type = FAILED_LOGIN[fact.protocol];
      if (type) this.#timeline(type, scene, `Sign-in failed${who}.`, [client, server]);
    } else if (fact.outcome === 'success') {
      const type = CLEAR_LOGIN[fact.protocol];
      if (type) this.#timeline(type, scene, `Sign-in${who}, the password readable by anyone on the way.`, [client, server]);
    }
  }
}

const MAX_ASKED = 1 << 14;
const MAX_MET = 1 << 17;
/** Multiplier that makes one number of a pair of parties. */
const PAIR = 2 ** 20;

/** Protocols by which a person works on another machine. */
const REMOTE_ACCESS: ReadonlySet<number> = new Set(
  [PROTOCOLS.ssh, PROTOCOLS.telnet, PROTOCOLS.rdp, PROTOCOLS.vnc].map(({ index }) => index),
);

const FAILED_LOGIN: Readonly<Record<number, EventType>> = {
  [PROTOCOLS.ftp.index]: 'FTP_AUTHENTICATION_FAILURE',
  [PROTOCOLS.telnet.index]: 'TELNET_AUTHENTICATION_FAILURE',
};

const CLEAR_LOGIN: Readonly<Record<number, EventType>> = {
  [PROTOCOLS.ftp.index]: 'CLEARTEXT_AUTHENTICATION',
  [PROTOCOLS.telnet.index]: 'CLEARTEXT_AUTHENTICATION',
  [PROTOCOLS.http.index]: 'HTTP_BASIC_AUTHENTICATION',
};

const ACTION_EVENTS: Readonly<Partial<Record<ActionFact['action'], EventType>>> = {
  'program.download': 'PROGRAM_DEVICE',
  'program.delete': 'PROGRAM_DEVICE',
  'program.upload': 'PROGRAM_UPLOAD_DEVICE',
  'configuration.read': 'CONFIGURATION_READ',
  'configuration.write': 'CONFIGURATION_CHANGE',
  'firmware.update': 'FIRMWARE_UPDATE',
  'controller.start': 'PLC_START',
  'file.read': 'FILE_TRANSFER',
  'file.write': 'FILE_TRANSFER',
};

/** Actions with an event of their own in one family of protocols. */
const CIP_EVENTS: Readonly<Partial<Record<ActionFact['action'], EventType>>> = {
  'controller.start': 'ENIP_CONTROLLER_GENERIC_START',
  'controller.stop': 'ENIP_CONTROLLER_GENERIC_STOP',
  'controller.reset': 'ENIP_CONTROLLER_GENERIC_RESET',
  'program.delete': 'ENIP_CONTROLLER_PROGRAM_DELETE',
};
const S7_EVENTS: Readonly<Partial<Record<ActionFact['action'], EventType>>> = {
  'controller.mode': 'S7_PLC_MODE_CHANGE',
  'controller.stop': 'S7_PLC_MODE_CHANGE',
};
const S7_PLUS_EVENTS: Readonly<Partial<Record<ActionFact['action'], EventType>>> = {
  'program.download': 'S7PLUS_PROGRAMMING',
  'program.delete': 'S7PLUS_PROGRAMMING',
  'controller.mode': 'S7PLUS_PLC_MODE_CHANGE',
  'controller.start': 'S7PLUS_PLC_MODE_CHANGE',
  'controller.stop': 'S7PLUS_PLC_MODE_CHANGE',
};

function eventOf(fact: ActionFact): EventType | undefined {
  const { protocol, action } = fact;
  const cip = protocol === PROTOCOLS.cip.index || protocol === PROTOCOLS.enip.index || protocol === PROTOCOLS.pccc.index;
  const own = cip
    ? CIP_EVENTS
    : protocol === PROTOCOLS.s7comm.index
      ? S7_EVENTS
      : protocol === PROTOCOLS.s7commPlus.index
        ? S7_PLUS_EVENTS
        : {};
  return own[action] ?? ACTION_EVENTS[action];
}
