/** Is it OPC UA? Judged by the header that every message begins with (OPC 10000-6, 7.1.2.2). Hot code. */
import { u32le } from '@annunciator/packet/bytes';
import { Confidence } from '../dissector.ts';
import { TRANSPORTS, Transport } from './names.ts';

export const HEADER = 8;
/** Largest chunk that is read; servers offer buffers of 64 KiB. */
export const LONGEST = 1 << 18;
/** `http://opcfoundation.org/UA/SecurityPolicy#`: security policies of the standard begin like this. */
const POLICY = Uint8Array.from(Buffer.from('http://opcfoundation.org/UA/'));
const FINAL = 0x46;

export const tagOf = (bytes: Uint8Array, at: number): number => bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16);

export function isFoundationPolicy(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < POLICY.length) return false;
  for (let i = 0; i < POLICY.length; i++) if (bytes[start + i] !== POLICY[i]) return false;
  return true;
}

/** The letters alone are one in 2^24; the chunk type and a size that fits make it certain. */
export function identifyOpcua(bytes: Uint8Array, start: number, end: number, stream: boolean): Confidence {
  if (!stream) return Confidence.No;
  if (end - start < HEADER) {
    for (const tag of TRANSPORTS.keys()) {
      const known = Math.min(3, end - start);
      if ((tagOf(bytes, start) & (2 ** (8 * known) - 1)) === (tag & (2 ** (8 * known) - 1))) return Confidence.More;
    }
    return Confidence.No;
  }
  const type = TRANSPORTS.get(tagOf(bytes, start));
  if (!type) return Confidence.No;
  const tag = tagOf(bytes, start);
  const chunk = bytes[start + 3];
  const size = u32le(bytes, start + 4);
  if (chunk !== FINAL && !(tag === Transport.MSG && (chunk === 0x43 || chunk === 0x41))) return Confidence.No;
  if (size < type.least || size > LONGEST) return Confidence.No;
  if (tag === Transport.ACK && size !== 28) return Confidence.No;
  if (tag === Transport.CLO && size > 4_096) return Confidence.No;
  if (tag === Transport.HEL) {
    // The size is told twice: by the header and by the length of the endpoint URL.
    if (end - start < 32) return Confidence.More;
    const url = u32le(bytes, start + 28);
    return size === 32 + (url === 0xffffffff ? 0 : url) ? Confidence.Certain : Confidence.No;
  }
  if (tag === Transport.OPN) {
    if (end - start < 44) return Confidence.More;
    return isFoundationPolicy(bytes, start + 16, end) ? Confidence.Certain : Confidence.Possible;
  }
  return Confidence.Certain;
}
