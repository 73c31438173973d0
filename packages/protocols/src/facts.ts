/**
 * What a dissector can state about the message it has just read. Dissectors state facts and never judge; engines judge
 * facts and never read bytes. This file is the whole vocabulary between the two.
 *
 * Hot code: `message`, `use` and `useRange` take numbers only and are called for each message; everything rare goes
 * through `tell` as an object. Nothing here may throw on hostile values.
 */
import type { Spelling } from '@annunciator/packet/tables/text-table';
import type { Detail } from './details.ts';

/** The part a message plays in its exchange. Numbers, because every message carries one. */
export const Role = { Request: 1, Response: 2, Notification: 3 } as const;
export type Role = (typeof Role)[keyof typeof Role];

/**
 * What the baseline learns, as (who, to whom, aspect, a, b): each aspect belongs to one alert type of the policy engine.
 * `who` is the sender of a request or notification and the receiver of a response, so both halves of an exchange learn
 * the same key. `a` and `b` are int32; texts are interned first. The comment gives what a and b hold.
 */
export const Aspect = {
  /** a = unit id << 8 | function code */
  ModbusFunction: 1,
  /** range; key = unit id << 8 | table (0 coils, 1 discrete inputs, 3 input registers, 4 holding registers) */
  ModbusAddress: 2,
  /** a = function code << 8 | exception code */
  ModbusException: 3,
  /** a = UMAS function code */
  UmasFunction: 4,
  /** a = 0 read or 1 write, b = data block number */
  S7DataBlock: 5,
  /** a = interned PI service name */
  S7Control: 6,
  /** a = function group << 8 | subfunction */
  S7UserData: 7,
  /** a = function code */
  Dnp3Function: 8,
  /** a = bit number of the internal indication, 0 to 15 (IIN1.0 is 0, IIN2.0 is 8) */
  Dnp3Indication: 9,
  /** a = set of classes asked for: bit 0 class 0, bit 1 class 1 ... */
  Dnp3IntegrityScan: 10,
  /** a = encapsulation command */
  EnipCommand: 11,
  /** a = class id */
  CipClass: 12,
  /** a = class id, b = service code */
  CipClassService: 13,
  /** a = 0 read or 1 write, b = interned symbol */
  CipSymbol: 14,
  /** a, b = connection points originator to target and target to originator (0 when unknown) */
  CipIoConnection: 15,
  /** a = PCCC command, b = PCCC function (-1 when the command has none) */
  PcccCommand: 16,
  /** a = common address, b = type id */
  Iec104Asdu: 17,
  /** a = object type << 22 | instance, b = service choice << 24 | property id */
  BacnetObject: 18,
  /** a = source network or -1, b = destination network or -1 */
  BacnetRoute: 19,
  /** a = server port */
  HttpCommunication: 20,
  /** a = interned `METHOD host/first-path-segment` */
  HttpActivity: 21,
  /** a = interned product token of User-Agent */
  HttpUserAgent: 22,
  /** a = interned SOAP action */
  HttpSoapAction: 23,
  /** a = interned name (registered domain for DNS) */
  NameQuery: 24,
  /** a = S7comm-plus function code */
  S7PlusFunction: 25,
  /** a = S7comm-plus function code, b = object id */
  S7PlusObject: 26,
  /** a = S7comm-plus function code, b = block type << 16 | block number (types: 1 OB, 2 FC, 3 FB, 4 DB) */
  S7PlusBlock: 27,
  /** a = confirmed service, or 0x100 | unconfirmed service */
  MmsService: 28,
  /** a = confirmed service, b = interned name of the domain or program invocation */
  MmsProgram: 29,
  /** to whom = group address; a = interned control block reference, b = interned settings, or interned time allowed to live */
  GooseSettings: 30,
  /** to whom = group address; a = interned APPID and svID, b = interned settings */
  SvSettings: 31,
  /** nothing: both sides of an SSH session have named themselves */
  SshSession: 40,
  /** a = node id of the request's or response's type (its binary encoding) */
  OpcuaService: 50,
  /** a = node id of the request's type, b = interned node id, or interned endpoint URL */
  OpcuaActivity: 51,
  /** a = first frame id of the class the frame belongs to (PROFINET: clock, cyclic real-time classes, alarms, DCP) */
  ProfinetFrame: 52,
  /** a = interned interface UUID, b = operation number */
  RpcInterface: 53,
  /** a = PDU type of a request (0 get, 1 get next, 3 set, 5 get bulk), b = interned community or user and first eight arcs of the object */
  SnmpOperation: 54,
  /** a = interned `chassis port`, b = interned `system name (management address)` */
  LldpConfiguration: 55,
  /** a = FINS command (main code << 8 | sub code) */
  FinsCommand: 56,
  /** a = interned `DOMAIN\\user` */
  SmbLogin: 57,
  /** a = interned user */
  DatabaseLogin: 58,
  /** a = interned verb (`SELECT`, `DROP TABLE`), b = interned table or procedure */
  DatabaseOperation: 59,
  /** a = AMS port, b = ADS command */
  AmsCommand: 60,
  /** a = AMS port << 8 | ADS command, b = index group */
  AmsGroup: 61,
  /** a = interned `port command group`, b = index offset */
  AmsOffset: 62,
  /** a = service request code */
  SrtpCommand: 63,
  /** range; key = 0 read or 1 write << 8 | segment selector */
  SrtpMemory: 64,
  /** a = service request code, b = interned program or block (empty when the request names none) */
  SrtpFile: 65,
  /** a = S-Bus command */
  SbusCommand: 66,
  /** a = command, or 0x10000 | MELSOFT command; b = subcommand */
  MelsecCommand: 67,
  /** a = ROC opcode */
  RocOperation: 68,
} as const;
export type Aspect = (typeof Aspect)[keyof typeof Aspect];

