/** Record types, operation codes and response codes of DNS (IANA "Domain Name System Parameters"; RFC 1035) and of NetBIOS names (RFC 1002). */
export const Type = { A: 1, CNAME: 5, PTR: 12, HINFO: 13, TXT: 16, AAAA: 28, NB: 32, SRV: 33, OPT: 41 } as const;

const types: Readonly<Record<number, string>> = {
  1: 'A',
  2: 'NS',
  3: 'MD',
  4: 'MF',
  5: 'CNAME',
  6: 'SOA',
  7: 'MB',
  8: 'MG',
  9: 'MR',
  10: 'NULL',
  11: 'WKS',
  12: 'PTR',
  13: 'HINFO',
  14: 'MINFO',
  15: 'MX',
  16: 'TXT',
  17: 'RP',
  18: 'AFSDB',
  24: 'SIG',
  25: 'KEY',
  28: 'AAAA',
  29: 'LOC',
  32: 'NB',
  33: 'SRV',
  35: 'NAPTR',
  36: 'KX',
  37: 'CERT',
  39: 'DNAME',
  41: 'OPT',
  42: 'APL',
  43: 'DS',
  44: 'SSHFP',
  45: 'IPSECKEY',
  46: 'RRSIG',
  47: 'NSEC',
  48: 'DNSKEY',
  49: 'DHCID',
  50: 'NSEC3',
  51: 'NSEC3PARAM',
  52: 'TLSA',
  53: 'SMIMEA',
  55: 'HIP',
  59: 'CDS',
  60: 'CDNSKEY',
  61: 'OPENPGPKEY',
  62: 'CSYNC',
  64: 'SVCB',
  65: 'HTTPS',
  99: 'SPF',
  249: 'TKEY',
  250: 'TSIG',
  251: 'IXFR',
  252: 'AXFR',
  255: 'ANY',
  256: 'URI',
  257: 'CAA',
  65281: 'WINS',
};

const opcodes: Readonly<Record<number, string>> = {
  0: 'Query',
  1: 'Inverse Query',
  2: 'Status',
  4: 'Notify',
  5: 'Update',
  6: 'Stateful Operation',
};

/** Operation codes of the NetBIOS name service that differ from those of DNS (RFC 1002, 4.2.1.1). */
const nbnsOpcodes: Readonly<Record<number, string>> = {
  0: 'Query',
  5: 'Registration',
  6: 'Release',
  7: 'Wait for Acknowledgement',
  8: 'Refresh',
  9: 'Refresh',
  15: 'Multi-Homed Registration',
};

const codes: readonly string[] = [
  'NOERROR',
  'FORMERR',
  'SERVFAIL',
  'NXDOMAIN',
  'NOTIMP',
  'REFUSED',
  'YXDOMAIN',
  'YXRRSET',
  'NXRRSET',
  'NOTAUTH',
  'NOTZONE',
  'DSOTYPENI',
];

export const isKnownType = (type: number): boolean => types[type] !== undefined;
export const typeName = (type: number): string => types[type] ?? `TYPE${type}`;
export const responseCodeName = (code: number): string => codes[code] ?? `RCODE${code}`;

/** Operation of a message: the operation code above, the first question's type below (0 for types without a name). */
export const operationOf = (opcode: number, type: number): number => (opcode << 16) | (isKnownType(type) ? type : 0);

/** `Query A` of operation 1; `Update SOA`. With NetBIOS names `Query NB`, `Registration NB`. */
export function operationName(operation: number, netbios: boolean): string {
  const opcode = operation >> 16;
  const type = operation & 0xffff;
  const what = (netbios ? nbnsOpcodes[opcode] : opcodes[opcode]) ?? `Operation ${opcode}`;
  if (type === 0) return what;
  return `${what} ${netbios && type === 33 ? 'NBSTAT' : typeName(type)}`;
}

/** What a name service message can do wrong. */
export const VIOLATIONS = {
  'dns.length': { malformed: true },
  'dns.name': { malformed: true },
  'dns.record-length': { malformed: true },
  'dns.sections': { malformed: true },
  'dns.opcode': { malformed: false },
} as const;
export type DnsViolation = keyof typeof VIOLATIONS;
