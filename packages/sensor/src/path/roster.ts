/**
 * What devices are seen doing: roles, protocols, names, owners of addresses, and the lines this adds to the timeline.
 * Called when something is new, not for each message.
 */
import type { EventType } from '@annunciator/core/event-types';
import { instant } from '@annunciator/core/time';
import type {
  ActionFact,
  ArpFact,
  IdentityFact,
  LeaseFact,
  LoginFact,
  NameFact,
  NeighborFact,
  NoticeFact,
} from '@annunciator/protocols/facts';
import { Role } from '@annunciator/protocols/facts';
import { PROTOCOL_BY_INDEX, PROTOCOLS } from '@annunciator/protocols/registry';
import { isOrdinary, type ScanDetector } from '../engines/scan.ts';
import type { Scene } from '../engines/scene.ts';
import { isPublic } from '../inventory/address.ts';
import { type Device, type DeviceRole, IDENTITY_PARTS } from '../inventory/device.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { eventOfAction, eventOfLogin, NOTICE_EVENTS } from '../timeline/action-events.ts';

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
  [PROTOCOLS.ads.index]: 'controller',
  [PROTOCOLS.srtp.index]: 'controller',
  [PROTOCOLS.sbus.index]: 'controller',
  [PROTOCOLS.melsec.index]: 'controller',
  [PROTOCOLS.roc.index]: 'outstation',
  [PROTOCOLS.bsap.index]: 'outstation',
  [PROTOCOLS.genisys.index]: 'outstation',
  [PROTOCOLS.fox.index]: 'building-controller',
  [PROTOCOLS.dns.index]: 'dns-server',
  [PROTOCOLS.dhcp.index]: 'dhcp-server',
  [PROTOCOLS.http.index]: 'web-server',
  [PROTOCOLS.ftp.index]: 'file-server',
};

/** Protocols by which a person works on another machine. */
const REMOTE_ACCESS: ReadonlySet<number> = new Set(
  [PROTOCOLS.ssh, PROTOCOLS.telnet, PROTOCOLS.rdp, PROTOCOLS.vnc].map(({ index }) => index),
);
/** Sessions of one pair within this time (seconds) are one line. */
const REMOTE_ACCESS_AGAIN = 3600;

const MAX_ASKED = 1 << 14;
const MAX_MET = 1 << 17;
/** Multiplier that makes one number of a pair of parties. */
const PAIR = 2 ** 20;

/** Writes a line of the timeline; the time is the scene's. */
export type TellTimeline = (type: EventType, scene: Scene, content: string, parties: readonly number[]) => void;

export class Roster {
  /** Pairs that met when no more could be remembered. */
  refused = 0;
  readonly #inventory: Inventory;
  readonly #scans: ScanDetector;
  /** Flow in which an actor last asked a target for an action: its acceptance is the same event. */
  readonly #asked = new Map<string, number>();
  /** Second of the last line about a pair and its protocol of remote access. */
  readonly #remotes = new Map<string, number>();
  readonly #met = new Set<number>();
  /** Flows in which a password was sent that anyone on the way could read, until its outcome is told. */
  readonly #readable = new Set<number>();
  readonly timeline: TellTimeline;

  constructor(inventory: Inventory, scans: ScanDetector, timeline: TellTimeline) {
    this.#inventory = inventory;
    this.#scans = scans;
    this.timeline = timeline;
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
    if (role === Role.Request && scene.toServer) actor?.asks.add(protocol);
    if (role !== Role.Response) return;
    // Some controllers ask their clients in turn (S7 block transfer): who answers there is no controller.
    if (!scene.toServer) this.#serves(target, protocol);
    if (REMOTE_ACCESS.has(protocol)) this.#session(scene, protocol, scene.actor, scene.target);
    if (name?.ot && isOrdinary(protocol, code)) this.#scans.ordinary(scene.actor, scene.target);
  }

