/** Names of MMS (ISO 9506-2) as Wireshark spells them, and of what carries it: session and association. */

/** Tag numbers of `MMSpdu`. */
export const Pdu = {
  ConfirmedRequest: 0,
  ConfirmedResponse: 1,
  ConfirmedError: 2,
  Unconfirmed: 3,
  Reject: 4,
  CancelRequest: 5,
  CancelResponse: 6,
  CancelError: 7,
  InitiateRequest: 8,
  InitiateResponse: 9,
  InitiateError: 10,
  ConcludeRequest: 11,
  ConcludeResponse: 12,
  ConcludeError: 13,
} as const;

/**
 * Operation codes: a confirmed service is its tag number, an unconfirmed one 0x100 more; PDUs that carry no service are
 * 0x200 and the tag number of their request, PDUs of the session 0x300 and their type.
 */
export const Code = { Unconfirmed: 0x100, Pdu: 0x200, Session: 0x300 } as const;

/** Confirmed services by tag number. */
export const SERVICES: readonly string[] = [
  'status',
  'getNameList',
  'identify',
  'rename',
  'read',
  'write',
  'getVariableAccessAttributes',
  'defineNamedVariable',
  'defineScatteredAccess',
  'getScatteredAccessAttributes',
  'deleteVariableAccess',
  'defineNamedVariableList',
  'getNamedVariableListAttributes',
  'deleteNamedVariableList',
  'defineNamedType',
  'getNamedTypeAttributes',
  'deleteNamedType',
  'input',
  'output',
  'takeControl',
  'relinquishControl',
  'defineSemaphore',
  'deleteSemaphore',
  'reportSemaphoreStatus',
  'reportPoolSemaphoreStatus',
  'reportSemaphoreEntryStatus',
  'initiateDownloadSequence',
  'downloadSegment',
  'terminateDownloadSequence',
  'initiateUploadSequence',
  'uploadSegment',
  'terminateUploadSequence',
  'requestDomainDownload',
  'requestDomainUpload',
  'loadDomainContent',
  'storeDomainContent',
  'deleteDomain',
  'getDomainAttributes',
  'createProgramInvocation',
  'deleteProgramInvocation',
  'start',
  'stop',
  'resume',
  'reset',
  'kill',
  'getProgramInvocationAttributes',
  'obtainFile',
  'defineEventCondition',
  'deleteEventCondition',
  'getEventConditionAttributes',
  'reportEventConditionStatus',
  'alterEventConditionMonitoring',
  'triggerEvent',
  'defineEventAction',
  'deleteEventAction',
  'getEventActionAttributes',
  'reportEventActionStatus',
  'defineEventEnrollment',
  'deleteEventEnrollment',
  'alterEventEnrollment',
  'reportEventEnrollmentStatus',
  'getEventEnrollmentAttributes',
  'acknowledgeEventNotification',
  'getAlarmSummary',
  'getAlarmEnrollmentSummary',
  'readJournal',
  'writeJournal',
  'initializeJournal',
  'reportJournalStatus',
  'createJournal',
  'deleteJournal',
  'getCapabilityList',
  'fileOpen',
  'fileRead',
  'fileClose',
  'fileRename',
  'fileDelete',
  'fileDirectory',
];

/** Confirmed services that the dissector looks into. */
export const Service = {
  Status: 0,
  Identify: 2,
  Rename: 3,
  Read: 4,
  Write: 5,
  DefineNamedVariable: 7,
  DefineScatteredAccess: 8,
  DeleteVariableAccess: 10,
  DefineNamedVariableList: 11,
  DeleteNamedVariableList: 13,
  DefineNamedType: 14,
  DeleteNamedType: 16,
  InitiateDownloadSequence: 26,
  DownloadSegment: 27,
  TerminateDownloadSequence: 28,
  InitiateUploadSequence: 29,
  UploadSegment: 30,
  TerminateUploadSequence: 31,
  RequestDomainDownload: 32,
  RequestDomainUpload: 33,
  LoadDomainContent: 34,
  StoreDomainContent: 35,
  DeleteDomain: 36,
  CreateProgramInvocation: 38,
  DeleteProgramInvocation: 39,
  Start: 40,
  Stop: 41,
  Resume: 42,
  Reset: 43,
  Kill: 44,
  GetProgramInvocationAttributes: 45,
  ObtainFile: 46,
  InitializeJournal: 67,
  FileOpen: 72,
  FileRename: 75,
  FileDelete: 76,
} as const;

/** Unconfirmed services by tag number. */
export const UNCONFIRMED_SERVICES: readonly string[] = ['informationReport', 'unsolicitedStatus', 'eventNotification'];
export const UNSOLICITED_STATUS = 1;

/** The services may carry numbers up to here in later editions (additional services and file access by reference). */
export const LAST_SERVICE = 80;

const PDU_NAMES: Readonly<Record<number, string>> = {
  [Pdu.ConfirmedRequest]: 'confirmed-RequestPDU',
  [Pdu.ConfirmedResponse]: 'confirmed-ResponsePDU',
  [Pdu.ConfirmedError]: 'confirmed-ErrorPDU',
  [Pdu.Unconfirmed]: 'unconfirmed-PDU',
  [Pdu.Reject]: 'reject',
  [Pdu.CancelRequest]: 'cancel',
  [Pdu.InitiateRequest]: 'initiate',
  [Pdu.ConcludeRequest]: 'conclude',
};

/** Session PDUs (ISO 8327-1, 8.3) by type. */
export const Spdu = {
  GiveTokensOrData: 1,
  NotFinished: 8,
  Finish: 9,
  Disconnect: 10,
  Refuse: 12,
  Connect: 13,
  Accept: 14,
  Abort: 25,
  AbortAccept: 26,
} as const;