/** What somebody did that an engine may care about whoever does it, in words all protocols share. */
export type ActionName =
  /** controller or program stopped, started, reset; mode switched (parameters: mode) */
  | 'controller.stop'
  | 'controller.start'
  | 'controller.reset'
  | 'controller.mode'
  /** program written to a controller (block, tag program, UMAS blocks), read from it, deleted */
  | 'program.download'
  | 'program.upload'
  | 'program.delete'
  /** a program within a controller set back to its start; the controller goes on */
  | 'program.reset'
  /** a programming tool logs on to a controller, which is programmable from then on */
  | 'programming.logon'
  | 'configuration.read'
  | 'configuration.write'
  | 'firmware.update'
  /** outstation told to restart (parameters: kind cold or warm) */
  | 'outstation.restart'
  /** a device told to forget its settings */
  | 'device.factory-reset'
  | 'application.stop'
  | 'configuration.activate'
  | 'time.set'
  /** an output, setpoint or regulating step was commanded */
  | 'control.operate'
  | 'file.read'
  | 'file.write'
  | 'file.delete'
  /** a table, view, database, user or the like of a database was made, changed or dropped */
  | 'database.structure'
  /** identity asked for: Modbus device identification, ListIdentity, Who-Is, SZL 0x0011 and the like */
  | 'identity.request';

export type FactParameters = Readonly<Record<string, string | number | boolean>>;

/** The message breaks its protocol. `malformed` when the bytes do not fit (length, checksum, truncation), false when a well-formed value is not allowed. */
export interface ViolationFact {
  readonly is: 'violation';
  readonly protocol: number;
  /** `<protocol>.<what>` in kebab case, listed in the protocol's names.ts: `modbus.length-mismatch`. */
  readonly name: string;
  readonly malformed: boolean;
  /** One sentence with the values: what was expected and what was there. */
  readonly text: string;
  readonly parameters?: FactParameters;
}