  #serves(device: Device | null, protocol: number): void {
    device?.serves.add(protocol);
    const role = SERVER_ROLE[protocol];
    if (role) device?.roles.add(role);
  }

  /** Somebody works on another machine. */
  #session(scene: Scene, protocol: number, client: number, server: number): void {
    const key = `${client}>${server}:${protocol}`;
    const last = this.#remotes.get(key);
    if (last !== undefined && scene.seconds < last + REMOTE_ACCESS_AGAIN) return;
    if (last === undefined && this.#remotes.size >= MAX_ASKED) this.#remotes.clear();
    this.#remotes.set(key, scene.seconds);
    this.timeline('REMOTE_ACCESS', scene, `Remote access by ${PROTOCOL_BY_INDEX[protocol]?.name}.`, [client, server]);
  }

  /** Two devices answer each other for the first time. */
  met(scene: Scene): void {
    const { sender, receiver } = scene;
    if (!this.#remember(sender, receiver)) return;
    const [local, remote] = this.#isOutside(sender, receiver) ? [receiver, sender] : [sender, receiver];
    if (this.#isOutside(remote, local)) {
      const address = this.#inventory.party(remote).address;
      this.timeline('INTERNET_ACCESS', scene, `It talks with the Internet address ${address} for the first time.`, [local, remote]);
    } else this.timeline('DEVICE_CONNECTION_CREATED', scene, 'Two devices talk with each other for the first time.', [sender, receiver]);
  }

  /** False when the pair met before, or cannot be remembered. */
  #remember(a: number, b: number): boolean {
    const [one, other] = [Math.min(a, b), Math.max(a, b)];
    const pair = one * PAIR + other;
    if (one === 0 || one === other || this.#met.has(pair)) return false;
    if (this.#met.size >= MAX_MET) {
      this.refused++;
      return false;
    }
    this.#met.add(pair);
    return true;
  }

  /** The pair met in an earlier run. */
  metBefore(a: number, b: number): void {
    this.#remember(a, b);
  }

  /** The address is one of the Internet, as its peer sees it. */
  #isOutside(party: number, peer: number): boolean {
    return isPublic(this.#inventory.party(party).address) && !this.#inventory.isPublicInside(party, peer);
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
    if (!leased) return;
    if (!device.ips.includes(fact.address))
      this.timeline('DHCP_UPDATE', scene, `${device.label} was given the address ${fact.address}.`, [device.party]);
    device.dynamicAddress = true;
    this.#inventory.claim(fact.clientMac, fact.address, instant(scene.seconds, scene.nanoseconds), -1);
  }

  /** A name server told the addresses of a name: devices that have them are known by it. */
  named(scene: Scene, fact: NameFact): void {
    if (fact.protocol !== PROTOCOLS.dns.index || fact.step !== 'answer' || !fact.name.includes('.')) return;
    for (const address of fact.addresses) {
      const device = this.#inventory.deviceByAddress(address);
      if (!device) continue;
      device.fqdn = fact.name.replace(/\.$/, '');
      device.fqdnAt = instant(scene.seconds, scene.nanoseconds);
    }
  }

  /** Lines of the timeline that actions write. */
  action(scene: Scene, fact: ActionFact): void {
    if (fact.phase === 'refused') return;
    if (fact.action === 'program.download' || fact.action === 'program.delete') {
      const device = this.#inventory.device(scene.actor);
      if (device) device.programmedAt = instant(scene.seconds, scene.nanoseconds);
    }
    const type = eventOfAction(fact);
    if (!type) return;
    // A transfer is news when it is asked for; what changes a controller is news when it is asked for, and not again when done.
    const key = `${scene.actor}>${scene.target}:${fact.action}`;
    if (fact.phase === 'accepted' && this.#asked.get(key) === scene.flow) return;
    if (fact.phase === 'requested') {
      if (this.#asked.size >= MAX_ASKED) this.#asked.clear();
      this.#asked.set(key, scene.flow);
    }
    this.timeline(type, scene, `${fact.text}.`, [scene.actor, scene.target]);
  }

  /** Sign-ins: failures where the protocol has an event for them, and passwords that crossed the network in the clear. */
  login(scene: Scene, fact: LoginFact): void {
    const [client, server] = scene.toServer ? [scene.sender, scene.receiver] : [scene.receiver, scene.sender];
    if (REMOTE_ACCESS.has(fact.protocol) && fact.outcome !== 'failure') this.#session(scene, fact.protocol, client, server);
    // The hash is there where the password travels in clear; the answer that tells the outcome does not carry it.
    const readable = fact.passwordHash !== undefined || this.#readable.has(scene.flow);
    if (this.#readable.size >= MAX_ASKED) this.#readable.clear();
    if (fact.outcome === 'attempt' && readable) this.#readable.add(scene.flow);
    else this.#readable.delete(scene.flow);
    const event = eventOfLogin(fact, readable);
    if (event) this.timeline(event[0], scene, `${event[1]}.`, [client, server]);
  }

  /** A message that is meant for people. */
  notice(scene: Scene, fact: NoticeFact): void {
    this.timeline(NOTICE_EVENTS[fact.name], scene, fact.text, [scene.sender, scene.receiver]);
  }

  /**
   * A device told something about itself or another; called before the device has it. Keeps what belongs to a module of it,
   * and who told the type and the mode.
   */
  identity(scene: Scene, device: Device, fact: IdentityFact): void {
    if (fact.type) device.toldTypeBy = fact.protocol;
    if (fact.mode) device.modeBy = fact.protocol;
    if (fact.keySwitch) device.keySwitch = fact.keySwitch;
    if (fact.place && MODULE_PLACE.test(fact.place)) this.#module(scene, device, fact.place, fact);
    const news: string[] = [];
    for (const part of IDENTITY_PARTS) {
      const now = fact[part];
      if (now && device.isNews(part, `${fact.protocol} ${fact.place ?? ''}`, now)) news.push(`${PART_WORDS[part]} ${now}`);
    }
    if (news.length === 0) return;
    const by = PROTOCOL_BY_INDEX[fact.protocol]?.name ?? 'a protocol';
    this.timeline('DEVICE_UPDATE', scene, `${device.label} was updated: ${news.join(', ')} (told over ${by}).`, [device.party]);
  }

  #module(scene: Scene, device: Device, place: string, fact: IdentityFact): void {
    const { vendor, model, firmware, serial } = fact;
    const told = {
      ...(vendor ? { vendor } : {}),
      ...(model ? { model } : {}),
      ...(firmware ? { firmware } : {}),
      ...(serial ? { serial } : {}),
    };
    if (Object.keys(told).length === 0) return;
    const before = device.tellModule(place, told);
    const changed = before && ((model && before.model && model !== before.model) || (serial && before.serial && serial !== before.serial));
    if (!changed) return;
    const name = (module: { model?: string; serial?: string }): string => [module.model, module.serial].filter(Boolean).join(' ');
    const content = `The module in ${place} of ${device.label} was ${name(before)} and is ${name({ ...before, ...told })}.`;
    this.timeline('PLC_MODULE_CHANGE', scene, content, [device.party]);
  }
}

/** Places within a device that hold modules; ports of switches and programs are none. */
const MODULE_PLACE = /^(rack|slot|unit|module)\b/;

const PART_WORDS = {
  name: 'name',
  vendor: 'vendor',
  model: 'model',
  serial: 'serial number',
  os: 'operating system',
  type: 'type',
} as const;
