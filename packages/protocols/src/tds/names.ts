/** Packet types and tokens of the Tabular Data Stream of Microsoft SQL Server (MS-TDS, 2.2.3.1.1 and 2.2.4), as Wireshark numbers `tds.type`. */
export const Packet = {
  Batch: 1,
  OldLogin: 2,
  Rpc: 3,
  Result: 4,
  Attention: 6,
  Bulk: 7,
  FederatedToken: 8,
  Transaction: 14,
  Login7: 16,
  Sspi: 17,
  PreLogin: 18,
} as const;

const names: Readonly<Record<number, string>> = {
  1: 'SQL batch',
  2: 'Login before version 7',
  3: 'Remote procedure call',
  4: 'Result',
  6: 'Attention',
  7: 'Bulk load',
  8: 'Federated token',
  14: 'Transaction manager request',
  16: 'Login',
  17: 'SSPI message',
  18: 'Pre-login',
};
export const isPacket = (type: number): boolean => names[type] !== undefined;
export const packetName = (type: number): string => names[type] ?? `Packet type ${type}`;

export const Token = {
  Error: 0xaa,
  Info: 0xab,
  LoginAcknowledged: 0xad,
  EnvironmentChange: 0xe3,
  FeatureExtension: 0xae,
  Done: 0xfd,
} as const;

/** Errors by which a sign-in is refused: wrong user or password, account locked or disabled, no access to the database. */
export const REFUSALS: ReadonlySet<number> = new Set([18452, 18456, 18470, 18486, 18487, 18488, 4060, 4064]);

/** Procedures that are called by number (MS-TDS, 2.2.6.6). */
const PROCEDURES: readonly string[] = [
  '',
  'sp_cursor',
  'sp_cursoropen',
  'sp_cursorprepare',
  'sp_cursorexecute',
  'sp_cursorprepexec',
  'sp_cursorunprepare',
  'sp_cursorfetch',
  'sp_cursoroption',
  'sp_cursorclose',
  'sp_executesql',
  'sp_prepare',
  'sp_execute',
  'sp_prepexec',
  'sp_prepexecrpc',
  'sp_unprepare',
];
export const procedureName = (number: number): string => PROCEDURES[number] ?? '';

/** What a TDS packet can break. */
export const VIOLATIONS = {
  /** A length shorter than the header, or fields of a login that lie outside it. */
  'tds.length': { malformed: true },
} as const;