/** A peer answered with an error: Modbus exception, CIP status, BACnet error, negative confirmation, HTTP 4xx ... */
export interface FailureFact {
  readonly is: 'failure';
  readonly protocol: number;
  /** `<protocol>.<kind>`: `modbus.exception`, `cip.status`, `enip.status`, `bacnet.error`, `bacnet.reject`, `bacnet.abort`, `iec104.cause`, `s7comm.error`, `http.status`, `dhcp.nak`, `dns.rcode`, `mms.error`, `opcua.status`, `profinet-dcp.block-error`, `profinet-io.status`, `dcerpc.fault`, `mqtt.reason`, `snmp.error`, `ntp.kiss`, `tftp.error`, `vnc.security-result`, `ldap.result`, `kerberos.error`, `radius.reject`. */
  readonly name: string;
  readonly code: number;
  /** Code of the operation that failed, as given to `message`. */
  readonly operation: number;
  readonly text: string;
  readonly parameters?: FactParameters;
}

export interface ActionFact {
  readonly is: 'action';
  readonly protocol: number;
  readonly action: ActionName;
  /** Asked for, accepted by the peer, refused by the peer. */
  readonly phase: 'requested' | 'accepted' | 'refused';
  /** One phrase for people: `PLC stop (function 0x29)`. */
  readonly text: string;
  readonly parameters?: FactParameters;
  /** Frame of the request that is answered, where the text and the parameters are those of the request. */
  readonly requestFrame?: number;
}

/** DNP3 internal indications of a response, told only when any bit besides the class events is set or has just cleared. */
export interface IndicationFact {
  readonly is: 'indication';
  readonly protocol: number;
  /** IIN1 in the low byte, IIN2 in the high byte. */
  readonly bits: number;
  /** Link address of the outstation. */
  readonly outstation: number;
  /** Function code of the response. */
  readonly operation: number;
}

/** A device or a stream of messages says that it is not as it should be. Told when it begins, and again when what it says changes. */
export interface ConditionFact {
  readonly is: 'condition';
  readonly protocol: number;
  readonly name: 'mms.vmd-status' | 'goose.needs-commissioning' | 'opcua.event';
  /** One phrase for people: `logical status limited-services-allowed, physical status inoperable`. */
  readonly text: string;
  readonly parameters?: FactParameters;
}

/** A device told something about itself or another. Absent parts stay as they were. */
export interface IdentityFact {
  readonly is: 'identity';
  readonly protocol: number;
  /** Whom it describes: the sender or receiver of the message, or the owner of an address. */
  readonly of: 'sender' | 'receiver' | { readonly ip: string } | { readonly mac: string };
  readonly vendor?: string;
  readonly model?: string;
  readonly firmware?: string;
  readonly serial?: string;
  readonly name?: string;
  /** Device type of the inventory when the message tells it, such as `PLC`. */
  readonly type?: string;
  readonly os?: string;
  /** Where the module sits in its station: `rack 0, slot 2`. */
  readonly place?: string;
  /** Operating mode when the message tells it, such as `RUN`. */
  readonly mode?: string;
  /** Data that changes with the software or the configuration without naming a version: Modbus server id data, a DNP3 configuration attribute, the data set of a GOOSE or sampled-value stream. */
  readonly revision?: string;
  /** Position of the mode selector (key switch) when the message tells it, such as `RUN-P`. */
  readonly keySwitch?: string;
  /** Plant identification that operators gave the device. */
  readonly plant?: string;
}

export interface LoginFact {
  readonly is: 'login';
  readonly protocol: number;
  readonly outcome: 'attempt' | 'success' | 'failure';
  readonly user: string;
  /** Frame that named the user, where it is not the one that tells the outcome. */
  readonly userFrame?: number;
  /** 32-bit hash of the password where it travels in clear, so that passwords can be told apart and none is kept. */
  readonly passwordHash?: number;
}

