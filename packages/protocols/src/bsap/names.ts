/**
 * BSAP over IP of Bristol Babcock controllers (Emerson D301401X012, BSAP Communications Application Programmer's Reference): functions
 * of a message, application functions, and functions of the remote data base.
 */
export const MessageFunction = {
  Acknowledge: 0x0000,
  Response1: 0x0001,
  Response: 0x0005,
  Request: 0x0006,
  Request1: 0x0084,
  Request2: 0x0086,
} as const;
const MESSAGES: Readonly<Record<number, string>> = {
  0: 'Acknowledge',
  1: 'Response',
  5: 'Response',
  6: 'Request',
  0x84: 'Request',
  0x86: 'Request',
};
export const isMessageFunction = (code: number): boolean => MESSAGES[code] !== undefined;

const APPLICATIONS: Readonly<Record<number, string>> = {
  0x03: 'PEI PC',
  0x40: 'PEI RTU',
  0x48: 'Diagnostics',
  0x60: 'Communications',
  0x68: 'Flash Download',
  0x6a: 'Flash Configuration',
  0x70: 'Command Handler',
  0x78: 'Download',
  0x88: 'Time And Routing Table',
  0xa0: 'Remote Data Base',
  0xa1: 'Remote Data Base Extension',
  0xa2: 'Report By Exception',
  0xa3: 'Report By Exception Manager',
  0xa8: 'Alarm Acknowledge',
  0xa9: 'Alarm Initialization',
  0xaa: 'Alarm Report',
  0xb0: 'Peer-to-peer Client',
  0xb1: 'Peer-to-peer Server',
};
export const Application = { FlashDownload: 0x68, FlashConfiguration: 0x6a, Download: 0x78, DataBase: 0xa0 } as const;

const DATA_BASE: Readonly<Record<number, string>> = {
  0x00: 'Read Signal By Address',
  0x02: 'Read Logical By Address',
  0x04: 'Read Signal By Name',
  0x06: 'Read Logical By Name',
  0x0c: 'Read Signals Of List',
  0x0d: 'Read More Signals Of List',
  0x0e: 'Read Logicals Of List',
  0x0f: 'Read More Logicals Of List',
  0x80: 'Write Signal By Address',
  0x84: 'Write Signal By Name',
  0x8c: 'Write Signals Of List',
  0x8d: 'Write More Signals Of List',
};
export const isWrite = (code: number): boolean => code >= 0x80 && DATA_BASE[code] !== undefined;

/** Operation codes: application function << 8 | function of the remote data base; messages without an application function. */
export const MESSAGE = 0x10000;
export function operationName(code: number): string {
  if (code >= MESSAGE) return MESSAGES[code - MESSAGE] ?? `Message 0x${(code - MESSAGE).toString(16)}`;
  const application = code >> 8;
  if (application === Application.DataBase) return DATA_BASE[code & 0xff] ?? `Remote data base function 0x${(code & 0xff).toString(16)}`;
  return APPLICATIONS[application] ?? `Application function 0x${application.toString(16)}`;
}

/** What a BSAP message can break. */
export const VIOLATIONS = {
  /** The length in the header is not what follows. */
  'bsap.length': { malformed: true },
} as const;