const SPDU_NAMES: Readonly<Record<number, string>> = {
  [Spdu.GiveTokensOrData]: 'session data',
  [Spdu.NotFinished]: 'session NOT FINISHED',
  [Spdu.Finish]: 'session FINISH',
  [Spdu.Disconnect]: 'session DISCONNECT',
  [Spdu.Refuse]: 'session REFUSE',
  [Spdu.Connect]: 'session CONNECT',
  [Spdu.Accept]: 'session ACCEPT',
  [Spdu.Abort]: 'session ABORT',
  [Spdu.AbortAccept]: 'session ABORT ACCEPT',
};

/** Name of an operation code as `Code` composes it. */
export function operationName(code: number): string {
  if (code >= Code.Session) return SPDU_NAMES[code - Code.Session] ?? `session PDU ${code - Code.Session}`;
  if (code >= Code.Pdu) return PDU_NAMES[code - Code.Pdu] ?? `PDU ${code - Code.Pdu}`;
  if (code >= Code.Unconfirmed) return UNCONFIRMED_SERVICES[code - Code.Unconfirmed] ?? `unconfirmed service ${code - Code.Unconfirmed}`;
  return SERVICES[code] ?? `service ${code}`;
}

/** Error classes of `ServiceError`, and the codes of each (ISO 9506-2). */
export const ERROR_CLASSES: readonly (readonly [name: string, codes: readonly string[]])[] = [
  ['vmd-state', ['other', 'vmd-state-conflict', 'vmd-operational-problem', 'domain-transfer-problem', 'state-machine-id-invalid']],
  [
    'application-reference',
    ['other', 'application-unreachable', 'connection-lost', 'application-reference-invalid', 'context-unsupported'],
  ],
  [
    'definition',
    [
      'other',
      'object-undefined',
      'invalid-address',
      'type-unsupported',
      'type-inconsistent',
      'object-exists',
      'object-attribute-inconsistent',
    ],
  ],
  [
    'resource',
    [
      'other',
      'memory-unavailable',
      'processor-resource-unavailable',
      'mass-storage-unavailable',
      'capability-unavailable',
      'capability-unknown',
    ],
  ],
  [
    'service',
    ['other', 'primitives-out-of-sequence', 'object-state-conflict', 'pdu-size', 'continuation-invalid', 'object-constraint-conflict'],
  ],
  ['service-preempt', ['other', 'timeout', 'deadlock', 'cancel']],
  ['time-resolution', ['other', 'unsupportable-time-resolution']],
  ['access', ['other', 'object-access-unsupported', 'object-non-existent', 'object-access-denied', 'object-invalidated']],
  [
    'initiate',
    [
      'other',
      'version-incompatible',
      'max-segment-insufficient',
      'max-services-outstanding-calling-insufficient',
      'max-services-outstanding-called-insufficient',
      'service-CBB-insufficient',
      'parameter-CBB-insufficient',
      'nesting-level-insufficient',
    ],
  ],
  ['conclude', ['other', 'further-communication-required']],
  ['cancel', ['other', 'invoke-id-unknown', 'cancel-not-possible']],
  [
    'file',
    [
      'other',
      'filename-ambiguous',
      'file-busy',
      'filename-syntax-error',
      'content-type-invalid',
      'position-invalid',
      'file-access-denied',
      'file-non-existent',
      'duplicate-filename',
      'insufficient-space-in-filestore',
    ],
  ],
  ['others', []],
];

/** `DataAccessError` of a variable that was not read or written (ISO 9506-2). */
export const DATA_ACCESS_ERRORS: readonly string[] = [
  'object-invalidated',
  'hardware-fault',
  'temporarily-unavailable',
  'object-access-denied',
  'object-undefined',
  'invalid-address',
  'type-unsupported',
  'type-inconsistent',
  'object-attribute-inconsistent',
  'object-access-unsupported',
  'object-non-existent',
  'object-value-invalid',
];

/** The kind of PDU that a reject refuses, by tag number of the reason (ISO 9506-2). */
export const REJECTED: readonly string[] = [
  '',
  'confirmed-requestPDU',
  'confirmed-responsePDU',
  'confirmed-errorPDU',
  'unconfirmedPDU',
  'pdu-error',
  'cancel-requestPDU',
  'cancel-responsePDU',
  'cancel-errorPDU',
  'conclude-requestPDU',
  'conclude-responsePDU',
  'conclude-errorPDU',
];

export const LOGICAL_STATUS: readonly string[] = [
  'state-changes-allowed',
  'no-state-changes-allowed',
  'limited-services-allowed',
  'support-services-allowed',
];
export const PHYSICAL_STATUS: readonly string[] = ['operational', 'partially-operational', 'inoperable', 'needs-commissioning'];

/** `ProgramInvocationState` (ISO 9506-2). */
export const PROGRAM_STATES: readonly string[] = [
  'non-existent',
  'unrunnable',
  'idle',
  'running',
  'stopped',
  'starting',
  'stopping',
  'resuming',
  'resetting',
];

/** What MMS and its carriers can do wrong, and whether the bytes do not fit (malformed) or only the value is not allowed. */
export const VIOLATIONS = {
  'mms.session-length': { malformed: true },
  'mms.presentation': { malformed: true },
  'mms.association': { malformed: true },
  'mms.malformed-asn1': { malformed: true },
  'mms.unknown-pdu': { malformed: true },
  'mms.missing-service': { malformed: true },
  'mms.unknown-service': { malformed: false },
} as const;
export type MmsViolation = keyof typeof VIOLATIONS;
