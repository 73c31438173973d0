/**
 * The S7comm header as a pure function from bytes to values. Hot code: fills one reused object, allocates nothing.
 */
import { u16 } from '@annunciator/packet/bytes';
import { Speaker } from '../dissector.ts';
import { Func, Rosctr } from './names.ts';

export const PROTOCOL_ID = 0x32;
export const HEADER = 10;
/** Ack and Ack_Data carry error class and code after the header. */
export const ACK_HEADER = 12;

export interface S7Header {
  rosctr: number;
  reference: number;
  /** First byte and byte after the parameters; the data follow them. */
  parameters: number;
  data: number;
  /** Byte after the data as the header announces it. */
  end: number;
  /** Error class << 8 | error code; 0 in jobs and user data. */
  error: number;
}

export const newHeader = (): S7Header => ({ rosctr: 0, reference: 0, parameters: 0, data: 0, end: 0, error: 0 });

export const hasError = (rosctr: number): boolean => rosctr === Rosctr.Ack || rosctr === Rosctr.AckData;

/** Reads the header at `start`; the caller has made sure of 10 bytes, or 12 for acks. */
export function readHeader(bytes: Uint8Array, start: number, into: S7Header): S7Header {
  const rosctr = bytes[start + 1];
  const acknowledges = hasError(rosctr);
  into.rosctr = rosctr;
  into.reference = u16(bytes, start + 4);
  into.error = acknowledges ? u16(bytes, start + 10) : 0;
  into.parameters = start + (acknowledges ? ACK_HEADER : HEADER);
  into.data = into.parameters + u16(bytes, start + 6);
  into.end = into.data + u16(bytes, start + 8);
  return into;
}

/** The first bytes are an S7comm header of a PDU of `length` bytes (-1: unknown, the PDU goes on in further packets). */
export function looksLikeS7(bytes: Uint8Array, start: number, end: number, length: number): boolean {
  if (end - start < HEADER || bytes[start] !== PROTOCOL_ID || u16(bytes, start + 2) !== 0) return false;
  const rosctr = bytes[start + 1];
  if (rosctr !== Rosctr.Job && rosctr !== Rosctr.Ack && rosctr !== Rosctr.AckData && rosctr !== Rosctr.UserData) return false;
  const header = hasError(rosctr) ? ACK_HEADER : HEADER;
  const announced = header + u16(bytes, start + 6) + u16(bytes, start + 8);
  return length < 0 ? announced >= end - start : announced === length || (announced < length && bytes[start + announced] === PROTOCOL_ID);
}

/** Kind of user data in the upper half of the octet after the method: a request, or the answer to one. */
const UserDataType = { Request: 4, Response: 8 } as const;

/**
 * Which side sends a PDU: jobs and requests come from the client, acknowledgements and answers from the server. In a
 * download they are exchanged: the controller asks for each block.
 */
export function speakerOf(bytes: Uint8Array, start: number, end: number): Speaker {
  if (end - start < ACK_HEADER + 1) return Speaker.Unknown;
  const rosctr = bytes[start + 1];
  if (rosctr === Rosctr.UserData) {
    const type = end - start >= HEADER + 6 ? bytes[start + HEADER + 5] >> 4 : 0;
    return type === UserDataType.Request ? Speaker.Client : type === UserDataType.Response ? Speaker.Server : Speaker.Unknown;
  }
  const job = rosctr === Rosctr.Job;
  const func = bytes[start + (job ? HEADER : ACK_HEADER)];
  const asked = func === Func.DownloadBlock || func === Func.DownloadEnded;
  return job === asked ? Speaker.Server : Speaker.Client;
}
