/** Bytes of MQTT control packets (OASIS MQTT 3.1.1 and 5, 2.1 and 3.1). Pure: nothing is remembered, nothing is told. */
import { text, u16, u32 } from '@annunciator/packet/bytes';
import { Confidence } from '../dissector.ts';
import { hashOf } from '../hash.ts';
import { flagsOf } from './names.ts';

/** Value of the variable byte integer at `at` (1.5.5), -1 when bytes are missing, -2 when it has more than four. */
export function remainingLength(bytes: Uint8Array, at: number, end: number): number {
  let value = 0;
  for (let shift = 0; shift <= 21; shift += 7) {
    if (at >= end) return -1;
    const byte = bytes[at++];
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  return -2;
}

/** Bytes that a value takes as a variable byte integer, written as short as it can be. */
export function integerBytes(bytes: Uint8Array, at: number): number {
  let size = 1;
  while (size < 4 && bytes[at + size - 1] & 0x80) size++;
  return size;
}

/** Offset after the text or binary data at `at` (two bytes of length first), or -1 when it runs past `end`. */
export function afterText(bytes: Uint8Array, at: number, end: number): number {
  if (at + 2 > end) return -1;
  const after = at + 2 + u16(bytes, at);
  return after <= end ? after : -1;
}

/** Offset after the properties at `at` (5, 2.2.2), or -1 when they run past `end`. */
export function afterProperties(bytes: Uint8Array, at: number, end: number): number {
  const length = remainingLength(bytes, at, end);
  if (length < 0) return -1;
  const after = at + integerBytes(bytes, at) + length;
  return after <= end ? after : -1;
}

/** Offset of the protocol level after a protocol name that exists, or -1: `MQTT` of 3.1.1 and 5, `MQIsdp` of 3.1. */
export function afterName(bytes: Uint8Array, at: number, end: number): number {
  if (at + 7 <= end && u32(bytes, at) === 0x00044d51 && u16(bytes, at + 4) === 0x5454) return at + 6;
  if (at + 9 <= end && u32(bytes, at) === 0x00064d51 && u32(bytes, at + 4) === 0x49736470) return at + 8;
  return -1;
}

export interface Connect {
  /** Protocol level. */
  version: number;
  flags: number;
  client: string;
  user: string;
  /** Hash of the password, when there is one. */
  secret: number | undefined;
}

/** Reads a CONNECT from its variable header on, or says what is wrong with it. `name` gives the offset of the level. */
export function readConnect(bytes: Uint8Array, level: number, end: number): Connect | undefined {
  if (level + 4 > end) return undefined;
  const connect: Connect = { version: bytes[level], flags: bytes[level + 1], client: '', user: '', secret: undefined };
  let at = level + 4;
  if (connect.version === 5) at = afterProperties(bytes, at, end);
  if (at < 0) return undefined;
  let after = afterText(bytes, at, end);
  if (after < 0) return undefined;
  connect.client = text(bytes, at + 2, after, 128);
  if (connect.flags & 0x04) {
    if (connect.version === 5) after = afterProperties(bytes, after, end);
    if (after >= 0) after = afterText(bytes, after, end);
    if (after >= 0) after = afterText(bytes, after, end);
    if (after < 0) return undefined;
  }
  if (connect.flags & 0x80) {
    at = after;
    after = afterText(bytes, at, end);
    if (after < 0) return undefined;
    connect.user = text(bytes, at + 2, after, 128);
  }
  if (connect.flags & 0x40) {
    at = after;
    after = afterText(bytes, at, end);
    if (after >= 0) connect.secret = hashOf(bytes, at + 2, after);
  }
  return connect;
}

/** CONNECT is certain by its protocol name; other packets whose flags fit are possible on the port. */
export function identify(bytes: Uint8Array, start: number, end: number): Confidence {
  if (end - start < 2) return Confidence.More;
  const type = bytes[start] >> 4;
  const flags = bytes[start] & 15;
  if (type === 0) return Confidence.No;
  if (type !== 1) return (type === 3 ? (flags & 6) !== 6 : flags === flagsOf(type)) ? Confidence.Possible : Confidence.No;
  if (flags !== 0) return Confidence.No;
  const length = remainingLength(bytes, start + 1, end);
  if (length === -1) return Confidence.More;
  if (length < 10) return Confidence.No;
  const at = start + 1 + integerBytes(bytes, start + 1);
  if (at < end && bytes[at] !== 0) return Confidence.No;
  if (end - at < 9) return Confidence.More;
  const level = afterName(bytes, at, end);
  return level >= 0 && bytes[level] >= 3 && bytes[level] <= 5 ? Confidence.Certain : Confidence.No;
}
