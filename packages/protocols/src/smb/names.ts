/** Commands, status codes and violations of SMB 1 (MS-CIFS, MS-SMB) and of SMB 2 and 3 (MS-SMB2), and the codes of our operations. */

/** Commands of SMB 1 that are read (MS-CIFS, 2.2.2.1). */
export const Command1 = {
  Close: 0x04,
  Transaction: 0x25,
  TransactionSecondary: 0x26,
  OpenAndX: 0x2d,
  ReadAndX: 0x2e,
  WriteAndX: 0x2f,
  Transaction2: 0x32,
  Transaction2Secondary: 0x33,
  Negotiate: 0x72,
  SessionSetupAndX: 0x73,
  TreeConnectAndX: 0x75,
  NtTransact: 0xa0,
  NtTransactSecondary: 0xa1,
  NtCreateAndX: 0xa2,
} as const;

const names1: Readonly<Record<number, string>> = {
  0x04: 'Close',
  0x25: 'Trans',
  0x26: 'Trans Secondary',
  0x2b: 'Echo',
  0x2d: 'Open AndX',
  0x2e: 'Read AndX',
  0x2f: 'Write AndX',
  0x32: 'Trans2',
  0x33: 'Trans2 Secondary',
  0x71: 'Tree Disconnect',
  0x72: 'Negotiate Protocol',
  0x73: 'Session Setup AndX',
  0x74: 'Logoff AndX',
  0x75: 'Tree Connect AndX',
  0xa0: 'NT Trans',
  0xa1: 'NT Trans Secondary',
  0xa2: 'NT Create AndX',
};

/** Commands of SMB 2 that are read (MS-SMB2, 2.2.1). */
export const Command2 = { Negotiate: 0, SessionSetup: 1, TreeConnect: 3, Create: 5, Close: 6, Read: 8, Write: 9, Ioctl: 11 } as const;

const names2 =
  'Negotiate,Session Setup,Logoff,Tree Connect,Tree Disconnect,Create,Close,Flush,Read,Write,Lock,Ioctl,Cancel,Echo,Query Directory,Change Notify,Query Info,Set Info,Oplock Break'.split(
    ',',
  );

/** SMB2 commands are told from SMB1's by this bit. */
export const VERSION2 = 0x100;
export const ENCRYPTED = 0x200;
export const SESSION_SERVICE = 0x300;

export function operationName(code: number): string {
  if (code === ENCRYPTED) return 'Encrypted';
  if (code === SESSION_SERVICE) return 'NetBIOS session service';
  if (code & VERSION2) return names2[code & 0xff] ?? `SMB2 command ${code & 0xff}`;
  return names1[code] ?? `SMB command 0x${code.toString(16)}`;
}

/** Control code of a request and its answer on a pipe in one (MS-FSCC, 2.3). */
export const PIPE_TRANSCEIVE = 0x0011c017;
/** Subcommand of Trans on a pipe (MS-CIFS, 2.2.5) and of Trans2 that exists in name only (2.2.6.15). */
export const TRANSACT_PIPE = 0x26;
export const TRANS2_SESSION_SETUP = 0x0e;

/** Status codes by which a sign-in is refused (MS-ERREF, 2.3.1). */
const REFUSALS: ReadonlySet<number> = new Set([
  0xc0000022, 0xc0000064, 0xc000006a, 0xc000006d, 0xc000006e, 0xc000006f, 0xc0000070, 0xc0000071, 0xc0000072, 0xc0000133, 0xc000015b,
  0xc0000193, 0xc0000224, 0xc0000234,
]);
export const refusesSignIn = (status: number): boolean => REFUSALS.has(status);
export const MORE_PROCESSING = 0xc0000016;
export const BUFFER_OVERFLOW = 0x80000005;

/** What an SMB message can break. `malformed`: the bytes do not fit. */
export const VIOLATIONS = {
  /** Counts and offsets of a session set-up or a transaction that cannot be (MS-CIFS, 2.2.4.53, 2.2.4.33, 2.2.4.46; MS-SMB, 2.2.4.6): what EternalBlue and EternalRomance send. */
  'smb.parameter-length': { malformed: true },
  /** A transaction is continued by the secondary message of another kind (MS-CIFS, 2.2.4.47, 2.2.4.63). */
  'smb.transaction-sequence': { malformed: false },
  /** A Trans2 Session Setup, which no server implements, is answered with another multiplex id than asked: DoublePulsar says so that it is there. */
  'smb.implant-answer': { malformed: false },
} as const;
export type SmbViolation = keyof typeof VIOLATIONS;
