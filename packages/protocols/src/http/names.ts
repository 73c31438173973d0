/** Methods and status codes of HTTP (RFC 9110, IANA "Hypertext Transfer Protocol Method Registry"), and what a message may do wrong. */

/** Operation codes of methods: the position in this list; 0 is any other method. */
export const METHODS = [
  '',
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  'PATCH',
  'PROPFIND',
  'PROPPATCH',
  'MKCOL',
  'COPY',
  'MOVE',
  'LOCK',
  'UNLOCK',
  'REPORT',
  'SEARCH',
  'SUBSCRIBE',
  'UNSUBSCRIBE',
  'NOTIFY',
  'M-SEARCH',
  'CCM_POST',
  'RPC_IN_DATA',
  'RPC_OUT_DATA',
  'BITS_POST',
  'POLL',
] as const;

const codes: ReadonlyMap<string, number> = new Map(METHODS.map((method, code) => [method, code]));

/** Operation code of a method, 0 for one without. */
export const methodCode = (method: string): number => codes.get(method) ?? 0;
export const methodName = (code: number): string => METHODS[code] || 'Other method';

export const HEAD = methodCode('HEAD');
export const CONNECT = methodCode('CONNECT');

const statuses: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  407: 'Proxy Authentication Required',
  408: 'Request Timeout',
  411: 'Length Required',
  413: 'Content Too Large',
  414: 'URI Too Long',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  505: 'HTTP Version Not Supported',
};

/** `404 Not Found`; a code without a name stays a number. */
export const statusText = (status: number): string => (statuses[status] ? `${status} ${statuses[status]}` : String(status));

/** Violations of the message format (RFC 9112). All but the start line's keep a message readable. */
export const VIOLATIONS = {
  'http.field-name': { malformed: false },
  'http.control-byte': { malformed: false },
  'http.bare-cr': { malformed: false },
  'http.bare-lf': { malformed: false },
  'http.length-and-encoding': { malformed: false },
  'http.conflicting-length': { malformed: false },
  'http.invalid-length': { malformed: true },
  'http.chunk-size': { malformed: true },
  'http.header-too-long': { malformed: false },
} as const;
export type HttpViolation = keyof typeof VIOLATIONS;
