/**
 * Property bags: `&`-joined, URL-encoded pairs that follow an MQTT topic. Names with `$.` are system properties
 * (IoT Hub, communicate using MQTT).
 */
import type { MessageProperties, SystemProperties } from '../message/message.ts';

/** Properties of one message; more are refused. */
const MOST_PROPERTIES = 1000;

const SYSTEM_NAMES: Readonly<Record<string, keyof SystemProperties>> = {
  '$.mid': 'messageId',
  '$.cid': 'correlationId',
  '$.uid': 'userId',
  '$.to': 'to',
  '$.exp': 'expiry',
  '$.ct': 'contentType',
  '$.ce': 'contentEncoding',
  '$.ifid': 'interfaceId',
  '$.sub': 'component',
  '$.on': 'outputName',
  '$.ctime': 'creationTime',
  '$.schema': 'messageSchema',
};

const SYSTEM_KEYS = Object.entries(SYSTEM_NAMES);

/** The properties in a bag, undefined when it is malformed. A `/` at its end is no part of it. */
export function parsePropertyBag(bag: string): MessageProperties | undefined {
  const system: { -readonly [Name in keyof SystemProperties]: string } = {};
  const application: Record<string, string | null> = {};
  const text = bag.endsWith('/') ? bag.slice(0, -1) : bag;
  if (text === '') return { system, application };
  const pairs = text.split('&');
  if (pairs.length > MOST_PROPERTIES) return undefined;
  for (const pair of pairs) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decode(equals < 0 ? pair : pair.slice(0, equals));
    const value = equals < 0 ? null : decode(pair.slice(equals + 1));
    if (name === undefined || value === undefined || name === '' || name === '__proto__') return undefined;
    const systemName = Object.hasOwn(SYSTEM_NAMES, name) ? SYSTEM_NAMES[name] : undefined;
    if (systemName) system[systemName] = value ?? '';
    else application[name] = value;
  }
  return { system, application };
}

function decode(text: string): string | undefined {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** The bag of a message to a device. */
export function formatPropertyBag({ system, application }: MessageProperties): string {
  const pairs: string[] = [];
  for (const [key, name] of SYSTEM_KEYS) {
    const value = system[name];
    if (value !== undefined) pairs.push(`${encode(key)}=${encode(value)}`);
  }
  for (const [name, value] of Object.entries(application)) pairs.push(value === null ? encode(name) : `${encode(name)}=${encode(value)}`);
  return pairs.join('&');
}

/** Half a character, as JSON can hold, has no encoding. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
