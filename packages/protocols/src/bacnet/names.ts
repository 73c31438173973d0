/** Names and numbers of BACnet (ANSI/ASHRAE 135): clauses 6 (network layer), 20 and 21 (application layer), annex J (BACnet/IP). */

/** BVLC functions (annex J.2). */
export const Bvlc = {
  Result: 0x00,
  WriteBroadcastTable: 0x01,
  ReadBroadcastTable: 0x02,
  ReadBroadcastTableAck: 0x03,
  ForwardedNpdu: 0x04,
  RegisterForeignDevice: 0x05,
  ReadForeignTable: 0x06,
  ReadForeignTableAck: 0x07,
  DeleteForeignEntry: 0x08,
  DistributeBroadcast: 0x09,
  OriginalUnicast: 0x0a,
  OriginalBroadcast: 0x0b,
  Secure: 0x0c,
} as const;

const bvlcNames: readonly string[] = [
  'BVLC-Result',
  'Write-Broadcast-Distribution-Table',
  'Read-Broadcast-Distribution-Table',
  'Read-Broadcast-Distribution-Table-Ack',
  'Forwarded-NPDU',
  'Register-Foreign-Device',
  'Read-Foreign-Device-Table',
  'Read-Foreign-Device-Table-Ack',
  'Delete-Foreign-Device-Table-Entry',
  'Distribute-Broadcast-To-Network',
  'Original-Unicast-NPDU',
  'Original-Broadcast-NPDU',
  'Secure-BVLL',
];

export function bvlcName(code: number): string {
  return bvlcNames[code] ?? `BVLC function ${hex2(code)}`;
}

/** APDU types (clause 20.1). */
export const Pdu = {
  ConfirmedRequest: 0,
  UnconfirmedRequest: 1,
  SimpleAck: 2,
  ComplexAck: 3,
  SegmentAck: 4,
  Error: 5,
  Reject: 6,
  Abort: 7,
} as const;

/** Confirmed services (clause 21, BACnetConfirmedServiceChoice). */
export const Confirmed = {
  AtomicReadFile: 6,
  AtomicWriteFile: 7,
  AddListElement: 8,
  RemoveListElement: 9,
  CreateObject: 10,
  DeleteObject: 11,
  ReadProperty: 12,
  ReadPropertyMultiple: 14,
  WriteProperty: 15,
  WritePropertyMultiple: 16,
  DeviceCommunicationControl: 17,
  PrivateTransfer: 18,
  ReinitializeDevice: 20,
} as const;

const confirmedNames: readonly string[] = [
  'AcknowledgeAlarm',
  'ConfirmedCOVNotification',
  'ConfirmedEventNotification',
  'GetAlarmSummary',
  'GetEnrollmentSummary',
  'SubscribeCOV',
  'AtomicReadFile',
  'AtomicWriteFile',
  'AddListElement',
  'RemoveListElement',
  'CreateObject',
  'DeleteObject',
  'ReadProperty',
  'ReadPropertyConditional',
  'ReadPropertyMultiple',
  'WriteProperty',
  'WritePropertyMultiple',
  'DeviceCommunicationControl',
  'ConfirmedPrivateTransfer',
  'ConfirmedTextMessage',
  'ReinitializeDevice',
  'VT-Open',
  'VT-Close',
  'VT-Data',
  'Authenticate',
  'RequestKey',
  'ReadRange',
  'LifeSafetyOperation',
  'SubscribeCOVProperty',
  'GetEventInformation',
  'SubscribeCOVPropertyMultiple',
  'ConfirmedCOVNotificationMultiple',
  'ConfirmedAuditNotification',
  'AuditLogQuery',
];

/** Unconfirmed services (clause 21, BACnetUnconfirmedServiceChoice). */
export const Unconfirmed = { IAm: 0, PrivateTransfer: 4, TimeSynchronization: 6, WhoHas: 7, WhoIs: 8, UtcTimeSynchronization: 9 } as const;

const unconfirmedNames: readonly string[] = [
  'I-Am',
  'I-Have',
  'UnconfirmedCOVNotification',
  'UnconfirmedEventNotification',
  'UnconfirmedPrivateTransfer',
  'UnconfirmedTextMessage',
  'TimeSynchronization',
  'Who-Has',
  'Who-Is',
  'UTCTimeSynchronization',
  'WriteGroup',
  'UnconfirmedCOVNotificationMultiple',
  'UnconfirmedAuditNotification',
  'Who-Am-I',
  'You-Are',
];

/** Network layer messages (clause 6.2.4). */
const networkNames: readonly string[] = [
  'Who-Is-Router-To-Network',
  'I-Am-Router-To-Network',
  'I-Could-Be-Router-To-Network',
  'Reject-Message-To-Network',
  'Router-Busy-To-Network',
  'Router-Available-To-Network',
  'Initialize-Routing-Table',
  'Initialize-Routing-Table-Ack',
  'Establish-Connection-To-Network',
  'Disconnect-Connection-To-Network',
  'Challenge-Request',
  'Security-Payload',
  'Security-Response',
  'Request-Key-Update',
  'Update-Key-Set',
  'Update-Distribution-Key',
  'Request-Master-Key',
  'Set-Master-Key',
  'What-Is-Network-Number',
  'Network-Number-Is',
];

