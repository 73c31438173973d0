/** Services and response codes of ANSI C12.22 (IEEE 1703), as Wireshark numbers `c1222.cmd` and `c1222.err`. */
export const Service = {
  Identify: 0x20,
  Terminate: 0x21,
  Disconnect: 0x22,
  FullWrite: 0x40,
  DefaultWrite: 0x4e,
  PartialWrite: 0x4f,
  Logon: 0x50,
  Security: 0x51,
  Logoff: 0x52,
  Authenticate: 0x53,
} as const;

const SERVICES: Readonly<Record<number, string>> = {
  0x20: 'Identify',
  0x21: 'Terminate',
  0x22: 'Disconnect',
  0x30: 'Full Read',
  0x3e: 'Default Read',
  0x3f: 'Partial Read By Offset',
  0x40: 'Full Write',
  0x4e: 'Default Write',
  0x4f: 'Partial Write By Offset',
  0x50: 'Logon',
  0x51: 'Security',
  0x52: 'Logoff',
  0x53: 'Authenticate',
  0x60: 'Negotiate',
  0x70: 'Wait',
  0x71: 'Timing Setup',
};
const RESPONSES: readonly string[] =
  'OK,Error,Service Not Supported,Insufficient Security Clearance,Operation Not Possible,Inappropriate Action Requested,Device Busy,Data Not Ready,Data Locked,Renegotiate Request,Invalid Service Sequence State,Security Mechanism Error,Unknown Application Title,Network Time-out,Network Not Reachable,Request Too Large,Response Too Large,Segmentation Not Possible,Segmentation Error'.split(
    ',',
  );

/** Reads by index and writes by index carry the number of indices in the service. */
export const isRead = (service: number): boolean => service >= 0x30 && service <= 0x3f;
export const isWrite = (service: number): boolean => service >= 0x40 && service <= 0x4f;
export const isResponse = (code: number): boolean => code < 0x20;
export const responseName = (code: number): string => RESPONSES[code] ?? `response ${code}`;

/** Operation code of an answer whose request was not seen, and of what is encrypted. */
export const ANSWER = 0x100;
export const ENCRYPTED = 0x101;
export function serviceName(code: number): string {
  if (code === ANSWER) return 'Answer';
  if (code === ENCRYPTED) return 'Encrypted';
  const name = SERVICES[code];
  if (name) return name;
  if (isRead(code)) return `Partial Read With ${code - 0x30} Indices`;
  if (isWrite(code)) return `Partial Write With ${code - 0x40} Indices`;
  return code > 0x60 && code <= 0x6b ? `Negotiate With ${code - 0x60} Baud Rates` : `Service 0x${code.toString(16)}`;
}

/** What a C12.22 message can break. */
export const VIOLATIONS = {
  /** Elements of the application layer that do not fit into one another. */
  'c1222.length': { malformed: true },
} as const;
