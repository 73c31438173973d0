/** Control packet types, return and reason codes of MQTT 3.1.1 and 5 (OASIS; 2.1.2, 3.2.2 and 2.4) as Wireshark numbers `mqtt.msgtype`. */
export const Packet = {
  Connect: 1,
  Connack: 2,
  Publish: 3,
  Puback: 4,
  Pubrec: 5,
  Pubrel: 6,
  Pubcomp: 7,
  Subscribe: 8,
  Suback: 9,
  Unsubscribe: 10,
  Unsuback: 11,
  Pingreq: 12,
  Pingresp: 13,
  Disconnect: 14,
  Auth: 15,
} as const;

const packets: readonly string[] = [
  'Reserved',
  'Connect',
  'Connect Ack',
  'Publish',
  'Publish Ack',
  'Publish Received',
  'Publish Release',
  'Publish Complete',
  'Subscribe',
  'Subscribe Ack',
  'Unsubscribe',
  'Unsubscribe Ack',
  'Ping Request',
  'Ping Response',
  'Disconnect',
  'Authentication Exchange',
];
export const packetName = (type: number): string => packets[type] ?? `Packet ${type}`;

/** The four flag bits that a packet other than PUBLISH carries (2.1.3). */
export const flagsOf = (type: number): number =>
  type === Packet.Pubrel || type === Packet.Subscribe || type === Packet.Unsubscribe ? 2 : 0;

/** Packets that only a client sends. */
export const isClientPacket = (type: number): boolean =>
  type === Packet.Connect || type === Packet.Subscribe || type === Packet.Unsubscribe || type === Packet.Pingreq;
export const isResponse = (type: number): boolean =>
  type === Packet.Connack ||
  (type >= Packet.Puback && type <= Packet.Pubcomp && type !== Packet.Pubrel) ||
  type === Packet.Suback ||
  type === Packet.Unsuback ||
  type === Packet.Pingresp;

/** Protocol levels: 3.1, 3.1.1 and 5. */
export const VERSION_5 = 5;

const returnCodes: readonly string[] = [
  'accepted',
  'unacceptable protocol version',
  'identifier rejected',
  'server unavailable',
  'bad user name or password',
  'not authorized',
];

const reasonCodes: Readonly<Record<number, string>> = {
  0x80: 'unspecified error',
  0x81: 'malformed packet',
  0x82: 'protocol error',
  0x83: 'implementation specific error',
  0x84: 'unsupported protocol version',
  0x85: 'client identifier not valid',
  0x86: 'bad user name or password',
  0x87: 'not authorized',
  0x88: 'server unavailable',
  0x89: 'server busy',
  0x8a: 'banned',
  0x8b: 'server shutting down',
  0x8c: 'bad authentication method',
  0x8d: 'keep alive timeout',
  0x8e: 'session taken over',
  0x8f: 'topic filter invalid',
  0x90: 'topic name invalid',
  0x91: 'packet identifier in use',
  0x92: 'packet identifier not found',
  0x93: 'receive maximum exceeded',
  0x94: 'topic alias invalid',
  0x95: 'packet too large',
  0x96: 'message rate too high',
  0x97: 'quota exceeded',
  0x98: 'administrative action',
  0x99: 'payload format invalid',
  0x9a: 'retain not supported',
  0x9b: 'QoS not supported',
  0x9c: 'use another server',
  0x9d: 'server moved',
  0x9e: 'shared subscriptions not supported',
  0x9f: 'connection rate exceeded',
  0xa0: 'maximum connect time',
  0xa1: 'subscription identifiers not supported',
  0xa2: 'wildcard subscriptions not supported',
};

/** What a code of an acknowledgement means; codes from 0x80 on are failures of MQTT 5 (2.4). */
export const codeName = (code: number): string => (code < 0x80 ? returnCodes[code] : reasonCodes[code]) ?? `code ${code}`;

/** Codes of CONNACK that refuse who signs in: of 3.1.1 (3.2.2.3), then of 5 (3.2.2.2). */
export const refusesLogin = (code: number): boolean =>
  code === 4 || code === 5 || code === 0x86 || code === 0x87 || code === 0x8a || code === 0x8c;

/** What an MQTT stream can do wrong. */
export const VIOLATIONS = {
  'mqtt.packet-type': { malformed: true },
  'mqtt.remaining-length': { malformed: true },
  'mqtt.flags': { malformed: true },
  'mqtt.qos': { malformed: true },
  'mqtt.length': { malformed: true },
  'mqtt.protocol-name': { malformed: true },
  'mqtt.connect-flags': { malformed: true },
  'mqtt.connect-again': { malformed: false },
  'mqtt.missing-connect': { malformed: false },
} as const;
export type MqttViolation = keyof typeof VIOLATIONS;
