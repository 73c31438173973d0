/** AMQP messages to the hub's messages and back (IoT Hub, message format over AMQP). */
import rhea, { type Message } from 'rhea';
import { HubError } from '../hub-error.ts';
import type { DeviceMessage, SystemProperties } from '../message/message.ts';
import { checkMessage } from './frame-guard.ts';
import { AmqpViolation } from './violation.ts';

/** Marks a message whose body holds several messages, each in a data section. */
export const BATCH_FORMAT = 0x80013700;

const DATA_SECTION = 0x75;
const MOST_IN_BATCH = 500;

/** What `application_properties` of our own making means to the hub and is no property of the message. */
const ACK = 'iothub-ack';

const ANNOTATIONS: Readonly<Record<string, keyof SystemProperties>> = {
  'iothub-interface-id': 'interfaceId',
  'dt-subject': 'component',
  'iothub-creation-time-utc': 'creationTime',
  'iothub-message-schema': 'messageSchema',
};

/** Any value of a message's fields as text; undefined for none. */
export function textOf(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'string') return value;
  // A uuid comes as its 16 bytes.
  if (Buffer.isBuffer(value)) return value.length === 16 ? rhea.uuid_to_string(value) : value.toString();
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  return JSON.stringify(value);
}

/** The bytes of a message: of its data sections, or of its value written as text. */
export function bodyOf(message: Message): Buffer {
  const body: unknown = message['body'];
  if (body === undefined || body === null) return Buffer.alloc(0);
  if (typeof body === 'object' && 'typecode' in body && 'content' in body) {
    const { typecode, content } = body;
    if (typecode !== DATA_SECTION) throw new HubError('ArgumentInvalid', 'The body of a message must be data or a value.');
    if (Array.isArray(content)) return Buffer.concat(content.filter((piece) => Buffer.isBuffer(piece)));
    return Buffer.isBuffer(content) ? content : Buffer.alloc(0);
  }
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(textOf(body) ?? '');
}

/** A map of a message, its members as the sender named them. */
export function mapOf(message: Message, section: 'application_properties' | 'message_annotations'): Readonly<Record<string, unknown>> {
  const map: unknown = message[section];
  // rhea turns maps into plain objects.
  return typeof map === 'object' && map !== null ? (map as Record<string, unknown>) : {};
}

/** A message that came over a link. */
export function fromAmqp(message: Message): DeviceMessage {
  const system: { -readonly [Name in keyof SystemProperties]: string } = {};
  const set = (name: keyof SystemProperties, value: unknown): void => {
    const text = textOf(value);
    if (text !== undefined) system[name] = text;
  };
  set('messageId', message['message_id']);
  set('correlationId', message['correlation_id']);
  set('userId', message['user_id']);
  set('to', message['to']);
  set('expiry', message['absolute_expiry_time']);
  set('contentType', message['content_type']);
  set('contentEncoding', message['content_encoding']);
  set('creationTime', message['creation_time']);
  const annotations = mapOf(message, 'message_annotations');
  for (const [name, member] of Object.entries(ANNOTATIONS)) set(member, annotations[name]);
  const application: Record<string, string | null> = {};
  for (const [name, value] of Object.entries(mapOf(message, 'application_properties')))
    if (name !== ACK) application[name] = textOf(value) ?? null;
  return { system, application, body: bodyOf(message) };
}

/** Bytes that have passed the guard as a message. */
function decodeMessage(bytes: Buffer): Message {
  // The library has two types for the same object.
  return rhea.message.decode(bytes) as unknown as Message;
}

/** The messages of a batch. @throws AmqpViolation, HubError ArgumentInvalid */
export function fromBatch(bytes: Buffer): DeviceMessage[] {
  const body: unknown = decodeMessage(bytes)['body'];
  const content = typeof body === 'object' && body !== null && 'content' in body ? body.content : undefined;
  const pieces: unknown[] = Array.isArray(content) ? content : [content];
  if (pieces.length > MOST_IN_BATCH)
    throw new HubError('ArgumentInvalid', `The batch has ${pieces.length} messages; ${MOST_IN_BATCH} are allowed.`);
  return pieces.map((piece) => {
    if (!Buffer.isBuffer(piece)) throw new AmqpViolation('a batch whose content is no data');
    checkMessage(piece);
    return fromAmqp(decodeMessage(piece));
  });
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** An id as SDKs send it: UUIDs in their own type. */
export function idOf(id: string): string | Buffer {
  return UUID.test(id) ? rhea.string_to_uuid(id) : id;
}

/** A message to a device or a back end. Members that are undefined are left out. */
export function toAmqp({ system, application, body }: DeviceMessage): Record<string, unknown> {
  const expiry = system.expiry === undefined ? undefined : Date.parse(system.expiry);
  const fields: Record<string, unknown> = {
    message_id: system.messageId === undefined ? undefined : idOf(system.messageId),
    correlation_id: system.correlationId === undefined ? undefined : idOf(system.correlationId),
    user_id: system.userId === undefined ? undefined : Buffer.from(system.userId),
    to: system.to,
    absolute_expiry_time: expiry === undefined || Number.isNaN(expiry) ? undefined : new Date(expiry),
    content_type: system.contentType,
    content_encoding: system.contentEncoding,
    application_properties: { ...application },
    body: rhea.message.data_section(Buffer.from(body)),
  };
  for (const name of Object.keys(fields)) if (fields[name] === undefined) delete fields[name];
  return fields;
}
