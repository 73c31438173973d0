/** Message properties in HTTP headers (IoT Hub, device REST calls). */
import type { IncomingMessage } from 'node:http';
import { HubError } from '../hub-error.ts';
import type { ApplicationProperties, MessageProperties, SystemProperties } from '../message/message.ts';
import type { QueuedMessage } from '../state/device-queue.ts';

const SYSTEM_HEADERS: Readonly<Record<string, keyof SystemProperties>> = {
  'iothub-messageid': 'messageId',
  'iothub-correlationid': 'correlationId',
  'iothub-userid': 'userId',
  'iothub-to': 'to',
  'iothub-expiry': 'expiry',
  'iothub-contenttype': 'contentType',
  'iothub-contentencoding': 'contentEncoding',
  'iothub-interface-id': 'interfaceId',
  'iothub-message-schema': 'messageSchema',
  'iothub-creation-time-utc': 'creationTime',
  'dt-subject': 'component',
};
const APPLICATION_PREFIX = 'iothub-app-';

/** Properties of a message that a device sent. Names of application properties keep their case. */
export function parseMessageHeaders({ rawHeaders }: IncomingMessage): MessageProperties {
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) pairs.push([rawHeaders[at], rawHeaders[at + 1]]);
  return parseProperties(pairs);
}

/** Properties from names and values, as headers and batches carry them. */
export function parseProperties(pairs: Iterable<readonly [string, string]>): MessageProperties {
  const system: { -readonly [Name in keyof SystemProperties]: string } = {};
  const application: Record<string, string> = {};
  for (const [name, value] of pairs) {
    const lower = name.toLowerCase();
    const systemName = Object.hasOwn(SYSTEM_HEADERS, lower) ? SYSTEM_HEADERS[lower] : undefined;
    if (systemName) system[systemName] = value;
    else if (lower.startsWith(APPLICATION_PREFIX)) {
      const own = name.slice(APPLICATION_PREFIX.length);
      if (own === '' || own === '__proto__') throw new HubError('ArgumentInvalid', `The header ${name} names no application property.`);
      application[own] = value;
    }
  }
  return { system, application };
}

/** Headers of a message to a device. Values that headers cannot carry are encoded as URIs are. */
export function formatMessageHeaders(message: QueuedMessage, deviceId: string): Record<string, string> {
  const { system, application } = message.properties;
  const headers: Record<string, string> = {
    etag: `"${message.lockToken}"`,
    'iothub-to': system.to ?? `/devices/${encodeURIComponent(deviceId)}/messages/devicebound`,
    'iothub-sequencenumber': String(message.sequence),
    'iothub-enqueuedtime': new Date(message.enqueued).toISOString(),
    'iothub-deliverycount': String(message.deliveries),
    'iothub-expiry': new Date(message.expires).toISOString(),
    'iothub-ack': message.ack,
  };
  for (const [header, name] of Object.entries(SYSTEM_HEADERS)) {
    const value = system[name];
    if (value !== undefined && !(header in headers)) headers[header] = headerValue(value);
  }
  return { ...headers, ...applicationHeaders(application) };
}

function applicationHeaders(application: ApplicationProperties): Record<string, string> {
  return Object.fromEntries(
    Object.entries(application).map(([name, value]) => [`${APPLICATION_PREFIX}${headerName(name)}`, headerValue(value ?? '')]),
  );
}

function headerName(name: string): string {
  return /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name) ? name : encodeURIComponent(name).replaceAll(/[()]/g, '_');
}

function headerValue(value: string): string {
  return /^[\t\x20-\x7e]*$/.test(value) ? value : encodeURIComponent(value);
}
