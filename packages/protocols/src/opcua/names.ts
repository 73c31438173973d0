/** Names and numbers of OPC UA (OPC 10000-4 services, OPC 10000-6 mappings). */

/** First three characters of a message on the wire, as a little-endian number; the fourth is the chunk type. */
const tag = (text: string): number => text.charCodeAt(0) | (text.charCodeAt(1) << 8) | (text.charCodeAt(2) << 16);

export const Transport = {
  HEL: tag('HEL'),
  ACK: tag('ACK'),
  ERR: tag('ERR'),
  RHE: tag('RHE'),
  OPN: tag('OPN'),
  MSG: tag('MSG'),
  CLO: tag('CLO'),
} as const;

/** By tag: the name, the least size of the whole message, whether it may come in chunks. */
export interface TransportType {
  readonly name: string;
  readonly title: string;
  readonly least: number;
  /** Operation code of a message without a service that can be read. Node ids of services are below. */
  readonly code: number;
}

export const TRANSPORTS: ReadonlyMap<number, TransportType> = new Map([
  [Transport.HEL, { name: 'HEL', title: 'Hello', least: 32, code: 0x10001 }],
  [Transport.ACK, { name: 'ACK', title: 'Acknowledge', least: 28, code: 0x10002 }],
  [Transport.ERR, { name: 'ERR', title: 'Error', least: 16, code: 0x10003 }],
  [Transport.RHE, { name: 'RHE', title: 'ReverseHello', least: 16, code: 0x10004 }],
  [Transport.OPN, { name: 'OPN', title: 'OpenSecureChannel (secured)', least: 32, code: 0x10005 }],
  [Transport.MSG, { name: 'MSG', title: 'Message (secured)', least: 24, code: 0x10006 }],
  [Transport.CLO, { name: 'CLO', title: 'CloseSecureChannel (secured)', least: 24, code: 0x10007 }],
]);

const TITLES: Readonly<Record<number, string>> = Object.fromEntries([...TRANSPORTS.values()].map(({ code, title }) => [code, title]));

/** Binary encoding id of a ServiceFault (OPC 10000-4, 7.34). */
export const SERVICE_FAULT = 397;

/** Binary encoding ids of the requests that are read further; a response has the id of its request + 3. */
export const Service = {
  FindServers: 422,
  FindServersOnNetwork: 12208,
  GetEndpoints: 428,
  RegisterServer: 437,
  RegisterServer2: 12211,
  OpenSecureChannel: 446,
  CloseSecureChannel: 452,
  CreateSession: 461,
  ActivateSession: 467,
  CloseSession: 473,
  Cancel: 479,
  AddNodes: 488,
  AddReferences: 494,
  DeleteNodes: 500,
  DeleteReferences: 506,
  Browse: 527,
  BrowseNext: 533,
  TranslateBrowsePathsToNodeIds: 554,
  RegisterNodes: 560,
  UnregisterNodes: 566,
  QueryFirst: 615,
  QueryNext: 621,
  Read: 631,
  HistoryRead: 664,
  Write: 673,
  HistoryUpdate: 700,
  Call: 712,
  CreateMonitoredItems: 751,
  ModifyMonitoredItems: 763,
  SetMonitoringMode: 769,
  SetTriggering: 775,
  DeleteMonitoredItems: 781,
  CreateSubscription: 787,
  ModifySubscription: 793,
  SetPublishingMode: 799,
  Publish: 826,
  Republish: 832,
  TransferSubscriptions: 841,
  DeleteSubscriptions: 847,
} as const;

/** Distance between the ids of a request and of its response; FindServersOnNetwork and RegisterServer2 use another one. */
export const RESPONSE_DISTANCE = 3;

const responses: ReadonlyMap<number, number> = new Map(
  Object.values(Service).map((request) => [request + (request === 12208 ? 1 : request === 12211 ? 1 : RESPONSE_DISTANCE), request]),
);
const names: ReadonlyMap<number, string> = new Map(Object.entries(Service).map(([name, id]) => [id, name]));

export const isRequest = (id: number): boolean => names.has(id);
export const isResponse = (id: number): boolean => id === SERVICE_FAULT || responses.has(id);
/** The request that a response answers, -1 for a fault or when it is none. */
export const requestOf = (response: number): number => responses.get(response) ?? -1;

/** `ReadRequest`, `ReadResponse`, `Hello`. */
export function operationName(code: number): string {
  const name = names.get(code);
  if (name !== undefined) return `${name}Request`;
  const request = responses.get(code);
  if (request !== undefined) return `${names.get(request) ?? ''}Response`;
  return code === SERVICE_FAULT ? 'ServiceFault' : (TITLES[code] ?? `Service ${code}`);
}

/** `Read`, for texts about a request. */
export const serviceName = (request: number): string => names.get(request) ?? `service ${request}`;

