/**
 * Names and numbers of CIP: services, object classes, general status (ODVA, THE CIP NETWORKS LIBRARY volume 1, appendix
 * A and B, chapter 3 and 5), and the vendor classes of Rockwell controllers that their own manuals or traffic show.
 */

/** Common services (volume 1, appendix A-3), and class services this reader looks into. */
export const Service = {
  GetAttributesAll: 0x01,
  SetAttributesAll: 0x02,
  GetAttributeList: 0x03,
  SetAttributeList: 0x04,
  Reset: 0x05,
  Start: 0x06,
  Stop: 0x07,
  Create: 0x08,
  Delete: 0x09,
  MultipleServicePacket: 0x0a,
  GetAttributeSingle: 0x0e,
  SetAttributeSingle: 0x10,
  ExecutePccc: 0x4b,
  ReadTag: 0x4c,
  WriteTag: 0x4d,
  ForwardClose: 0x4e,
  ReadModifyWriteTag: 0x4e,
  UnconnectedSend: 0x52,
  ReadTagFragmented: 0x52,
  WriteTagFragmented: 0x53,
  ForwardOpen: 0x54,
  GetInstanceAttributeList: 0x55,
  LargeForwardOpen: 0x5b,
} as const;

export const Class = {
  Identity: 0x01,
  MessageRouter: 0x02,
  Assembly: 0x04,
  ConnectionManager: 0x06,
  File: 0x37,
  TimeSync: 0x43,
  Modbus: 0x44,
  ProgramName: 0x64,
  Pccc: 0x67,
  Program: 0x68,
  Task: 0x69,
  ProgramTag: 0x6a,
  Symbol: 0x6b,
  Template: 0x6c,
  Routine: 0x6d,
  TaskList: 0x70,
  Memory: 0x72,
  EditLock: 0x74,
  WallClock: 0x8b,
  Controller: 0x8e,
  NonVolatileStorage: 0xa1,
  ProjectState: 0xac,
  ConnectionConfiguration: 0xf3,
} as const;

const serviceNames: Readonly<Record<number, string>> = {
  0x01: 'Get Attributes All',
  0x02: 'Set Attributes All',
  0x03: 'Get Attribute List',
  0x04: 'Set Attribute List',
  0x05: 'Reset',
  0x06: 'Start',
  0x07: 'Stop',
  0x08: 'Create',
  0x09: 'Delete',
  0x0a: 'Multiple Service Packet',
  0x0d: 'Apply Attributes',
  0x0e: 'Get Attribute Single',
  0x10: 'Set Attribute Single',
  0x11: 'Find Next Object Instance',
  0x15: 'Restore',
  0x16: 'Save',
  0x17: 'No Operation',
  0x18: 'Get Member',
  0x19: 'Set Member',
  0x1a: 'Insert Member',
  0x1b: 'Remove Member',
  0x1c: 'Group Sync',
};

const classServiceNames: Readonly<Record<number, Readonly<Record<number, string>>>> = {
  [Class.ConnectionManager]: {
    0x4e: 'Forward Close',
    0x52: 'Unconnected Send',
    0x54: 'Forward Open',
    0x56: 'Get Connection Data',
    0x57: 'Search Connection Data',
    0x5a: 'Get Connection Owner',
    0x5b: 'Large Forward Open',
  },
  [Class.File]: {
    0x4b: 'Initiate Upload',
    0x4c: 'Initiate Download',
    0x4d: 'Initiate Partial Read',
    0x4e: 'Initiate Partial Write',
    0x4f: 'Upload Transfer',
    0x50: 'Download Transfer',
    0x51: 'Clear File',
  },
  [Class.Modbus]: {
    0x4b: 'Read Discrete Inputs',
    0x4c: 'Read Coils',
    0x4d: 'Read Input Registers',
    0x4e: 'Read Holding Registers',
    0x4f: 'Write Coils',
    0x50: 'Write Holding Registers',
    0x51: 'Modbus Passthrough',
  },
  [Class.Pccc]: { 0x4b: 'Execute PCCC' },
  [Class.EditLock]: { 0x4b: 'Acquire Edit Lock', 0x4c: 'Release Edit Lock' },
  [Class.NonVolatileStorage]: { 0x4b: 'Start Update', 0x4d: 'Transfer Block', 0x51: 'Start Update With Key' },
};

