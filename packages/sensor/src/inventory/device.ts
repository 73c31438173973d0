/** A device of the inventory, and what its behaviour says about it. */
import type { DeviceModule } from '@annunciator/core/device';
import { purdueLevelOf } from '@annunciator/core/device-types';
import type { Instant } from '@annunciator/core/time';
import { judgeType } from './type-judge.ts';

/** What a device has been seen doing. */
export type DeviceRole =
  | 'controller'
  | 'outstation'
  | 'ot-client'
  | 'programming'
  | 'building-controller'
  | 'dns-server'
  | 'dhcp-server'
  | 'web-server'
  | 'file-server'
  | 'router'
  | 'scanner';

/** Bounds what one device may collect. */
export const MAX_ADDRESSES = 16;
const MAX_TOLD = 64;
const MAX_VLANS = 16;
/** The map of a backplane shows no more cards. */
const MAX_MODULES = 32;

export const IDENTITY_PARTS = ['name', 'vendor', 'model', 'serial', 'os', 'type'] as const;
export type IdentityPart = (typeof IDENTITY_PARTS)[number];

/** Keeps a value under its name as long as there is room; returns the one before when that differs. */
function remember(values: Map<string, string>, what: string, now: string): string | undefined {
  const before = values.get(what);
  if (before === undefined && values.size >= MAX_TOLD) return undefined;
  values.set(what, now);
  return before === now ? undefined : before;
}

const MODULE_PARTS = ['vendor', 'model', 'firmware', 'serial'] as const;

/** What a device is told to be, as texts. */
export const TEXT_PARTS = ['name', 'vendor', 'model', 'firmware', 'serial', 'os', 'fqdn', 'mode', 'keySwitch', 'toldType'] as const;

export class Device {
  /** Its first IP address, or the MAC address of a device without IP: stable over runs. */
  readonly id: string;
  /** Number of the device; the baseline's keys carry it. */
  readonly party: number;
  readonly macs: string[] = [];
  readonly ips: string[] = [];
  readonly firstSeen: Instant;
  readonly roles = new Set<DeviceRole>();
  /** Indices of protocols.registry: those it speaks, those whose requests it answers, those it asks others by. */
  readonly protocols = new Set<number>();
  readonly serves = new Set<number>();
  readonly asks = new Set<number>();
  vendor = '';
  name = '';
  /** Name that a person gave; it comes before what protocols tell. */
  givenName = '';
  model = '';
  firmware = '';
  serial = '';
  os = '';
  /** Full name by which a name server knows its address, and when it last said so. */
  fqdn = '';
  fqdnAt: Instant | null = null;
  /** Operating mode and key switch by what told them, and revisions of its configuration by their name. */
  readonly told = new Map<string, string>();
  /** Parts of its identity by the protocol that told them. */
  readonly #identities = new Map<string, string>();
  mode = '';
  keySwitch = '';
  /** Protocol index of what told the mode. */
  modeBy = 0;
  /** Parts with an identity of their own, by their place. */
  readonly modules = new Map<string, DeviceModule>();
  /** How often a part told something that was not known of it. */
  modulesTold = 0;
  /** It has told its firmware in this run. */
  tellsFirmware = false;
  /** Type as a protocol told it, and the protocol's index. */
  toldType = '';
  toldTypeBy = 0;
  /** Speaks an OT protocol. */
  ot = false;
  /** Its MAC forwards packets of others. */
  router = false;
  /** Seen while learning, or authorised by a person. */
  authorised = true;
  /** Appeared when learning was over. */
  appearedLate = false;
  /** Known scanners raise no scan alerts, known programming devices no programming alerts. */
  scanner = false;
  programming = false;
  programmedAt: Instant | null = null;
  /** Its address comes from a DHCP server. */
  dynamicAddress = false;
  /** It has sent at least one packet. */
  sent = false;
  /** VLAN of its first packet, -1 without one; all VLANs it was seen in. */
  vlan = -1;
  readonly vlans: number[] = [];

  constructor(id: string, party: number, firstSeen: Instant) {
    this.id = id;
    this.party = party;
    this.firstSeen = firstSeen;
  }

  /** Remembers what was told about `what`; returns what was told before when that differs. */
  tell(what: string, now: string): string | undefined {
    return remember(this.told, what, now);
  }

  /**
   * A protocol told a part of its identity; true when that is news: the part was not known, or the same protocol told
   * something else before. Protocols call a device by different names in turn, which is none.
   */
  isNews(part: IdentityPart, protocol: string, now: string): boolean {
    const known = part === 'type' ? this.toldType : this[part];
    return remember(this.#identities, `${part} ${protocol}`, now) !== undefined || known === '';
  }

  /** A packet of the device came from this VLAN (-1: untagged). */
  seenIn(vlan: number): void {
    if (vlan >= 0 && this.vlans.length < MAX_VLANS && !this.vlans.includes(vlan)) this.vlans.push(vlan);
  }

  /** A part told who it is; parts that are not told stay as they were. Returns what was known of the place before. */
  tellModule(place: string, told: Partial<DeviceModule>): DeviceModule | undefined {
    const before = this.modules.get(place);
    if (!before && this.modules.size >= MAX_MODULES) return undefined;
    const now = { vendor: '', model: '', firmware: '', serial: '', ...before, ...told, place };
    if (before && MODULE_PARTS.every((part) => before[part] === now[part])) return before;
    this.modulesTold++;
    this.modules.set(place, now);
    return before;
  }

  /** Takes over what is known of another device that turned out to be this one. */
  absorb(other: Device): void {
    for (const role of other.roles) this.roles.add(role);
    for (const set of ['protocols', 'serves', 'asks'] as const) for (const protocol of other[set]) this[set].add(protocol);
    for (const vlan of other.vlans) this.seenIn(vlan);
    for (const [place, module] of other.modules) if (!this.modules.has(place)) this.tellModule(place, module);
    for (const part of TEXT_PARTS) this[part] ||= other[part];
    this.toldTypeBy ||= other.toldTypeBy;
    this.modeBy ||= other.modeBy;
    this.fqdnAt ??= other.fqdnAt;
    this.programmedAt ??= other.programmedAt;
    for (const flag of ['ot', 'sent', 'scanner', 'programming', 'dynamicAddress'] as const) this[flag] ||= other[flag];
  }

  /** The type in the product's words (`spec/enums.json` deviceTypes). */
  get type(): string {
    return judgeType(this).type;
  }

  /** Purdue level on which devices of its type stand, 0 to 5; null when unknown. */
  get purdueLevel(): number | null {
    return purdueLevelOf(this.type);
  }

  /** What people call it: its name, else its address. */
  get label(): string {
    return this.givenName || this.name || this.ips[0] || this.macs[0] || this.id;
  }
}
