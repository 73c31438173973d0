/** Commands of FTP (RFC 959, RFC 2228, RFC 2389, RFC 3659); the operation code of a command is its position, 0 any other. */
export const COMMANDS = (
  ' USER PASS ACCT CWD CDUP SMNT QUIT REIN PORT PASV TYPE STRU MODE RETR STOR STOU APPE ALLO REST RNFR RNTO ABOR DELE RMD MKD PWD LIST NLST SITE SYST STAT HELP NOOP ' +
  'AUTH PBSZ PROT CCC MIC CONF ENC ADAT FEAT OPTS SIZE MDTM MLST MLSD EPRT EPSV LPRT LPSV HOST CLNT XCWD XCUP XPWD XMKD XRMD LANG MFMT XCRC XSHA1'
).split(' ');

const codes: ReadonlyMap<string, number> = new Map(COMMANDS.map((command, code) => [command, code]));
export const commandCode = (command: string): number => codes.get(command) ?? 0;
/** Replies carry the code of the command they answer; 0 without one (the greeting). */
export const commandName = (code: number): string => COMMANDS[code] || 'Other command';

/** Reply codes that decide a login (RFC 959, 4.2.1 and 5.4). */
export const Reply = { Accepted: 230, Refused: 530, InvalidUser: 430, SecurityAccepted: 234 } as const;
