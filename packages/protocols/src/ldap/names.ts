/** Operations of LDAP (RFC 4511, 4.2 to 4.13) by application tag, as Wireshark numbers `ldap.protocolOp`, and what can be wrong. */
const OPERATIONS: Readonly<Record<number, string>> = {
  0: 'Bind Request',
  1: 'Bind Response',
  2: 'Unbind Request',
  3: 'Search Request',
  4: 'Search Result Entry',
  5: 'Search Result Done',
  6: 'Modify Request',
  7: 'Modify Response',
  8: 'Add Request',
  9: 'Add Response',
  10: 'Delete Request',
  11: 'Delete Response',
  12: 'Modify DN Request',
  13: 'Modify DN Response',
  14: 'Compare Request',
  15: 'Compare Response',
  16: 'Abandon Request',
  19: 'Search Result Reference',
  23: 'Extended Request',
  24: 'Extended Response',
  25: 'Intermediate Response',
};
export const Operation = { BindRequest: 0, BindResponse: 1, SearchRequest: 3, SearchDone: 5 } as const;
export const isOperation = (tag: number): boolean => tag in OPERATIONS;
export const operationName = (code: number): string => OPERATIONS[code] ?? `Operation ${code}`;

/** Operations whose answer begins with a result code: the application tags of responses. */
export const ANSWERS: ReadonlySet<number> = new Set([1, 5, 7, 9, 11, 13, 15, 24]);
/** Operations that a client sends. */
export const REQUESTS: ReadonlySet<number> = new Set([0, 2, 3, 6, 8, 10, 12, 14, 16, 23]);

/** Result codes (RFC 4511, appendix A) that are no failure: success, comparisons, a referral, a bind that goes on. */
export const RESULTS_FINE: ReadonlySet<number> = new Set([0, 5, 6, 10, 14]);
export const Result = { Success: 0, BindInProgress: 14, InvalidCredentials: 49 } as const;
const RESULTS: Readonly<Record<number, string>> = {
  1: 'operations error',
  2: 'protocol error',
  3: 'time limit exceeded',
  4: 'size limit exceeded',
  7: 'authentication method not supported',
  8: 'stronger authentication required',
  32: 'no such object',
  49: 'invalid credentials',
  50: 'insufficient access rights',
  51: 'busy',
  52: 'unavailable',
  53: 'unwilling to perform',
  68: 'entry already exists',
};
export const resultName = (code: number): string => RESULTS[code] ?? `result code ${code}`;

/** What an LDAP message can break. */
export const VIOLATIONS = {
  /** The elements do not fit into the message, or it names no operation. */
  'ldap.message': { malformed: true },
} as const;
