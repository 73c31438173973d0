/**
 * Who takes part in the traffic: parties (every address seen) and devices (parties that have sent something).
 *
 * The packet path carries party numbers; texts and objects are made once, when an address is first seen. Several
 * addresses of one device share its canonical party, so the baseline knows a device whichever address it uses.
 *
 * Which IP address belongs to which MAC address: a packet that comes straight from its sender still has the time to live
 * that its operating system started with; one that came through a router has less. So a sender with a round time to
 * live, or one that answered ARP for the address, owns it; all others sit behind the MAC, which then is a router.
 */
import { addressOrder, assumedNetwork, contains, type Network, parseNetwork } from '@annunciator/core/subnet';
import { instant, type Instant } from '@annunciator/core/time';
import { Tuples } from '@annunciator/packet/tables/tuples';
import { Activity } from './activity.ts';
import { isGroup, isPrivate, isPublic } from './address.ts';
import { Device, MAX_ADDRESSES } from './device.ts';
import { vendorOf } from './vendor.ts';

/** Times to live that operating systems and controllers start with. */
const INITIAL_TTL = new Set([30, 32, 60, 64, 100, 128, 150, 200, 250, 254, 255]);

const IS_MAC = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/;

/** Bits that hold the number of any party. */
export const PARTY_BITS = 18;
const MAX_PARTIES = 1 << PARTY_BITS;
const MAX_DEVICES = 1 << 16;
/** Beyond this many addresses a MAC is taken for a router. */
const ROUTER_ADDRESSES = 8;

interface Party {
  /** IP or MAC address as text. */
  readonly address: string;
  readonly isMac: boolean;
  /** Multicast or broadcast. */
  readonly group: boolean;
  /** An IP address that never leaves a site, or one that the Internet routes; some are neither. */
  readonly private: boolean;
  readonly public: boolean;
  device: Device | null;
}

/** Whether a network is one of a plant; `auto` leaves it to who speaks plant protocols in it. */
export type SubnetKind = 'auto' | 'ot' | 'it';

/** What people decided about devices and networks; absent parts stay as they are. */
export interface Decisions {
  /** Names by id; an empty one is taken back. */
  readonly names?: readonly (readonly [id: string, name: string])[];
  readonly subnets?: readonly { readonly cidr: string; readonly kind: SubnetKind }[];
  /** Addresses that are no device's but their own. */
  readonly apart?: readonly string[];
  /** Devices with addresses that are theirs although the traffic does not say so. */
  readonly together?: readonly { readonly id: string; readonly addresses: readonly string[] }[];
}

/** Told when a device is new, or when two parties turn out to be one device. */
export interface InventoryListener {
  deviceAppeared(device: Device): void;
  partyMerged(from: number, to: number): void;
  /** A device that was known by its MAC address only has its first IP address. */
  deviceAddressed?(device: Device): void;
  /** A device uses one more IP address. */
  addressAdded?(device: Device, ip: string): void;
  /** A device known by its IP address only turned out to be one known by its MAC address. */
  devicesUnited?(into: Device, from: Device): void;
}

export class Inventory {
  readonly devices: Device[] = [];
  readonly #parties: Party[] = [{ address: '(others)', isMac: false, group: false, private: false, public: false, device: null }];
  readonly #byIp = new Map<number, Map<number, number>>();
  /** Party by the upper 16 and the lower 32 bits of a MAC address. */
  readonly #byMac = new Tuples(MAX_PARTIES);
  readonly #byAddress = new Map<string, number>();
  /** Parties that the baseline named before they were seen: what it holds of them moves when they become a device. */
  readonly #named = new Set<number>();
  /** Parties that ARP or neighbour discovery named as addresses of this network. */
  readonly #claimed = new Set<number>();
  /** Parties that a person took apart from the device they were found with. */
  readonly #apart = new Set<number>();
  readonly #otSubnets = new Set<string>();
  /** Networks that people named, the closest first. */
  #networks: readonly (Network & { readonly kind: SubnetKind })[] = [];
  /** Names that people gave, by id. */
  readonly #names = new Map<string, string>();
  readonly #listener: InventoryListener;
  /** Canonical party of each party. */
  canonical = new Int32Array(64);
  /** What each canonical party has sent; the packet path tells it. */
  readonly activity = new Activity();
  /** Addresses that found no place. */
  refused = 0;
  /** Times that {@link nameOf} began to give another name to some party: what was concluded from names before may not hold. */
  renamed = 0;

