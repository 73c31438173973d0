/**
 * UMAS, the engineering protocol of Schneider Electric inside Modbus function 90. Its maker does not publish it; codes
 * and names are those that public dissectors and research agree on. After the function code come a pairing key (one
 * byte), the UMAS function, and its data; an answer has 0xFE (done) or 0xFD (refused) in the place of the function.
 */
import type { ActionName } from '../facts.ts';

export const Umas = {
  InitComm: 0x01,
  ReadId: 0x02,
  ReadProjectInfo: 0x03,
  ReadPlcInfo: 0x04,
  InitializeUpload: 0x30,
  UploadBlock: 0x31,
  EndStrategyUpload: 0x32,
  InitializeDownload: 0x33,
  DownloadBlock: 0x34,
  EndStrategyDownload: 0x35,
  StartPlc: 0x40,
  StopPlc: 0x41,
  Refused: 0xfd,
  Done: 0xfe,
} as const;

export const UMAS_NAMES: Readonly<Record<number, string>> = {
  0x01: 'Init Comm',
  0x02: 'Read ID',
  0x03: 'Read Project Info',
  0x04: 'Read PLC Info',
  0x06: 'Read Card Info',
  0x0a: 'Repeat',
  0x10: 'Take PLC Reservation',
  0x11: 'Release PLC Reservation',
  0x12: 'Keep Alive',
  0x20: 'Read Memory Block',
  0x21: 'Write Memory Block',
  0x22: 'Read Variables',
  0x23: 'Write Variables',
  0x24: 'Read Coils and Registers',
  0x25: 'Write Coils and Registers',
  0x26: 'Data Dictionary',
  0x30: 'Initialize Upload',
  0x31: 'Upload Block',
  0x32: 'End Strategy Upload',
  0x33: 'Initialize Download',
  0x34: 'Download Block',
  0x35: 'End Strategy Download',
  0x36: 'Backup',
  0x38: 'Reserved Session',
  0x39: 'Read Ethernet Master Data',
  0x40: 'Start PLC',
  0x41: 'Stop PLC',
  0x50: 'Monitor PLC',
  0x58: 'Check PLC',
  0x6d: 'Authenticate',
  0x70: 'Read I/O Object',
  0x71: 'Write I/O Object',
  0x73: 'Get Module Status',
  0xfd: 'Refused',
  0xfe: 'Done',
};

export function umasName(code: number): string {
  return UMAS_NAMES[code] ?? `UMAS function 0x${code.toString(16).padStart(2, '0')}`;
}

/** What a function does in words that all protocols share; the others only read or keep a session alive. */
export const UMAS_ACTIONS: Readonly<Record<number, ActionName>> = {
  0x02: 'configuration.read',
  0x03: 'configuration.read',
  0x04: 'configuration.read',
  0x21: 'configuration.write',
  0x23: 'control.operate',
  0x25: 'control.operate',
  0x30: 'program.upload',
  0x31: 'program.upload',
  0x32: 'program.upload',
  0x33: 'program.download',
  0x34: 'program.download',
  0x35: 'program.download',
  0x40: 'controller.start',
  0x41: 'controller.stop',
  0x71: 'control.operate',
};
