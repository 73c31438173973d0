/** Methods and response codes of CoAP (RFC 7252, 12.1; RFC 8132), as Wireshark numbers `coap.code` and `coap.type`. */
export const Type = { Confirmable: 0, NonConfirmable: 1, Acknowledgement: 2, Reset: 3 } as const;
const METHODS: readonly string[] = ['Empty', 'GET', 'POST', 'PUT', 'DELETE', 'FETCH', 'PATCH', 'iPATCH'];
export const isMethod = (code: number): boolean => code > 0 && code < METHODS.length;
/** Classes of responses: success, client error, server error, and signals of CoAP over TCP. */
export const isResponse = (code: number): boolean => (code >= 0x40 && code < 0x60) || (code >= 0x80 && code < 0xc0);
export const codeName = (code: number): string => METHODS[code] ?? `${code >> 5}.${(code & 31).toString().padStart(2, '0')}`;

export const Option = { UriPath: 11, UriQuery: 15 } as const;

/** What a CoAP message can break. */
export const VIOLATIONS = {
  /** A token or option that runs past the message, or a payload marker with nothing behind it (RFC 7252, 3). */
  'coap.length': { malformed: true },
  /** A length of the token or an option that is reserved (RFC 7252, 3 and 3.1). */
  'coap.format': { malformed: true },
} as const;
export type CoapViolation = keyof typeof VIOLATIONS;
