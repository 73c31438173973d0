/** Names of DNP3 (IEEE 1815-2012) and of what this dissector says is wrong with a message. */

/** Application function codes (4.2.2.5, annex A). */
export const Function = {
  Confirm: 0,
  Read: 1,
  Write: 2,
  Select: 3,
  Operate: 4,
  DirectOperate: 5,
  DirectOperateNoResponse: 6,
  FreezeAtTime: 11,
  FreezeAtTimeNoResponse: 12,
  ColdRestart: 13,
  WarmRestart: 14,
  InitializeData: 15,
  InitializeApplication: 16,
  StartApplication: 17,
  StopApplication: 18,
  SaveConfiguration: 19,
  AssignClass: 22,
  OpenFile: 25,
  CloseFile: 26,
  DeleteFile: 27,
  GetFileInformation: 28,
  ActivateConfiguration: 31,
  AuthenticateRequest: 32,
  AuthenticateRequestNoResponse: 33,
  Response: 129,
  UnsolicitedResponse: 130,
  AuthenticateResponse: 131,
} as const;

/** Codes given to `message` for frames without an application function: primary and secondary link functions, and the rest. */
export const LINK_PRIMARY = 0x100;
export const LINK_SECONDARY = 0x200;
export const SEGMENT = 0x300;
export const UNREADABLE = 0x301;

const FUNCTION_NAMES: readonly string[] = [
  'Confirm',
  'Read',
  'Write',
  'Select',
  'Operate',
  'Direct Operate',
  'Direct Operate, No Response',
  'Immediate Freeze',
  'Immediate Freeze, No Response',
  'Freeze and Clear',
  'Freeze and Clear, No Response',
  'Freeze at Time',
  'Freeze at Time, No Response',
  'Cold Restart',
  'Warm Restart',
  'Initialize Data (obsolete)',
  'Initialize Application',
  'Start Application',
  'Stop Application',
  'Save Configuration (obsolete)',
  'Enable Unsolicited Responses',
  'Disable Unsolicited Responses',
  'Assign Class',
  'Delay Measurement',
  'Record Current Time',
  'Open File',
  'Close File',
  'Delete File',
  'Get File Information',
  'Authenticate File',
  'Abort File Transfer',
  'Activate Configuration',
  'Authentication Request',
  'Authentication Request, No Response',
];

const OTHER_NAMES: Readonly<Record<number, string>> = {
  129: 'Response',
  130: 'Unsolicited Response',
  131: 'Authentication Response',
  [SEGMENT]: 'Transport segment',
  [UNREADABLE]: 'Unreadable frame',
};

const PRIMARY_NAMES: Readonly<Record<number, string>> = {
  0: 'Reset Link States',
  1: 'Reset User Process (obsolete)',
  2: 'Test Link States',
  3: 'Confirmed User Data',
  4: 'Unconfirmed User Data',
  9: 'Request Link Status',
};

const SECONDARY_NAMES: Readonly<Record<number, string>> = { 0: 'ACK', 1: 'NACK', 11: 'Link Status', 15: 'Not Supported' };

export function isLinkFunction(primary: boolean, code: number): boolean {
  return (primary ? PRIMARY_NAMES : SECONDARY_NAMES)[code] !== undefined;
}

/** `Direct Operate`, `Link: Reset Link States`. */
export function functionName(code: number): string {
  const name = FUNCTION_NAMES[code] ?? OTHER_NAMES[code];
  if (name !== undefined) return name;
  if (code >= LINK_SECONDARY) return `Link: ${SECONDARY_NAMES[code & 0xff] ?? `function ${code & 0xff} (reserved)`}`;
  if (code >= LINK_PRIMARY) return `Link: ${PRIMARY_NAMES[code & 0xff] ?? `function ${code & 0xff} (reserved)`}`;
  return `Function ${code} (reserved)`;
}

/** Codes that only a master sends. */
export function isRequest(code: number): boolean {
  return code >= Function.Read && code <= Function.AuthenticateRequestNoResponse;
}

/** Codes that only an outstation sends. */
export function isResponse(code: number): boolean {
  return code >= Function.Response && code <= Function.AuthenticateResponse;
}

/** Requests that no outstation answers. */
export function expectsNoResponse(code: number): boolean {
  return code === 6 || code === 8 || code === 10 || code === 12 || code === 33 || code === Function.Confirm;
}

/** Internal indications (4.2.2.6) by bit: IIN1.0 is 0, IIN2.0 is 8. */
export const INDICATION_NAMES = [
  'all stations',
  'class 1 events',
  'class 2 events',
  'class 3 events',
  'need time',
  'local control',
  'device trouble',
  'device restart',
  'function code not supported',
  'object unknown',
  'parameter error',
  'event buffer overflow',
  'already executing',
  'configuration corrupt',
  'reserved (IIN2.6)',
  'reserved (IIN2.7)',
] as const;

/** What can be wrong with a message, and whether the bytes do not fit (malformed) or a well-formed value is not allowed. */
export const VIOLATIONS = {
  /** Bytes between frames that do not begin with 0x0564. */
  'dnp3.start-bytes': { malformed: true },
  /** The length field is below 5, or a datagram ends before its frame does. */
  'dnp3.length': { malformed: true },
  /** The checksum of the link header is wrong. */
  'dnp3.header-crc': { malformed: true },
  /** The checksum of a data block is wrong. */
  'dnp3.block-crc': { malformed: true },
  /** A reserved function of the link layer. */
  'dnp3.link-function': { malformed: false },
  /** A frame with user data carries none, or one without user data carries some. */
  'dnp3.link-data': { malformed: true },
  /** A transport segment that does not continue the one before it, or continues nothing. */
  'dnp3.transport-sequence': { malformed: true },
  /** Segments of one fragment exceed what is put together. */
  'dnp3.fragment-too-long': { malformed: true },
  /** A fragment without function code, or a response without internal indications. */
  'dnp3.application-length': { malformed: true },
  /** A function code that the standard reserves. */
  'dnp3.reserved-function': { malformed: false },
  /** A response, unsolicited response or authentication response from a master (DIR 1). */
  'dnp3.response-from-master': { malformed: false },
  /** A request from an outstation (DIR 0). */
  'dnp3.request-from-outstation': { malformed: false },
  /** A request with the CON bit: masters must not ask for application confirmation. */
  'dnp3.confirm-requested': { malformed: false },
  /** Initialize Data (15) is obsolete. */
  'dnp3.initialize-data': { malformed: false },
  /** Save Configuration (19) is obsolete. */
  'dnp3.save-configuration': { malformed: false },
  /** IIN2.6 or IIN2.7 is set. */
  'dnp3.reserved-indication': { malformed: false },
  /** An object group or variation that the standard does not define. */
  'dnp3.unknown-object': { malformed: false },
  /** A qualifier with reserved bits or an impossible pair of prefix and range. */
  'dnp3.qualifier': { malformed: true },
  /** A range that stops before it starts. */
  'dnp3.range': { malformed: true },
  /** An object header runs past the fragment. */
  'dnp3.object-header': { malformed: true },
  /** The objects of a header run past the fragment. */
  'dnp3.object-length': { malformed: true },
} as const satisfies Record<string, { malformed: boolean }>;
export type Dnp3Violation = keyof typeof VIOLATIONS;
