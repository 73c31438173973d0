/**
 * What devices are seen doing: roles, protocols, names, owners of addresses, and the lines this adds to the timeline.
 * Called when something is new, not for each message.
 */
import { instant } from '@annunciator/core/time';
import type { ActionFact, ArpFact, LeaseFact, NeighborFact } from '@annunciator/protocols/facts';
import { Role } from '@annunciator/protocols/facts';
import { PROTOCOL_BY_INDEX, PROTOCOLS } from '@annunciator/protocols/registry';
import type { ScanDetector } from '../engines/scan.ts';
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
  [PROTOCOLS.dns.index]: 'dns-server',
  [PROTOCOLS.dhcp.index]: 'dhcp-server',
  [PROTOCOLS.http.index]: 'web-server',
  [PROTOCOLS.ftp.index]: 'file-server',
};

export class Roster {
  readonly #inventory: Inventory;
  readonly #scans: ScanDetector;
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
  speaks(scene: Scene, protocol: number, _code: number, role: Role): void {
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
    const serverRole = SERVER_ROLE[protocol];
    if (serverRole) target?.roles.add(serverRole);
    if (name?.ot) this.#scans.ordinary(scene.actor, scene.target);
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
    if (fact.step === 'ack' && fact.address && fact.address !== '0.0.0.0')
      this.#inventory.claim(fact.clientMac, fact.address, instant(scene.seconds, scene.nanoseconds), -1);
  }

  /** Lines of the timeline that actions write. */
  action(scene: Scene, fact: ActionFact): void {
    const type = ACTION_EVENTS[fact.action];
    if (type && fact.phase !== 'refused') this.#timeline(type, scene, fact.text, [scene.actor, scene.target]);
  }
}

const ACTION_EVENTS: Readonly<Partial<Record<ActionFact['action'], string>>> = {
  'program.download': 'PROGRAM_DEVICE',
  'program.delete': 'PROGRAM_DEVICE',
  'file.read': 'FILE_TRANSFER',
  'file.write': 'FILE_TRANSFER',
};
