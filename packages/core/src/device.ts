/** What the sensor says of a device and of a connection: the values that travel from the traffic to the inventory. */
import type { DeviceType, NetworkLocation } from './device-types.ts';
import type { PlcKeyState, PlcRunState } from './plc-mode.ts';
import type { Instant } from './time.ts';

/** Why a device is taken for a type: a rule that fits it. */
export interface TypeReason {
  /** Name of the rule, such as `serves-s7comm`. */
  readonly rule: string;
  readonly type: DeviceType;
  /** How much the rule alone is worth, in percent. */
  readonly confidence: number;
  /** One phrase for people: `answers S7comm`. */
  readonly says: string;
}

/** A part of a device with an identity of its own: a module in a rack, a unit behind a gateway. */
export interface DeviceModule {
  /** Where it sits, as the protocol tells it: `rack 0, slot 2`. */
  readonly place: string;
  readonly vendor: string;
  readonly model: string;
  readonly firmware: string;
  readonly serial: string;
}

/** Everything that traffic says of a device. Texts are empty when nothing said it. */
export interface DeviceFacts {
  readonly name: string;
  readonly type: DeviceType;
  /** More closely than the type: `DNP3 outstation`. */
  readonly subtype: string;
  /** How sure the type is, in percent; 0 when it is unknown. */
  readonly confidence: number;
  /** The rules that fit, the deciding ones first. */
  readonly reasons: readonly TypeReason[];
  readonly purdueLevel: number | null;
  readonly vendor: string;
  readonly model: string;
  readonly firmware: string;
  readonly serial: string;
  readonly os: string;
  readonly fqdn: string;
  /** When a name server last gave its address for that name. */
  readonly fqdnAt: Instant | null;
  readonly plcRun: PlcRunState | '';
  readonly plcKey: PlcKeyState | '';
  readonly modules: readonly DeviceModule[];
  readonly ips: readonly string[];
  readonly macs: readonly string[];
  readonly vlans: readonly number[];
  /** Names of protocols, sorted. */
  readonly protocols: readonly string[];
  /** Those of them that are protocols of plants. */
  readonly otProtocols: readonly string[];
  /** Ids of the protocols whose requests it answers, and of those by which it asks others. */
  readonly serves: readonly string[];
  readonly asks: readonly string[];
  readonly roles: readonly string[];
  readonly networkLocation: NetworkLocation;
  /** Its address comes from a DHCP server. */
  readonly dynamicAddress: boolean;
  /** Speaks an OT protocol. */
  readonly ot: boolean;
  /** Seen while learning, or authorised by a person. */
  readonly authorised: boolean;
  readonly scanner: boolean;
  readonly programming: boolean;
  /** When it last programmed a controller. */
  readonly programmedAt: Instant | null;
  /** Appeared when learning was over. */
  readonly appearedLate: boolean;
  /** Words that it used of itself, and ids of the protocols it used them in: for the sensor to go on after a restart. */
  readonly told: {
    readonly type: string;
    readonly typeBy: string;
    readonly mode: string;
    readonly modeBy: string;
    readonly keySwitch: string;
  };
}

/** A device as a sensor tells it. */
export interface DeviceRecord extends DeviceFacts {
  /** Its first IP address, or its MAC address when it has none: stable over runs. */
  readonly id: string;
  /** Packet time. */
  readonly firstSeen: Instant;
  readonly lastSeen: Instant;
}

/** Whether both sides of a connection have sent; `Multicast` when it goes to a group. */
export const CONNECTION_KINDS = ['One Way', 'Two Way', 'Multicast'] as const;
export type ConnectionKind = (typeof CONNECTION_KINDS)[number];

/** What two devices exchange over one protocol and port, as a sensor tells it. */
export interface ConnectionRecord {
  /** Id of the device that opened it; the address where no device has sent from it. */
  readonly source: string;
  /** The same of the one that was addressed. */
  readonly destination: string;
  /** Id of the protocol, or of what is known below it: `tcp`, `ip-47`, `ethertype-0x88b5`. */
  readonly protocol: string;
  readonly protocolName: string;
  /** A protocol of plants. */
  readonly ot: boolean;
  readonly transport: string;
  /** Port of the destination; 0 without ports. */
  readonly port: number;
  readonly kind: ConnectionKind;
  /** In this run of the sensor. */
  readonly packets: number;
  readonly bytes: number;
  /** Names of the operations it carried, sorted. */
  readonly operations: readonly string[];
  /** Packet time, whole seconds. */
  readonly firstSeen: Instant;
  readonly lastSeen: Instant;
  /** Seconds between two polls; 0 when it has no rhythm. */
  readonly period: number;
}
