/** Names and numbers of PROFINET (IEC 61158-6-10, IEC 61784-2): frame ids, DCP services and blocks, context manager. */

export const ETHERTYPE = 0x8892;

/** Frame ids of DCP. */
export const DcpFrame = { Hello: 0xfefc, GetSet: 0xfefd, IdentifyRequest: 0xfefe, IdentifyResponse: 0xfeff } as const;

/** Ranges of frame ids: first, last, what they carry. What lies between them is reserved. */
const RANGES: readonly (readonly [first: number, last: number, title: string])[] = [
  [0x0020, 0x0021, 'Clock synchronisation with follow-up'],
  [0x0080, 0x0081, 'Clock synchronisation'],
  [0x0100, 0x06ff, 'Cyclic data, RT class 3'],
  [0x0700, 0x0fff, 'Cyclic data, RT class 3, redundant'],
  [0x8000, 0xbbff, 'Cyclic data, RT class 2'],
  [0xbc00, 0xbfff, 'Cyclic data, RT class 2, multicast'],
  [0xc000, 0xf7ff, 'Cyclic data, RT class 1'],
  [0xf800, 0xfbff, 'Cyclic data, RT class 1, multicast'],
  [0xfc01, 0xfc01, 'Alarm, high priority'],
  [0xfe01, 0xfe01, 'Alarm, low priority'],
  [0xfe02, 0xfe02, 'Remote service interface'],
  [DcpFrame.Hello, DcpFrame.Hello, 'DCP Hello'],
  [DcpFrame.GetSet, DcpFrame.GetSet, 'DCP Get or Set'],
  [DcpFrame.IdentifyRequest, DcpFrame.IdentifyRequest, 'DCP Identify request'],
  [DcpFrame.IdentifyResponse, DcpFrame.IdentifyResponse, 'DCP Identify response'],
  [0xff00, 0xff01, 'Clock announcement'],
  [0xff20, 0xff21, 'Clock follow-up'],
  [0xff22, 0xff22, 'Clock follow-up'],
  [0xff40, 0xff43, 'Delay measurement'],
  [0xff80, 0xff8f, 'Fragment'],
];

/** Class of a frame id: the number of its range, or -1 when it is reserved. Hot: the ranges of cyclic data are asked first. */
export function rangeOf(frameId: number): number {
  if (frameId >= 0xc000 && frameId <= 0xf7ff) return RT_CLASS_1;
  if (frameId >= 0x8000 && frameId <= 0xbbff) return RT_CLASS_2;
  for (let i = 0; i < RANGES.length; i++) if (frameId >= RANGES[i][0] && frameId <= RANGES[i][1]) return i;
  return -1;
}
const RT_CLASS_1 = 6;
const RT_CLASS_2 = 4;

/** First frame id of a range: names it in the baseline and in operations. */
export const firstOf = (range: number): number => RANGES[range][0];
/** What the range beginning with this frame id carries. */
export const frameTitle = (first: number): string =>
  RANGES.find((range) => range[0] === first)?.[2] ?? `Frame 0x${first.toString(16).padStart(4, '0')}`;
/** Frames that end with cycle counter, data status and transfer status. */
export const isCyclic = (range: number): boolean => range >= 2 && range <= 7;

export const DcpService = { Get: 3, Set: 4, Identify: 5, Hello: 6 } as const;
const services: Readonly<Record<number, string>> = { 3: 'Get', 4: 'Set', 5: 'Identify', 6: 'Hello' };
export const dcpServiceName = (service: number): string => `DCP ${services[service] ?? `service ${service}`}`;
export const isDcpService = (service: number): boolean => service in services;

export const ServiceType = { Request: 0, Success: 1, Unsupported: 5 } as const;

/** Options of DCP blocks, and the suboptions that matter here. */
export const Option = { Ip: 1, Device: 2, Dhcp: 3, Control: 5, Initiative: 6, All: 255 } as const;
export const DeviceBlock = { TypeOfStation: 1, NameOfStation: 2, DeviceId: 3, Role: 4 } as const;
export const ControlBlock = { Signal: 3, Response: 4, FactoryReset: 5, ResetToFactory: 6 } as const;

const blocks: Readonly<Record<number, string>> = {
  0x0101: 'MAC address',
  0x0102: 'IP parameters',
  0x0103: 'IP parameters and name servers',
  0x0201: 'type of station',
  0x0202: 'name of station',
  0x0203: 'device id',
  0x0204: 'device role',
  0x0205: 'device options',
  0x0206: 'alias name',
  0x0207: 'device instance',
  0x0208: 'OEM device id',
  0x0501: 'start of a transaction',
  0x0502: 'end of a transaction',
  0x0503: 'signal',
  0x0505: 'factory reset',
  0x0506: 'reset to factory',
  0x0601: 'device initiative',
};
export const blockName = (option: number, suboption: number): string =>
  blocks[(option << 8) | suboption] ?? (option === Option.Dhcp ? `DHCP option ${suboption}` : `block ${option}/${suboption}`);

/** Errors of a block in a response (IEC 61158-6-10, 4.3.1.4.3). */
const blockErrors = [
  'no error',
  'option not supported',
  'suboption not supported or no data set available',
  'suboption not set',
  'resource error',
  'set not possible by local reasons',
  'set not possible in operation',
];
/** Code under which a service that is not supported is told; block errors are bytes. */
export const NOT_SUPPORTED = 0x100;
export const blockErrorName = (error: number): string =>
  error === NOT_SUPPORTED ? 'service not supported' : (blockErrors[error] ?? `block error ${error}`);

/** Vendor ids given by PROFIBUS & PROFINET International. */
const vendors: Readonly<Record<number, string>> = {
  0x002a: 'Siemens',
  0x00b0: 'Phoenix Contact',
  0x010c: 'HMS Industrial Networks',
  0x011d: 'WAGO',
  0x011e: 'Hilscher',
  0x0120: 'Beckhoff',
};
export const vendorName = (vendor: number): string => vendors[vendor] ?? `PROFINET vendor 0x${vendor.toString(16).padStart(4, '0')}`;

/** Operations of the context manager (IEC 61158-6-10, 4.10). */
export const Opnum = { Connect: 0, Release: 1, Read: 2, Write: 3, Control: 4, ReadImplicit: 5 } as const;
const operations = ['Connect', 'Release', 'Read', 'Write', 'Control', 'ReadImplicit'];
export const opnumName = (opnum: number): string => operations[opnum] ?? `Operation ${opnum}`;

/** What a PROFINET message can break. `malformed`: the bytes do not fit. */
export const VIOLATIONS = {
  /** A frame without room for a frame id, or cyclic data without its status. */
  'profinet-rt.short-frame': { malformed: true },
  /** A frame id that the standard reserves. */
  'profinet-rt.reserved-frame-id': { malformed: false },
  /** A DCP message shorter than its header, or than its length says. */
  'profinet-dcp.length-mismatch': { malformed: true },
  /** A DCP block goes past the end, or is too short for what it holds. */
  'profinet-dcp.block-length': { malformed: true },
  /** A service id or service type that the standard does not have, or that does not belong to the frame id. */
  'profinet-dcp.service': { malformed: false },
  /** Arguments of the context manager shorter than they say. */
  'profinet-io.length-mismatch': { malformed: true },
  /** An operation of the context manager that the standard does not have. */
  'profinet-io.unknown-operation': { malformed: false },
} as const;
export type ProfinetViolation = keyof typeof VIOLATIONS;
