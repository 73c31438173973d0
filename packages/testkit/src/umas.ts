/**
 * UMAS, Schneider Electric's engineering protocol inside Modbus function 90. Not published by its maker; the layout used
 * here (pairing key, function, data; answers 0xFE or 0xFD) is what public dissectors agree on.
 */
import { octets } from './octets.ts';

export const Umas = {
  InitComm: 0x01,
  ReadId: 0x02,
  ReadProjectInfo: 0x03,
  ReadPlcInfo: 0x04,
  TakePlcReservation: 0x10,
  ReleasePlcReservation: 0x11,
  KeepAlive: 0x12,
  ReadVariables: 0x22,
  WriteVariables: 0x23,
  InitializeUpload: 0x30,
  UploadBlock: 0x31,
  EndStrategyUpload: 0x32,
  InitializeDownload: 0x33,
  DownloadBlock: 0x34,
  EndStrategyDownload: 0x35,
  StartPlc: 0x40,
  StopPlc: 0x41,
} as const;

export function request(functionCode: number, data: Uint8Array = new Uint8Array(0), pairing = 0): Uint8Array {
  return octets().u8(90, pairing, functionCode).bytes(data).take();
}

/** Positive answer 0xFE. */
export function response(data: Uint8Array = new Uint8Array(0), pairing = 0): Uint8Array {
  return octets().u8(90, pairing, 0xfe).bytes(data).take();
}

/** Refusal 0xFD with an error code. */
export function refusal(code: number, pairing = 0): Uint8Array {
  return octets().u8(90, pairing, 0xfd, code).take();
}