/** First number of each family of operation codes; confirmed services stand for themselves. */
export const Operation = { Unconfirmed: 0x100, Network: 0x200, Bvlc: 0x300, SegmentAck: 0x400, Reject: 0x500, Abort: 0x501 } as const;

/** Name of an operation code as given to `message`. */
export function operationName(code: number): string {
  const low = code & 0xff;
  switch (code & 0xf00) {
    case 0:
      return confirmedName(low);
    case Operation.Unconfirmed:
      return unconfirmedNames[low] ?? `Unconfirmed service ${low}`;
    case Operation.Network:
      return networkNames[low] ?? `Network message ${hex2(low)}`;
    case Operation.Bvlc:
      return bvlcName(low);
    case Operation.SegmentAck:
      return 'Segment-Ack';
    default:
      return code === Operation.Abort ? 'Abort' : 'Reject';
  }
}

export function confirmedName(service: number): string {
  return confirmedNames[service] ?? `Confirmed service ${service}`;
}

/** Object types this reader looks at, and names of the common ones (clause 21, BACnetObjectType). */
export const DEVICE = 8;

const objectNames: readonly string[] = [
  'analog-input',
  'analog-output',
  'analog-value',
  'binary-input',
  'binary-output',
  'binary-value',
  'calendar',
  'command',
  'device',
  'event-enrollment',
  'file',
  'group',
  'loop',
  'multi-state-input',
  'multi-state-output',
  'notification-class',
  'program',
  'schedule',
  'averaging',
  'multi-state-value',
  'trend-log',
  'life-safety-point',
  'life-safety-zone',
  'accumulator',
  'pulse-converter',
  'event-log',
  'global-group',
  'trend-log-multiple',
  'load-control',
  'structured-view',
  'access-door',
  'timer',
];

/** Object type and instance of an identifier (clause 20.2.14): 10 and 22 bits. */
export function objectName(identifier: number): string {
  const type = identifier >>> 22;
  return `${objectNames[type] ?? `object type ${type}`} ${identifier & 0x3fffff}`;
}

/** Properties of the device object that identify it, and names of common ones (clause 21, BACnetPropertyIdentifier). */
export const Property = { FirmwareRevision: 44, ModelName: 70, ObjectName: 77, RecipientList: 102, VendorName: 121 } as const;

const propertyNames: Readonly<Record<number, string>> = {
  4: 'active-text',
  8: 'all',
  12: 'application-software-version',
  28: 'description',
  36: 'event-state',
  44: 'firmware-revision',
  58: 'location',
  65: 'max-pres-value',
  69: 'min-pres-value',
  70: 'model-name',
  75: 'object-identifier',
  76: 'object-list',
  77: 'object-name',
  79: 'object-type',
  81: 'out-of-service',
  85: 'present-value',
  87: 'priority-array',
  103: 'reliability',
  104: 'relinquish-default',
  105: 'required',
  107: 'segmentation-supported',
  111: 'status-flags',
  112: 'system-status',
  117: 'units',
  120: 'vendor-identifier',
  121: 'vendor-name',
  139: 'protocol-revision',
};

export function propertyName(property: number): string {
  return propertyNames[property] ?? `property ${property}`;
}

/** What the dissector calls wrong, and how it reads. */
export const VIOLATIONS = {
  'bacnet.bvlc-type': 'The BVLC type is not BACnet/IP',
  'bacnet.bvlc-function': 'The BVLC function does not exist',
  'bacnet.bvlc-length': 'The BVLC length does not match the datagram or the function',
  'bacnet.npdu-version': 'The NPDU version does not exist',
  'bacnet.npdu-control': 'Reserved bits of the NPDU control octet are set',
  'bacnet.npdu-short': 'The NPDU ends before its addresses',
  'bacnet.npdu-address': 'A network number or address length of the NPDU is not allowed',
  'bacnet.apdu-missing': 'The NPDU carries no APDU',
  'bacnet.apdu-type': 'The APDU type does not exist',
  'bacnet.apdu-short': 'The APDU ends before its fixed part',
  'bacnet.tag-overrun': 'A tag runs past the end of the message',
  'bacnet.tag-unbalanced': 'Opening and closing tags do not match',
  'bacnet.tag-reserved': 'An application tag is reserved',
  'bacnet.tag-length': 'The length of an application tag does not fit its type',
  'bacnet.value-type': 'A value is not of the type that its property has',
} as const;
export type ViolationName = keyof typeof VIOLATIONS;

export function hex2(value: number): string {
  return `0x${value.toString(16).padStart(2, '0')}`;
}
