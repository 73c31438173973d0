/** A device of the inventory, and what its behaviour says about its type and place. */
import type { Instant } from '@annunciator/core/time';

/** What a device has been seen doing; the type follows from it. */
export type DeviceRole =
  | 'controller'
  | 'outstation'
  | 'ot-client'
  | 'programming'
  | 'ot-gateway'
  | 'building-controller'
  | 'io-adapter'
  | 'dns-server'
  | 'dhcp-server'
  | 'web-server'
  | 'file-server'
  | 'router'
  | 'switch'
  | 'scanner';

/** Bounds what one device may collect. */
export const MAX_ADDRESSES = 16;
const MAX_TOLD = 64;

export class Device {
  /** Its first IP address, or the MAC address of a device without IP: stable over runs. */
  readonly id: string;
  /** Number of the device; the baseline's keys carry it. */
  readonly party: number;
  readonly macs: string[] = [];
  readonly ips: string[] = [];
  readonly firstSeen: Instant;
  readonly roles = new Set<DeviceRole>();
  /** Indices of protocols.registry. */
  readonly protocols = new Set<number>();
  vendor = '';
  name = '';
  model = '';
  firmware = '';
  serial = '';
  os = '';
  /** Operating mode and key switch by what told them, and revisions of its configuration by their name. */
  readonly told = new Map<string, string>();
  mode = '';
  /** It has told its firmware in this run. */
  tellsFirmware = false;
  /** Type as a protocol told it; behaviour decides when none did. */
  toldType = '';
  /** Speaks an OT protocol. */
  ot = false;
  /** Its MAC forwards packets of others. */
  router = false;
  /** Seen while learning, or authorised by a person. */
  authorised = true;
  /** Known scanners raise no scan alerts, known programming devices no programming alerts. */
  scanner = false;
  programming = false;
  /** It has sent at least one packet. */
  sent = false;
  vlan = -1;

  constructor(id: string, party: number, firstSeen: Instant) {
    this.id = id;
    this.party = party;
    this.firstSeen = firstSeen;
  }

  /** Remembers what was told about `what`; returns what was told before when that differs. */
  tell(what: string, now: string): string | undefined {
    const before = this.told.get(what);
    if (before === undefined && this.told.size >= MAX_TOLD) return undefined;
    this.told.set(what, now);
    return before === now ? undefined : before;
  }

  /** The type in the product's words (`spec/enums.json` deviceTypes). */
  get type(): string {
    if (this.toldType) return this.toldType;
    const { roles } = this;
    if (roles.has('router')) return 'Router';
    if (roles.has('controller')) return 'PLC';
    if (roles.has('io-adapter')) return 'I/O Adapter';
    if (roles.has('outstation')) return 'RTU';
    if (roles.has('building-controller')) return 'HVAC';
    if (roles.has('programming')) return 'Engineering Station';
    if (roles.has('ot-client')) return 'HMI';
    if (roles.has('ot-gateway')) return 'Protocol Converter';
    if (roles.has('dns-server') || roles.has('dhcp-server') || roles.has('file-server') || roles.has('web-server')) return 'Server';
    return 'Unknown';
  }

  /** Purdue level as the map's bands use it: 1 process control, 2 supervisory, 4 enterprise; null when unknown. */
  get purdueLevel(): number | null {
    switch (this.type) {
      case 'PLC':
      case 'RTU':
      case 'IED':
      case 'DCS Controller':
      case 'HVAC':
      case 'I/O Adapter':
      case 'Variable Frequency Drive':
      case 'Meter':
        return 1;
      case 'HMI':
      case 'Engineering Station':
      case 'Historian':
      case 'Protocol Converter':
        return 2;
      case 'Unknown':
        return null;
      case 'Router':
      case 'Switch':
        return 3;
      default:
        return 4;
    }
  }

  /** What people call it: its name, else its address. */
  get label(): string {
    return this.name || this.ips[0] || this.macs[0] || this.id;
  }
}