/** A name was asked for (`query`) or resolved (`answer`). */
export interface NameFact {
  readonly is: 'name';
  readonly protocol: number;
  readonly step: 'query' | 'answer';
  readonly name: string;
  /** Record type as DNS numbers it. */
  readonly type: number;
  /** DNS response code; 0 for queries. */
  readonly code: number;
  readonly addresses: readonly string[];
  /** Seconds. */
  readonly ttl: number;
  /** DNS: the part of the name that somebody registered, such as `example.co.uk`; the name itself when nothing is below it. */
  readonly domain?: string;
  /** Bytes of the labels of the name without the dots, and how many bytes the longest label has. */
  readonly labelBytes?: number;
  readonly longestLabel?: number;
  /** Shannon entropy of the bytes of all labels, in bits per byte (0 to 8). */
  readonly entropy?: number;
  /** Answers: bytes of record data in the answer section. */
  readonly answerBytes?: number;
}

/** ARP told who owns an address. */
export interface ArpFact {
  readonly is: 'arp';
  readonly operation: 'request' | 'reply';
  readonly senderMac: string;
  readonly senderIp: string;
  readonly targetMac: string;
  readonly targetIp: string;
  /** Sender and target address are the same. */
  readonly gratuitous: boolean;
  /** Asks whether somebody owns the target address and claims none itself (RFC 5227, 2.1.1). */
  readonly probe?: boolean;
}

/** IPv6 neighbour discovery told who owns an address (RFC 4861). */
export interface NeighborFact {
  readonly is: 'neighbor';
  readonly step: 'solicitation' | 'advertisement' | 'router-solicitation' | 'router-advertisement';
  /** The address asked for or advertised; empty for router messages, whose address is that of the packet. */
  readonly ip: string;
  /** Link-layer address told in an option, of the sender (solicitations) or the target (advertisements); empty without one. */
  readonly mac: string;
  /** The sender says that it routes. */
  readonly router: boolean;
  /** Advertised without being asked. */
  readonly unsolicited: boolean;
}

/** A step of an address lease. */
export interface LeaseFact {
  readonly is: 'lease';
  readonly step: 'discover' | 'offer' | 'request' | 'ack' | 'nak' | 'release' | 'decline' | 'inform';
  readonly clientMac: string;
  readonly transaction: number;
  readonly address: string;
  readonly hostName: string;
  readonly vendorClass: string;
}

/** A request to a web server, or its answer. */
export interface HttpFact {
  readonly is: 'http';
  readonly step: 'request' | 'response';
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly userAgent: string;
  readonly soapAction: string;
  /** 0 for requests. */
  readonly status: number;
  readonly headerCount: number;
  readonly longestHeader: number;
  readonly contentType: string;
}

/** An ICMP or ICMPv6 message; only told for types the engines judge (echo, unreachable). */
export interface IcmpFact {
  readonly is: 'icmp';
  readonly type: number;
  readonly code: number;
  /** Bytes of data carried. */
  readonly size: number;
  /** Echo only: identifier and sequence number, which a reply repeats. */
  readonly identifier?: number;
  readonly sequence?: number;
  /** Echo only: 32-bit hash of the data. A reply repeats the data of its request (RFC 792), so both hashes agree. */
  readonly hash?: number;
  /** Echo only: the data is an IP packet, its header checksum right: somebody tunnels. */
  readonly carriesIp?: boolean;
}

/** A file or blob moved. */
export interface TransferFact {
  readonly is: 'transfer';
  readonly protocol: number;
  readonly direction: 'read' | 'write';
  readonly name: string;
  readonly text: string;
  /** The content begins as a program of Windows (PE) or Linux (ELF) does, whatever its name says. */
  readonly content?: 'PE' | 'ELF';
}

/** Windows of another machine is used from afar: what was opened, made or started there. */
export interface RemoteFact {
  readonly is: 'remote';
  readonly protocol: number;
  readonly what: 'pipe' | 'service-create' | 'service-start' | 'service-stop' | 'service-delete' | 'task';
  /** Pipe, service or task by name; empty when it is not known. */
  readonly name: string;
  /** One phrase for people: `created the service PSEXESVC (%SystemRoot%\\PSEXESVC.exe)`. */
  readonly text: string;
  /** Program that a service or task starts, when the message tells it. */
  readonly image?: string;
}

/** A text element of a message (command line, URI, header) was very long. Told from 8,191 bytes on. */
export interface LengthFact {
  readonly is: 'length';
  readonly protocol: number;
  readonly element: string;
  readonly bytes: number;
}