const tagServiceNames: Readonly<Record<number, string>> = {
  0x4c: 'Read Tag',
  0x4d: 'Write Tag',
  0x4e: 'Read Modify Write Tag',
  0x52: 'Read Tag Fragmented',
  0x53: 'Write Tag Fragmented',
  0x55: 'Get Instance Attribute List',
};

/** Name of a service of a class; services above 0x4a have different meanings in different classes. */
export function serviceName(classId: number, service: number): string {
  const named = classServiceNames[classId]?.[service] ?? serviceNames[service];
  if (named !== undefined) return named;
  if (carriesTag(classId)) return tagServiceNames[service] ?? `Service 0x${service.toString(16).padStart(2, '0')}`;
  return `Service 0x${service.toString(16).padStart(2, '0')} of class 0x${classId.toString(16).padStart(2, '0')}`;
}

/** Classes whose services 0x4c to 0x53 read and write tags; 0 stands for a path that only has a symbol. */
export function carriesTag(classId: number): boolean {
  return classId === 0 || classId === Class.Symbol || classId === Class.MessageRouter;
}

const classNames: Readonly<Record<number, string>> = {
  0x01: 'Identity',
  0x02: 'Message Router',
  0x03: 'DeviceNet',
  0x04: 'Assembly',
  0x05: 'Connection',
  0x06: 'Connection Manager',
  0x07: 'Register',
  0x08: 'Discrete Input Point',
  0x09: 'Discrete Output Point',
  0x0a: 'Analog Input Point',
  0x0b: 'Analog Output Point',
  0x0f: 'Parameter',
  0x28: 'Motor Data',
  0x29: 'Control Supervisor',
  0x2a: 'AC/DC Drive',
  0x37: 'File',
  0x42: 'Motion Device Axis',
  0x43: 'Time Sync',
  0x44: 'Modbus',
  0x47: 'Device Level Ring',
  0x48: 'QoS',
  0x5d: 'CIP Security',
  0x5e: 'EtherNet/IP Security',
  0x5f: 'Certificate Management',
  0x64: 'Program Name',
  0x67: 'PCCC',
  0x68: 'Program',
  0x69: 'Task',
  0x6a: 'Program Tag',
  0x6b: 'Symbol',
  0x6c: 'Template',
  0x6d: 'Routine',
  0x70: 'Task List',
  0x72: 'Controller Memory',
  0x74: 'Edit Lock',
  0x8b: 'Wall Clock Time',
  0x8e: 'Controller',
  0xa1: 'Non-Volatile Storage',
  0xac: 'Project State',
  0xf0: 'ControlNet',
  0xf3: 'Connection Configuration',
  0xf4: 'Port',
  0xf5: 'TCP/IP Interface',
  0xf6: 'Ethernet Link',
};

/** `Identity (0x01)`; unknown classes are a number only. */
export function className(classId: number): string {
  const number = `0x${(classId >>> 0).toString(16).padStart(2, '0')}`;
  const name = classNames[classId];
  return name === undefined ? number : `${name} (${number})`;
}

/** General status codes (volume 1, appendix B-1). 0 is success, 6 a partial transfer: both are no failure. */
const statusNames: readonly string[] = [
  'Success',
  'Connection failure',
  'Resource unavailable',
  'Invalid parameter value',
  'Path segment error',
  'Path destination unknown',
  'Partial transfer',
  'Connection lost',
  'Service not supported',
  'Invalid attribute value',
  'Attribute list error',
  'Already in requested mode or state',
  'Object state conflict',
  'Object already exists',
  'Attribute not settable',
  'Privilege violation',
  'Device state conflict',
  'Reply data too large',
  'Fragmentation of a primitive value',
  'Not enough data',
  'Attribute not supported',
  'Too much data',
  'Object does not exist',
  'Service fragmentation sequence not in progress',
  'No stored attribute data',
  'Store operation failure',
  'Routing failure, request too large',
  'Routing failure, response too large',
  'Missing attribute list entry data',
  'Invalid attribute value list',
  'Embedded service error',
  'Vendor specific error',
  'Invalid parameter',
  'Write-once value already written',
  'Invalid reply received',
  'Buffer overflow',
  'Invalid message format',
  'Key failure in path',
  'Path size invalid',
  'Unexpected attribute in list',
  'Invalid member id',
  'Member not settable',
  'Group 2 only server general failure',
  'Unknown Modbus error',
  'Attribute not gettable',
];

export function generalStatusName(status: number): string {
  if (status === 0xff) return 'General error';
  return statusNames[status] ?? `General status 0x${status.toString(16).padStart(2, '0')}`;
}
