/**
 * Names and numbers of EtherNet/IP: the encapsulation of CIP over TCP and UDP (ODVA, THE CIP NETWORKS LIBRARY volume 2,
 * chapter 2).
 */

/** Encapsulation commands (volume 2, table 2-3.2). */
export const Command = {
  Nop: 0x0000,
  ListTargets: 0x0001,
  ListServices: 0x0004,
  ListIdentity: 0x0063,
  ListInterfaces: 0x0064,
  RegisterSession: 0x0065,
  UnregisterSession: 0x0066,
  SendRRData: 0x006f,
  SendUnitData: 0x0070,
  IndicateStatus: 0x0072,
  Cancel: 0x0073,
  StartDtls: 0x00c8,
} as const;

const commandNames: Readonly<Record<number, string>> = {
  [Command.Nop]: 'NOP',
  [Command.ListTargets]: 'List Targets',
  [Command.ListServices]: 'List Services',
  [Command.ListIdentity]: 'List Identity',
  [Command.ListInterfaces]: 'List Interfaces',
  [Command.RegisterSession]: 'Register Session',
  [Command.UnregisterSession]: 'Unregister Session',
  [Command.SendRRData]: 'Send RR Data',
  [Command.SendUnitData]: 'Send Unit Data',
  [Command.IndicateStatus]: 'Indicate Status',
  [Command.Cancel]: 'Cancel',
  [Command.StartDtls]: 'Start DTLS',
};

export function isCommand(command: number): boolean {
  return commandNames[command] !== undefined;
}

/** `Register Session` of 0x65; others keep their number. */
export function commandName(command: number): string {
  return commandNames[command] ?? `Command ${hex4(command)}`;
}

/** Encapsulation status codes (volume 2, table 2-3.3). */
const statusNames: Readonly<Record<number, string>> = {
  0x0000: 'Success',
  0x0001: 'Invalid or unsupported command',
  0x0002: 'Insufficient memory',
  0x0003: 'Incorrect data',
  0x0064: 'Invalid session handle',
  0x0065: 'Invalid length',
  0x0069: 'Unsupported protocol revision',
  0x006a: 'Encapsulated service not allowed on this port',
};

export function isStatus(status: number): boolean {
  return statusNames[status] !== undefined;
}

export function statusName(status: number): string {
  return statusNames[status] ?? `Status ${hex8(status)}`;
}

/** Types of items of the common packet format (volume 2, table 2-6.3). */
export const Item = {
  NullAddress: 0x0000,
  ListIdentity: 0x000c,
  ConnectedAddress: 0x00a1,
  ConnectedData: 0x00b1,
  UnconnectedData: 0x00b2,
  ListServices: 0x0100,
  SocketToTarget: 0x8000,
  SocketToOriginator: 0x8001,
  SequencedAddress: 0x8002,
} as const;

/** The only protocol version of Register Session. */
export const PROTOCOL_VERSION = 1;

/** What the encapsulation and CIP dissectors call wrong, and how it reads. */
export const VIOLATIONS = {
  'enip.unknown-command': 'The encapsulation command does not exist',
  'enip.length-mismatch': 'The encapsulation length does not match the datagram or the items in it',
  'enip.item-overrun': 'An item of the common packet format runs past the message',
  'enip.item-order': 'Address and data items do not fit together',
  'enip.protocol-version': 'Register Session asks for a protocol version that does not exist',
  'enip.options': 'The options field is not zero',
  'cip.short-message': 'The CIP message ends before its fixed part',
  'cip.path-overrun': 'The request path runs past the message',
  'cip.path-segment': 'The request path holds a segment that cannot be read',
  'cip.status-overrun': 'The additional status runs past the message',
  'cip.embedded-length': 'An embedded message runs past the message around it',
  'cip.packet-offset': 'An offset of a Multiple Service Packet points outside the packet or backwards',
  'cip.nesting': 'Messages are embedded in messages too deep',
  'pccc.short-message': 'The PCCC message ends before its fixed part',
  'cip-io.item-mismatch': 'An I/O datagram is not one sequenced address item and one connected data item',
} as const;
export type ViolationName = keyof typeof VIOLATIONS;

const byte2: readonly string[] = Array.from({ length: 256 }, (_, value) => `0x${value.toString(16).padStart(2, '0')}`);

/** `0x0a`: from a table, because every message carries some. */
export function hex2(value: number): string {
  return byte2[value & 0xff] ?? '0x00';
}

/** `0x006f` */
export function hex4(value: number): string {
  return `0x${value.toString(16).padStart(4, '0')}`;
}

/** `0x00000000` */
export function hex8(value: number): string {
  return value === 0 ? '0x00000000' : `0x${(value >>> 0).toString(16).padStart(8, '0')}`;
}
