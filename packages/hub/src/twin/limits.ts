/** What a twin may hold (IoT Hub, device twins: properties and limits). */
import { HubError } from '../hub-error.ts';

/** JSON values as `JSON.parse` gives them. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

export const TAGS_BYTES = 8 * 1024;
export const PROPERTIES_BYTES = 32 * 1024;
const MAX_DEPTH = 10;
const KEY_BYTES = 1024;
const STRING_BYTES = 4096;
const MAX_INTEGER = 4_503_599_627_370_495;
/** Control characters (C0 and C1), dot, dollar, blank. */
const FORBIDDEN_IN_KEYS = /[\p{Cc}.$ ]/u;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Parses a JSON object that came from outside.
 * @throws HubError ArgumentInvalid when it is none
 */
export function parseObject(text: string, what: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new HubError('ArgumentInvalid', `${what} is not JSON: ${JSON.stringify(text.slice(0, 60))}.`);
  }
  if (isObject(value)) return value;
  throw new HubError('ArgumentInvalid', `${what} must be a JSON object.`);
}

/**
 * Checks names, values and depth of a patch or a whole section. Never goes deeper than the limit, so hostile nesting costs
 * nothing.
 * @throws HubError ArgumentInvalid that names the first fault
 */
export function checkSection(section: JsonObject, what: string): void {
  checkObject(section, what, 1);
}

function checkObject(object: JsonObject, path: string, depth: number): void {
  for (const [key, value] of Object.entries(object)) {
    // __proto__ is a name that JavaScript's objects cannot keep as a member.
    if (key === '' || key === '__proto__' || FORBIDDEN_IN_KEYS.test(key))
      throw new HubError(
        'ArgumentInvalid',
        `The name ${JSON.stringify(key.slice(0, 60))} in ${path} cannot be used: no empty names, control characters, ".", "$" or blanks.`,
      );
    if (Buffer.byteLength(key) > KEY_BYTES)
      throw new HubError('ArgumentInvalid', `A name in ${path} has ${Buffer.byteLength(key)} bytes; ${KEY_BYTES} are allowed.`);
    checkValue(value, `${path}.${key.slice(0, 60)}`, depth);
  }
}

function checkValue(value: Json, path: string, depth: number): void {
  if (typeof value === 'string') {
    if (Buffer.byteLength(value) > STRING_BYTES)
      throw new HubError('ArgumentInvalid', `${path} has ${Buffer.byteLength(value)} bytes; a string may have ${STRING_BYTES}.`);
  } else if (typeof value === 'number') {
    if (Number.isInteger(value) && (value > MAX_INTEGER || value < -MAX_INTEGER - 1))
      throw new HubError('ArgumentInvalid', `${path} is ${value}; whole numbers go from ${-MAX_INTEGER - 1} to ${MAX_INTEGER}.`);
  } else if (typeof value === 'object' && value !== null) {
    if (depth >= MAX_DEPTH) throw new HubError('ArgumentInvalid', `${path} nests deeper than ${MAX_DEPTH} levels.`);
    if (Array.isArray(value)) for (const one of value) checkValue(one, path, depth + 1);
    else checkObject(value, path, depth + 1);
  }
}

/** Bytes of a section as the limits count them: UTF-8 of names and strings, 8 for a number, 4 for a boolean. */
export function sectionBytes(value: Json): number {
  switch (typeof value) {
    case 'string':
      return Buffer.byteLength(value);
    case 'number':
      return 8;
    case 'boolean':
      return 4;
  }
  if (value === null) return 0;
  if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + sectionBytes(one), 0);
  return Object.entries(value).reduce((sum, [key, one]) => sum + Buffer.byteLength(key) + sectionBytes(one), 0);
}

/** @throws HubError MessageTooLarge */
export function checkBytes(section: JsonObject, what: string, limit: number): void {
  const bytes = sectionBytes(section);
  if (bytes > limit) throw new HubError('MessageTooLarge', `${what} would have ${bytes} bytes; ${limit} are allowed.`);
}