  constructor(listener: InventoryListener) {
    this.#listener = listener;
  }

  #add(address: string, isMac: boolean, group: boolean): number {
    if (this.#parties.length >= MAX_PARTIES) {
      this.refused++;
      return 0;
    }
    const party = this.#parties.length;
    this.#parties.push({ address, isMac, group, private: !isMac && isPrivate(address), public: !isMac && isPublic(address), device: null });
    this.#byAddress.set(address, party);
    if (party >= this.canonical.length) this.#grow();
    this.activity.reserve(party);
    this.canonical[party] = party;
    return party;
  }

  #grow(): void {
    const wider = new Int32Array(this.canonical.length * 2);
    wider.set(this.canonical);
    this.canonical = wider;
  }

  /** Party of an IP address; `text` is asked only when the address is new. */
  ip(family: number, address: number, text: (family: number, address: number) => string): number {
    let table = this.#byIp.get(family);
    if (!table) this.#byIp.set(family, (table = new Map()));
    let party = table.get(address);
    if (party === undefined) {
      const ip = text(family, address);
      party = this.#byAddress.get(ip) ?? this.#add(ip, false, isGroup(ip));
      if (party !== 0) table.set(address, party);
    }
    return party;
  }

  /** Party of an IP address that a protocol spoke of. */
  ipText(ip: string): number {
    return this.#byAddress.get(ip) ?? this.#add(ip, false, isGroup(ip));
  }

  /** Party of a MAC address given as a 48-bit number. */
  mac(value: number): number {
    const upper = Math.floor(value / 2 ** 32);
    const row = this.#byMac.find(upper, value | 0, 0, 0, 0);
    if (row >= 0) return this.#byMac.value(row);
    const digits = value.toString(16).padStart(12, '0');
    const text = digits.replace(/(..)(?=.)/g, '$1:');
    const party = this.#add(text, true, (upper & 0x100) !== 0);
    const made = party === 0 ? -1 : this.#byMac.insert(upper, value | 0, 0, 0, 0);
    if (made >= 0) this.#byMac.setValue(made, party);
    return party;
  }

  macText(mac: string): number {
    return this.mac(Number.parseInt(mac.replaceAll(':', ''), 16));
  }

  party(number: number): Party {
    return this.#parties[number] ?? this.#parties[0];
  }

  device(party: number): Device | null {
    return this.#parties[party]?.device ?? null;
  }

  /** The device that has an address given as text; null when there is none. */
  deviceByAddress(address: string): Device | null {
    const party = this.#byAddress.get(address);
    return party === undefined ? null : this.#parties[party].device;
  }

  /** Address or id under which documents and the baseline name a party: the device's id when it is one. */
  nameOf(party: number): string {
    const entry = this.party(party);
    return entry.device?.id ?? entry.address;
  }

  /** Party of a name that {@link nameOf} gave (an address that has not been seen yet becomes a party). */
  byName(name: string): number {
    if (name === this.#parties[0].address) return 0;
    const known = this.#byAddress.get(name);
    if (known !== undefined) return this.canonical[known];
    const party = this.#partyNamed(name);
    this.#named.add(party);
    return this.canonical[party];
  }

  /**
   * The sender of a packet: makes or finds its device. `macParty` is 0 when the link carries no MAC, `ipParty` is 0
   * without IP. Returns the canonical party.
   */
  sender(macParty: number, ipParty: number, timeToLive: number, seconds: number, nanoseconds: number, vlan: number): number {
    const at = instant(seconds, nanoseconds);
    const ip = this.#parties[ipParty];
    const hasIp = ipParty !== 0 && !ip.group && ip.address !== '0.0.0.0' && ip.address !== '::';
    const direct = INITIAL_TTL.has(timeToLive);
    const known = hasIp ? ip.device : null;
    const owns = hasIp && !known && (direct || ip.private) && !this.#apart.has(ipParty);
    const macDevice = macParty ? this.#deviceOf(macParty, at, vlan, owns ? ipParty : 0) : null;
    if (!hasIp) return macDevice ? macDevice.party : 0;
    if (known) {
      known.sent = true;
      known.seenIn(vlan);
      if (macDevice && macDevice !== known) this.#moved(known, macDevice, timeToLive);
      return known.party;
    }
    if (ip.device) return ip.device.party;
    if (macDevice && !macDevice.router && !this.#apart.has(ipParty) && (direct || (ip.private && macDevice.ips.length === 0)))
      return this.#attach(macDevice, ipParty);
    if (macDevice && !direct && !this.#apart.has(ipParty)) macDevice.router = true;
    if (macDevice?.router) macDevice.roles.add('router');
    return this.#deviceOf(ipParty, at, vlan)?.party ?? ipParty;
  }

  /** ARP or neighbour discovery says that `mac` owns `ip`. */
  claim(mac: string, ip: string, at: Instant, vlan: number): void {
    if (ip === '0.0.0.0' || ip === '' || isGroup(ip)) return;
    const party = this.ipText(ip);
    this.#claimed.add(party);
    if (this.#apart.has(party)) return;
    const macParty = this.macText(mac);
    const owner = this.#parties[party].device;
    if (owner && owner.macs.length === 0 && !this.#parties[macParty].device && !this.#parties[macParty].group && macParty !== 0) {
      this.#join(owner, macParty);
      return;
    }
    const macDevice = this.#deviceOf(macParty, at, vlan, owner ? 0 : party);
    if (!macDevice || !party) return;
    if (owner) {
      if (owner !== macDevice && owner.macs.length === 0) this.#absorb(owner, macDevice);
      return;
    }
    this.#attach(macDevice, party);
  }

  /**
   * The device of a party, made when it has none. Where the party is a MAC, `ipParty` is the IP address that it is known to
   * own: hosts with an IP address are named and numbered by their first one, so that a device is the same to engines and
   * baseline before and after it has sent.
   */
  #deviceOf(party: number, at: Instant, vlan: number, ipParty = 0): Device | null {
    const entry = this.#parties[party];
    if (entry.device) {
      entry.device.sent = true;
      entry.device.seenIn(vlan);
      return entry.device;
    }
    if (entry.group || party === 0) return null;
    if (this.devices.length >= MAX_DEVICES) {
      this.refused++;
      return null;
    }
    const named = this.canonical[ipParty === 0 ? party : ipParty];
    const owner = this.#parties[named].device;
    if (owner) return this.#join(owner, party);
    const device = new Device(this.#parties[named].address, named, at);
    device.sent = true;
    device.givenName = this.#names.get(device.id) ?? '';
    device.vlan = vlan;
    device.seenIn(vlan);
    this.#give(named, device);
    this.#own(device, party);
    if (ipParty !== 0) this.#own(device, ipParty);
    if (entry.isMac) device.vendor = vendorOf(entry.address);
    this.devices.push(device);
    this.#listener.deviceAppeared(device);
    return device;
  }

  /** One more address of a device that is remembered under another one. */
  #join(device: Device, party: number): Device {
    this.#own(device, party);
    device.sent = true;
    if (device.vendor === '' && this.#parties[party].isMac) device.vendor = vendorOf(this.#parties[party].address);
    return device;
  }

  /** The address is the device's from now on, or nobody's. */
  #give(party: number, device: Device | null): void {
    this.#parties[party].device = device;
    this.renamed++;
  }

  #own(device: Device, party: number): void {
    const entry = this.#parties[party];
    const list = entry.isMac ? device.macs : device.ips;
    if (list.length < MAX_ADDRESSES && !list.includes(entry.address)) list.push(entry.address);
    this.#give(party, device);
    if (this.canonical[party] === device.party) return;
    this.canonical[party] = device.party;
    if (this.#named.has(party)) this.#listener.partyMerged(party, device.party);
  }

  /** A device of an earlier run: its addresses are one party from the start, under the name it had. */
  remember(id: string, addresses: readonly string[]): void {
    const party = this.byName(id);
    for (const address of addresses) {
      const other = this.byName(address);
      if (other !== party && !this.#parties[other].device) this.canonical[other] = party;
    }
  }

  #attach(device: Device, ipParty: number): number {
    const entry = this.#parties[ipParty];
    if (device.ips.length >= MAX_ADDRESSES) {
      this.refused++;
      return device.party;
    }
    device.ips.push(entry.address);
    if (device.ips.length > ROUTER_ADDRESSES) device.router = true;
    this.#give(ipParty, device);
    if (device.ips.length === 1) this.#listener.deviceAddressed?.(device);
    else if (!device.router) this.#listener.addressAdded?.(device, entry.address);
    if (this.canonical[ipParty] !== device.party) {
      this.canonical[ipParty] = device.party;
      this.#listener.partyMerged(ipParty, device.party);
    }
    return device.party;
  }

  /** A known IP address now comes from another MAC: a router in between, a second interface, or an address that moved. */
  #moved(known: Device, macDevice: Device, timeToLive: number): void {
    if (macDevice.router || !INITIAL_TTL.has(timeToLive) || this.#isApart(known) || known.macs.length >= MAX_ADDRESSES) return;
    if (known.macs.length === 0 && macDevice.ips.length === 0) this.#absorb(known, macDevice);
  }

  #isApart(device: Device): boolean {
    return device.ips.some((ip) => this.#apart.has(this.#byAddress.get(ip) ?? 0));
  }

  /** An IP-only device turns out to be the owner of a MAC address: one device from now on. */
  #absorb(ipDevice: Device, macDevice: Device): void {
    for (const ip of ipDevice.ips) {
      const party = this.#byAddress.get(ip);
      if (party === undefined) continue;
      this.#give(party, null);
      this.#attach(macDevice, party);
    }
    this.#absorbed(macDevice, ipDevice);
    this.#listener.devicesUnited?.(macDevice, ipDevice);
  }

  #absorbed(into: Device, from: Device): void {
    into.absorb(from);
    this.activity.add(into.party, this.activity.packets(from.party));
    this.devices.splice(this.devices.indexOf(from), 1);
  }

  /** A person says that two devices are one: its addresses and what the baseline holds of it go on under the other. */
  unite(into: Device, from: Device): void {
    if (into === from) return;
    for (const address of [...from.ips, ...from.macs]) {
      const party = this.#byAddress.get(address) ?? 0;
      if (party === 0) continue;
      this.#apart.delete(party);
      this.#give(party, into);
      this.canonical[party] = into.party;
      const list = this.#parties[party].isMac ? into.macs : into.ips;
      if (list.length < MAX_ADDRESSES && !list.includes(address)) list.push(address);
    }
    this.#give(from.party, into);
    this.canonical[from.party] = into.party;
    this.#absorbed(into, from);
    this.#listener.partyMerged(from.party, into.party);
  }

  /**
   * A person says that some addresses are a device of their own, and it stays so whatever the traffic suggests. Returns the
   * device, named `id` (one of the addresses); null when there is no room for another one.
   */
  divide(id: string, addresses: readonly string[], at: Instant): Device | null {
    if (this.devices.length >= MAX_DEVICES) {
      this.refused++;
      return null;
    }
    this.keepApart(addresses);
    const party = this.#partyNamed(id);
    const device = new Device(id, party, at);
    for (const address of addresses) {
      const other = this.#partyNamed(address);
      const before = this.#parties[other].device;
      for (const list of before ? [before.ips, before.macs] : []) if (list.includes(address)) list.splice(list.indexOf(address), 1);
      this.canonical[other] = party;
      this.#give(other, device);
      (this.#parties[other].isMac ? device.macs : device.ips).push(address);
    }
    device.sent = true;
    device.givenName = this.#names.get(id) ?? '';
    device.vendor = vendorOf(device.macs[0] ?? '');
    this.devices.push(device);
    return device;
  }

  /** People decided something. */
  decide({ names = [], subnets, apart = [], together = [] }: Decisions): void {
    this.keepApart(apart);
    for (const { id, addresses } of together) this.remember(id, addresses);
    for (const [id, name] of names) {
      if (name === '') this.#names.delete(id);
      else this.#names.set(id, name);
      const device = this.device(this.#byAddress.get(id) ?? 0);
      if (device) device.givenName = name;
    }
    if (!subnets) return;
    this.#networks = subnets
      .flatMap(({ cidr, kind }) => {
        const network = parseNetwork(cidr);
        return network ? [{ ...network, kind }] : [];
      })
      .sort((a, b) => b.prefix - a.prefix);
    this.#otSubnets.clear();
    for (const device of this.devices) if (device.ot) this.#settleOt(device);
  }

  /** An address of a plant's network: a person says so, or a device in the same network speaks a plant protocol. */
  #isOtAddress(ip: string): boolean {
    const { cidr, kind } = this.#networkOf(ip);
    return kind === 'auto' ? this.#otSubnets.has(cidr) : kind === 'ot';
  }

  /** The closest network that a person named, else the one that is assumed. */
  #networkOf(ip: string): { readonly cidr: string; readonly kind: SubnetKind } {
    const order = this.#networks.length === 0 ? '' : addressOrder(ip);
    const named = order === '' ? undefined : this.#networks.find((network) => contains(network, order));
    return named ?? { cidr: assumedNetwork(ip), kind: 'auto' };
  }

  #settleOt({ ips }: Device): void {
    for (const ip of ips) if (isPrivate(ip)) this.#otSubnets.add(this.#networkOf(ip).cidr);
  }

  /** Addresses that no inference may join with another device: a person took them apart. */
  keepApart(addresses: readonly string[]): void {
    for (const address of addresses) this.#apart.add(this.#partyNamed(address));
  }

  /** The device is gone from the inventory; when it sends again, it appears anew. */
  forget(device: Device): void {
    const at = this.devices.indexOf(device);
    if (at < 0) return;
    this.devices.splice(at, 1);
    for (const address of [...device.ips, ...device.macs]) {
      const party = this.#byAddress.get(address);
      if (party !== undefined) this.#give(party, null);
    }
    this.#give(device.party, null);
    this.activity.forget(device.party);
  }

  #partyNamed(address: string): number {
    const known = this.#byAddress.get(address);
    if (known !== undefined) return known;
    return IS_MAC.test(address) ? this.macText(address) : this.#add(address, false, isGroup(address));
  }

  /** The device speaks an OT protocol: it and its subnet are in focus from now on. */
  markOt(party: number): void {
    const device = this.device(party);
    if (!device || device.ot) return;
    device.ot = true;
    this.#settleOt(device);
  }

  /** The party is an OT device or lies in a subnet that has one. */
  isOt(party: number): boolean {
    const device = this.device(party);
    if (device?.ot) return true;
    const entry = this.party(party);
    if (device) return device.ips.some((ip) => this.#isOtAddress(ip));
    return !entry.isMac && !entry.group && this.#isOtAddress(entry.address);
  }

  /**
   * A public address that the site uses itself, as seen by one of its devices: somebody here answered for it, or it comes
   * without a router in between and lies in the same /16 as the device.
   */
  isPublicInside(party: number, device: number): boolean {
    const ips = this.#parties[party]?.device?.ips ?? [this.party(party).address];
    if (ips.some((ip) => this.#claimed.has(this.#byAddress.get(ip) ?? 0))) return true;
    const network = (ip: string): string => ip.split(/[.:]/, 2).join('.');
    const own = new Set((this.#parties[device]?.device?.ips ?? [this.party(device).address]).map(network));
    return this.isLocal(party) && ips.some((ip) => own.has(network(ip)));
  }

  /** The address is one of this site: private, or seen to send here without a router in between. */
  isLocal(party: number): boolean {
    const entry = this.party(party);
    if (entry.isMac) return true;
    return entry.private || (entry.device !== null && entry.device.macs.length > 0);
  }
}
