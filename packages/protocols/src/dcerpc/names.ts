/** Names and numbers of DCE/RPC (The Open Group C706, chapter 12; MS-RPCE). */

/** Packet types; both forms of the protocol share the numbers, each uses some. */
export const PacketType = {
  Request: 0,
  Ping: 1,
  Response: 2,
  Fault: 3,
  Working: 4,
  NoCall: 5,
  Reject: 6,
  Ack: 7,
  ClCancel: 8,
  Fack: 9,
  CancelAck: 10,
  Bind: 11,
  BindAck: 12,
  BindNak: 13,
  AlterContext: 14,
  AlterContextResponse: 15,
  Auth3: 16,
  Shutdown: 17,
  CoCancel: 18,
  Orphaned: 19,
} as const;

const packetTypes = [
  'Request',
  'Ping',
  'Response',
  'Fault',
  'Working',
  'No call',
  'Reject',
  'Acknowledge',
  'Cancel',
  'Fragment acknowledge',
  'Cancel acknowledge',
  'Bind',
  'Bind acknowledge',
  'Bind refused',
  'Alter context',
  'Alter context response',
  'Authentication 3',
  'Shutdown',
  'Cancel',
  'Orphaned',
];
export const packetTypeName = (type: number): string => packetTypes[type] ?? `Packet type ${type}`;

/** Interfaces that plants and Windows use, by UUID. */
const interfaces: Readonly<Record<string, string>> = {
  'e1af8308-5d1f-11c9-91a4-08002b14a0fa': 'endpoint mapper',
  '99fcfec4-5260-101b-bbcb-00aa0021347a': 'IOXIDResolver',
  '000001a0-0000-0000-c000-000000000046': 'ISystemActivator',
  '00000131-0000-0000-c000-000000000046': 'IRemUnknown',
  '00000143-0000-0000-c000-000000000046': 'IRemUnknown2',
  '13486d50-4821-11d2-a494-3cb306c10000': 'IOPCServerList',
  '39c13a4d-011e-11d0-9675-0020afd8adb3': 'IOPCServer',
  '367abb81-9844-35f1-ad32-98f038001003': 'svcctl',
  '86d35949-83c9-4044-b424-db363231fd0c': 'ITaskSchedulerService',
  '1ff70682-0a51-30e8-076d-740be8cee98b': 'atsvc',
  '4b324fc8-1670-01d3-1278-5a47bf6ee188': 'srvsvc',
  '6bffd098-a112-3610-9833-46c3f87e345a': 'wkssvc',
  '12345778-1234-abcd-ef00-0123456789ac': 'samr',
  '12345778-1234-abcd-ef00-0123456789ab': 'lsarpc',
  '12345678-1234-abcd-ef00-01234567cffb': 'netlogon',
  '338cd001-2244-31f1-aaaa-900038001003': 'winreg',
  '12345678-1234-abcd-ef00-0123456789ab': 'spoolss',
  'dea00001-6c97-11d1-8271-00a02442df7d': 'PROFINET IO device',
  'dea00002-6c97-11d1-8271-00a02442df7d': 'PROFINET IO controller',
  'dea00003-6c97-11d1-8271-00a02442df7d': 'PROFINET IO supervisor',
  'dea00004-6c97-11d1-8271-00a02442df7d': 'PROFINET IO parameter server',
};
/** Name of an interface, or its UUID. */
export const interfaceName = (uuid: string): string => interfaces[uuid] ?? uuid;

/** Status codes of faults and rejections (C706, appendix N; MS-ERREF). */
const statuses: Readonly<Record<number, string>> = {
  0x00000005: 'access denied',
  0x1c000002: 'address error',
  0x1c010002: 'operation number out of range',
  0x1c010003: 'unknown interface',
  0x1c010009: 'wrong boot time',
  0x1c01000b: 'protocol error',
  0x1c010013: 'output arguments too large',
  0x1c010014: 'server too busy',
  0x1c010017: 'unsupported type',
  0x1c00000e: 'invalid tag',
  0x1c000015: 'cancelled',
  0x1c00001a: 'context mismatch',
  0x000006f7: 'bad stub data',
  0x000006bf: 'call failed, not executed',
};
export function statusText(status: number): string {
  const hex = `0x${(status >>> 0).toString(16).padStart(8, '0')}`;
  const name = statuses[status];
  return name === undefined ? hex : `${name} (${hex})`;
}

/** What a DCE/RPC packet can break. `malformed`: the bytes do not fit. */
export const VIOLATIONS = {
  /** A version other than 4 (datagrams) or 5.0 and 5.1 (streams). */
  'dcerpc.version': { malformed: false },
  /** A packet type that the form of the protocol does not have. */
  'dcerpc.packet-type': { malformed: false },
  /** The fragment length is shorter than the header of its type, or goes past the datagram. */
  'dcerpc.fragment-length': { malformed: true },
  /** A bind announces more contexts or syntaxes than it holds. */
  'dcerpc.bind-length': { malformed: true },
} as const;
export type DcerpcViolation = keyof typeof VIOLATIONS;