/** A message meant for people or for a log server: a trap, a line of a log. Told for each. */
export interface NoticeFact {
  readonly is: 'notice';
  readonly protocol: number;
  readonly name: 'snmp.trap' | 'syslog.message';
  /** What it says, one line. */
  readonly text: string;
}

/** A program showed a fingerprint: how it offers to encrypt tells programs apart, whatever they say they are. */
export interface FingerprintFact {
  readonly is: 'fingerprint';
  readonly protocol: number;
  /** `ja4` of a TLS client; `hassh` and `hassh-server` of the two sides of SSH. */
  readonly kind: 'ja4' | 'hassh' | 'hassh-server';
  readonly value: string;
  /** What came with it: the server name asked for, the software an SSH side names; empty without. */
  readonly about: string;
}

/** The sender showed a certificate in clear. */
export interface CertificateFact {
  readonly is: 'certificate';
  readonly protocol: number;
  /** Distinguished names, most specific part first: `CN=plc7, O=Works`. */
  readonly subject: string;
  readonly issuer: string;
  /** Seconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** Subject alternative names: hosts and addresses. */
  readonly names: readonly string[];
}

export type Fact =
  | FingerprintFact
  | CertificateFact
  | ViolationFact
  | FailureFact
  | ActionFact
  | IndicationFact
  | ConditionFact
  | IdentityFact
  | LoginFact
  | NameFact
  | ArpFact
  | NeighborFact
  | LeaseFact
  | HttpFact
  | IcmpFact
  | TransferFact
  | RemoteFact
  | LengthFact
  | NoticeFact;

/**
 * The receiver of facts, and where the message stands. One object is reused for every message; a dissector keeps no
 * reference to it.
 */
export interface Facts {
  /** Sent by the client of the flow (the side that opened it). */
  readonly toServer: boolean;
  /** Sent to a multicast or broadcast address. */
  readonly toGroup: boolean;
  /** Outermost 802.1Q VLAN id of the frame that completed the message, -1 when it is untagged. */
  readonly vlan: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Frame that completed the message, and its time: seconds since 1970. */
  readonly frame: number;
  readonly seconds: number;
  /** The whole frame was captured; false when the capture cut it short (then missing bytes are no violation). */
  readonly complete: boolean;
  /**
   * Whatever the dissector wants to remember for this flow, undefined at first. Allocate once per flow, bound what
   * grows, and keep it small: a plant has tens of thousands of flows.
   */
  state: unknown;
  /** True when `field` counts; dissectors skip the work of listing fields otherwise. */
  readonly countsFields: boolean;

  /** Counts a field under Wireshark's display-filter name, each occurrence as `tshark -E occurrence=a` lists it. Values as tshark prints them in `-T fields`. */
  field(name: string, value: number | string): void;

  /** One message (PDU) was read. Called first, before the facts about it. `code` names the operation within the protocol. */
  message(protocol: number, code: number, role: Role): void;

  /** The message uses something the baseline learns. */
  use(aspect: Aspect, a: number, b: number): void;

  /** The message touches `count` items from `first` on, within `key`. */
  useRange(aspect: Aspect, key: number, first: number, count: number): void;

  /** True while a custom rule wants to know more of this message; dissectors skip the work of stating details otherwise. */
  readonly wantsDetails: boolean;

  /** A number that only custom rules ask for, or all from `low` to `high`. Details of one item come in the order of their numbers. */
  detail(detail: Detail, low: number, high?: number): void;

  /** The same for a text. */
  detailText(detail: Detail, text: string): void;

  /** A stable small number for a text (bounded: beyond the bound all texts share one number). */
  intern(text: string): number;

  /** As `intern`, of the text that `bytes[start, end)` spell: `text` makes it, and is asked only when these bytes are new. */
  internSpelled(bytes: Uint8Array, start: number, end: number, text: Spelling): number;

  /** Anything rare. */
  tell(fact: Fact): void;
}
