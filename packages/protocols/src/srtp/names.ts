/**
 * GE SRTP: the service requests of the Series 90 protocol (GFK-0529, SNP Communications) in frames over TCP. GE has not
 * published the frames; their layout is the one that public tools and papers agree on (Denton et al., Leveraging the SRTP
 * protocol for over-the-network memory acquisition of a GE Fanuc Series 90-30, Digital Investigation 22, 2017).
 */
export const Frame = { Init: 0, InitAnswer: 1, Request: 2, Response: 3 } as const;

/** Mailbox message types. */
export const Mailbox = { RequestWithText: 0x80, AnswerWithText: 0x94, Request: 0xc0, Refusal: 0xd1, Answer: 0xd4 } as const;

const SERVICES: readonly string[] =
  'PLC Short Status,PLC Long Status,PLC Memory Usage,Return Control Program Names,Read System Memory,Read Task Memory,Read Program Block Memory,Write System Memory,Write Task Memory,Write Program Block Memory,Define Symbol,Delete Symbol,Read System Memory By Symbol,Read Task Memory By Symbol,Read Program Block Memory By Symbol,Write System Memory By Symbol,Write Task Memory By Symbol,Write Program Block Memory By Symbol,Resolve System Memory Name,Resolve Task Memory Name,Resolve Program Block Memory Name,Establish Datagram,Update Datagram,Cancel Datagram,Format Disk,Open File,Close File,Create File,Unlink File,Read File,Write File,Seek File,Programmer Logon,Change PLC CPU Privilege Level,Set PLC CPU Controller ID,Set PLC State,Set PLC Time,Return PLC Time,Return Program Block Sizes,Return Program Block List,Store Program Block,Sequence Control,Program Block Program Store,Program Block Load,Program Block Program Load,Verify Program Block,Delete Program Block,Change Program Block Size,Declare Interrupt,Clear Configuration,Autoconfigure I/O,Replace I/O Module,Verify Configuration Block,Clear All PLC Memory,Clear Reference Memory,Clear Logic Memory,Return Fault Table,Clear Fault Table,Create Configuration Parameter Task,Delete Configuration Parameter Task,Return Configuration Sizes,Store Block,Load Block,Program Store,Program Load,Program Change,Verify Program,Return Controller Type,Toggle Force System Memory,Access EEPROM,Manage Block,Lock Or Unlock OEM,Write Datagram,Access FA Card,Read Configuration Parameter,Write Slot Configuration,Rename Task,Return Function Supported,Store Subrequest,Session Control,Return Subrequest List,Extra Piggyback Data,Store OS Extension,Load OS Extension,Delete OS Extension,Delete Subrequest,Share PLC Data,Toggle Force Program Block Memory,SFC Event Service,Interrogate I/O,Program Store Extended,Program Load Extended,Program Verify Extended,Activate Debugger,Configuration Change Control,Remote Server Register,Clear Selected Fault,Return PLC Features'.split(
    ',',
  );
export const isService = (service: number): boolean => service < SERVICES.length;
export const Service = {
  ProgramNames: 0x03,
  ReadSystemMemory: 0x04,
  WriteSystemMemory: 0x07,
  ProgrammerLogon: 0x20,
  Privilege: 0x21,
  SetState: 0x23,
  SetTime: 0x24,
  StoreProgramBlock: 0x28,
  ProgramBlockProgramStore: 0x2a,
  ProgramBlockLoad: 0x2b,
  ProgramBlockProgramLoad: 0x2c,
  DeleteProgramBlock: 0x2e,
  ClearConfiguration: 0x31,
  ClearAllMemory: 0x35,
  ClearLogicMemory: 0x37,
  StoreBlock: 0x3d,
  LoadBlock: 0x3e,
  ProgramStore: 0x3f,
  ProgramLoad: 0x40,
  ControllerType: 0x43,
  ForceMemory: 0x44,
  WriteSlotConfiguration: 0x4b,
  StoreOsExtension: 0x52,
  ProgramStoreExtended: 0x5a,
  ProgramLoadExtended: 0x5b,
} as const;

/** Operation codes: the service request, and the opening of a connection. */
export const OPENING = 0x100;
export const operationName = (code: number): string =>
  code === OPENING ? 'Initialize' : (SERVICES[code] ?? `Service request 0x${code.toString(16)}`);

/** States of a PLC (Set PLC State, and bits 12 to 15 of the status word). */
const STATES: readonly string[] = [
  'RUN, I/O enabled',
  'RUN, I/O disabled',
  'STOP, I/O disabled',
  'STOP, faulted',
  'HALTED',
  'SUSPENDED',
  'STOP, I/O enabled',
];
export const stateName = (state: number): string => STATES[state] ?? `state ${state}`;
export const isRun = (state: number): boolean => state <= 1;

/** Segment selectors of system memory. */
const SEGMENTS: Readonly<Record<number, string>> = {
  0x08: '%R',
  0x0a: '%AI',
  0x0c: '%AQ',
  0x10: '%I bytes',
  0x12: '%Q bytes',
  0x14: '%T bytes',
  0x16: '%M bytes',
  0x18: '%SA bytes',
  0x1a: '%SB bytes',
  0x1c: '%SC bytes',
  0x1e: '%S bytes',
  0x38: '%G bytes',
  0x46: '%I',
  0x48: '%Q',
  0x4a: '%T',
  0x4c: '%M',
  0x4e: '%SA',
  0x50: '%SB',
  0x52: '%SC',
  0x54: '%S',
  0x56: '%G',
};
export const segmentName = (segment: number): string => SEGMENTS[segment] ?? `segment 0x${segment.toString(16)}`;

const MAJOR: Readonly<Record<number, string>> = {
  1: 'illegal service request',
  2: 'insufficient privilege',
  4: 'protocol sequence error',
  5: 'service request error',
  6: 'illegal mailbox type',
  7: 'queue of service requests is full',
};
export const statusName = (major: number, minor: number): string =>
  `${MAJOR[major] ?? `status ${major}`} (minor status 0x${minor.toString(16)})`;

/** What an SRTP frame can break. */
export const VIOLATIONS = {
  /** A mailbox message type that is not defined for the frame. */
  'srtp.mailbox-type': { malformed: false },
  /** A service request that is not defined. */
  'srtp.service': { malformed: false },
} as const;
export type SrtpViolation = keyof typeof VIOLATIONS;
