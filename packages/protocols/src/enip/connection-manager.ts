/**
 * Services of the Connection Manager (class 0x06; volume 1, 3-5.5): opening and closing connections. Unconnected Send,
 * which carries another message, is read in cip-message.ts.
 */
import { u16le, u32le } from '@annunciator/packet/bytes';
import { Aspect, type Facts } from '../facts.ts';
import { CipPath, readPath } from './cip-path.ts';
import type { Connection, EnipFlow, Pending } from './flow.ts';

const path = new CipPath();

/**
 * Reads a Forward Open (`large` with connection parameters of 32 bits) from `bytes[start, end)` into a connection that
 * its reply completes; null when it is too short.
 */
export function forwardOpen(bytes: Uint8Array, start: number, end: number, large: boolean): Connection | null {
  const transport = start + (large ? 38 : 34);
  if (transport + 2 > end) return null;
  const pathEnd = transport + 2 + 2 * bytes[transport + 1];
  if (pathEnd > end) return null;
  readPath(path, bytes, transport + 2, pathEnd);
  // Transport classes 0 and 1 move data; 2 and 3 carry explicit messages.
  const moves = (bytes[transport] & 0x0f) < 2;
  return {
    originatorToTarget: 0,
    targetToOriginator: u32le(bytes, start + 6),
    serial: u16le(bytes, start + 10),
    originator: originatorOf(bytes, start + 12),
    pointOut: moves ? Math.max(path.firstPoint, 0) : -1,
    pointIn: moves ? Math.max(path.secondPoint, 0) : -1,
    routed: path.routed,
    classId: path.classId,
    classes: [...path.classes.subarray(0, path.classCount)],
    widths: [...path.widths.subarray(0, path.classCount)],
    mode: '',
  };
}

/** Where the connection path of a Forward Close stands: offset of its size byte is 10 after the start. */
export const CLOSE_PATH_SIZE = 10;

/** The open connection that a Forward Close names, or null. */
export function forwardClose(flow: EnipFlow, bytes: Uint8Array, start: number, end: number): Connection | null {
  if (start + 10 > end) return null;
  return flow.connectionBySerial(u16le(bytes, start + 2), originatorOf(bytes, start + 4));
}

/** The connection of a pending Forward Open was accepted: `bytes[start, end)` is the reply's data. */
export function opened(facts: Facts, flow: EnipFlow, pending: Pending, bytes: Uint8Array, start: number, end: number): void {
  const connection = pending.connection;
  if (connection === null || start + 8 > end) return;
  connection.originatorToTarget = u32le(bytes, start);
  connection.targetToOriginator = u32le(bytes, start + 4);
  flow.connected(connection);
  if (connection.pointOut >= 0) facts.use(Aspect.CipIoConnection, connection.pointOut, connection.pointIn);
}

/** Vendor id and serial number of the originator in one number (48 bits). */
function originatorOf(bytes: Uint8Array, at: number): number {
  return u16le(bytes, at) * 0x1_0000_0000 + u32le(bytes, at + 2);
}