/** Status codes that stations meet (OPC 10000-6, annex A.2), by their upper half. */
const statuses: Readonly<Record<number, string>> = {
  0x8001: 'BadUnexpectedError',
  0x8002: 'BadInternalError',
  0x8003: 'BadOutOfMemory',
  0x8004: 'BadResourceUnavailable',
  0x8005: 'BadCommunicationError',
  0x8006: 'BadEncodingError',
  0x8007: 'BadDecodingError',
  0x8008: 'BadEncodingLimitsExceeded',
  0x8009: 'BadUnknownResponse',
  0x800a: 'BadTimeout',
  0x800b: 'BadServiceUnsupported',
  0x800c: 'BadShutdown',
  0x800d: 'BadServerNotConnected',
  0x800e: 'BadServerHalted',
  0x800f: 'BadNothingToDo',
  0x8010: 'BadTooManyOperations',
  0x8011: 'BadDataTypeIdUnknown',
  0x8012: 'BadCertificateInvalid',
  0x8013: 'BadSecurityChecksFailed',
  0x8014: 'BadCertificateTimeInvalid',
  0x8016: 'BadCertificateHostNameInvalid',
  0x8017: 'BadCertificateUriInvalid',
  0x801a: 'BadCertificateUntrusted',
  0x801d: 'BadCertificateRevoked',
  0x801f: 'BadUserAccessDenied',
  0x8020: 'BadIdentityTokenInvalid',
  0x8021: 'BadIdentityTokenRejected',
  0x8022: 'BadSecureChannelIdInvalid',
  0x8023: 'BadInvalidTimestamp',
  0x8024: 'BadNonceInvalid',
  0x8025: 'BadSessionIdInvalid',
  0x8026: 'BadSessionClosed',
  0x8027: 'BadSessionNotActivated',
  0x8028: 'BadSubscriptionIdInvalid',
  0x802a: 'BadRequestHeaderInvalid',
  0x802b: 'BadTimestampsToReturnInvalid',
  0x802c: 'BadRequestCancelledByClient',
  0x8033: 'BadNodeIdInvalid',
  0x8034: 'BadNodeIdUnknown',
  0x8035: 'BadAttributeIdInvalid',
  0x803a: 'BadNotReadable',
  0x803b: 'BadNotWritable',
  0x804a: 'BadContinuationPointInvalid',
  0x8053: 'BadRequestTypeInvalid',
  0x8054: 'BadSecurityModeRejected',
  0x8055: 'BadSecurityPolicyRejected',
  0x8056: 'BadTooManySessions',
  0x8057: 'BadUserSignatureInvalid',
  0x8058: 'BadApplicationSignatureInvalid',
  0x805e: 'BadNodeIdExists',
  0x8074: 'BadTypeMismatch',
  0x8075: 'BadMethodInvalid',
  0x8077: 'BadTooManySubscriptions',
  0x8078: 'BadTooManyPublishRequests',
  0x8079: 'BadNoSubscription',
  0x807a: 'BadSequenceNumberUnknown',
  0x807d: 'BadTcpServerTooBusy',
  0x807e: 'BadTcpMessageTypeInvalid',
  0x807f: 'BadTcpSecureChannelUnknown',
  0x8080: 'BadTcpMessageTooLarge',
  0x8081: 'BadTcpNotEnoughResources',
  0x8082: 'BadTcpInternalError',
  0x8083: 'BadTcpEndpointUrlInvalid',
  0x8084: 'BadRequestInterrupted',
  0x8085: 'BadRequestTimeout',
  0x8086: 'BadSecureChannelClosed',
  0x8087: 'BadSecureChannelTokenUnknown',
  0x8088: 'BadSequenceNumberInvalid',
  0x80be: 'BadProtocolVersionUnsupported',
};

/** `BadNodeIdUnknown (0x80340000)`. */
export function statusText(status: number): string {
  const name = statuses[status >>> 16];
  return name === undefined ? hex8(status) : `${name} (${hex8(status)})`;
}

export const hex8 = (value: number): string => `0x${(value >>> 0).toString(16).padStart(8, '0')}`;

/** What an OPC UA message can break. `malformed`: the bytes do not fit. */
export const VIOLATIONS = {
  /** A message begins with other letters than those of OPC 10000-6, 7.1.2.2. */
  'opcua.message-type': { malformed: true },
  /** The fourth byte is not F, or not F, C or A for messages that may come in chunks. */
  'opcua.chunk-type': { malformed: true },
  /** The size is below the least of its type or above what is read of one chunk. */
  'opcua.message-size': { malformed: true },
  /** Hello or Acknowledge with a protocol version other than 0. */
  'opcua.protocol-version': { malformed: false },
  /** A buffer of less than 8,192 bytes is offered (OPC 10000-6, 7.1.2.3). */
  'opcua.buffer-size': { malformed: false },
  /** An endpoint URL of more than 4,096 bytes. */
  'opcua.endpoint-url': { malformed: false },
  /** A text or header goes past the end of its message, or bytes are left over. */
  'opcua.length-mismatch': { malformed: true },
  /** A message without security names a service that the standard does not have. */
  'opcua.unknown-service': { malformed: false },
  /** A node id, variant or extension object is encoded as none of OPC 10000-6, 5.2. */
  'opcua.encoding': { malformed: true },
} as const;
export type OpcuaViolation = keyof typeof VIOLATIONS;
