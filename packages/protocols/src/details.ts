/**
 * Values that messages carry and that nobody asks for but custom rules: registers and what is written to them, causes,
 * counters. Dissectors state them only while `facts.wantsDetails`, so they cost nothing where no rule reads them.
 */

export const Detail = {
  ModbusAddress: 1,
  ModbusValue: 2,
  ModbusSubfunction: 3,
  ModbusUnit: 4,
  S7Area: 10,
  S7Block: 11,
  S7Offset: 12,
  S7Count: 13,
  S7Value: 14,
  Dnp3Source: 18,
  Dnp3Destination: 19,
  Dnp3Group: 20,
  Dnp3Variation: 21,
  Dnp3Point: 22,
  Dnp3Control: 23,
  Dnp3Value: 24,
  Iec104Cause: 30,
  Iec104Negative: 31,
  Iec104Object: 32,
  Iec104Value: 33,
  CipInstance: 40,
  CipAttribute: 41,
  CipStatus: 42,
  CipValue: 43,
  BacnetValue: 50,
  BacnetPriority: 51,
  GooseAppid: 60,
  GooseReference: 61,
  GooseStateNumber: 62,
  GooseSequenceNumber: 63,
  GooseSimulation: 64,
  GooseConfRev: 65,
  MqttTopic: 70,
  MqttQos: 71,
  MqttClient: 72,
} as const;
export type Detail = (typeof Detail)[keyof typeof Detail];

export interface DetailDefinition {
  readonly number: Detail;
  /** As rules call it. */
  readonly name: string;
  readonly kind: 'number' | 'text';
  readonly protocols: readonly string[];
  /** Comes once for each item of a message, together with those of the same item. */
  readonly item: boolean;
  readonly words?: Readonly<Record<number, string>>;
  /** Wireshark's name, where it has one. */
  readonly wireshark?: string;
  readonly about: string;
}

const AREAS = { 0x81: 'I', 0x82: 'Q', 0x83: 'M', 0x84: 'DB', 0x85: 'DI', 0x86: 'L', 0x1c: 'C', 0x1d: 'T' };
const YES_NO = { 0: 'no', 1: 'yes' };

const define = (
  number: Detail,
  protocol: string,
  name: string,
  about: string,
  more: Partial<Pick<DetailDefinition, 'kind' | 'item' | 'words' | 'wireshark'>> = {},
): DetailDefinition => ({ number, name, kind: 'number', protocols: [protocol], item: false, about, ...more });

const ITEM = { item: true } as const;

export const DETAILS: readonly DetailDefinition[] = [
  define(Detail.ModbusAddress, 'modbus', 'address', 'register or coil, counted from 0', { ...ITEM, wireshark: 'modbus.reference_num' }),
  define(Detail.ModbusValue, 'modbus', 'value', 'value of a register or coil that is written, or read in an answer', {
    ...ITEM,
    wireshark: 'modbus.regval_uint16',
  }),
  define(Detail.ModbusUnit, 'modbus', 'unit', 'unit identifier', { wireshark: 'mbtcp.unit_id' }),
  define(Detail.ModbusSubfunction, 'modbus', 'subfunction', 'subfunction of a diagnostic', { wireshark: 'modbus.diagnostic_code' }),
  define(Detail.S7Area, 's7comm', 'area', 'memory area', { ...ITEM, words: AREAS, wireshark: 's7comm.param.item.area' }),
  define(Detail.S7Block, 's7comm', 'block', 'number of the data block', { ...ITEM, wireshark: 's7comm.param.item.db' }),
  define(Detail.S7Offset, 's7comm', 'offset', 'first byte of the variable', { ...ITEM, wireshark: 's7comm.param.item.address.byte' }),
  define(Detail.S7Count, 's7comm', 'count', 'elements of the variable', { ...ITEM, wireshark: 's7comm.param.item.length' }),
  define(Detail.S7Value, 's7comm', 'value', 'number that is written, of up to four bytes', ITEM),
  define(Detail.Dnp3Source, 'dnp3', 'link.source', 'address of the sender on the link', { wireshark: 'dnp3.src' }),
  define(Detail.Dnp3Destination, 'dnp3', 'link.destination', 'address of the receiver on the link', { wireshark: 'dnp3.dst' }),
  define(Detail.Dnp3Group, 'dnp3', 'group', 'object group', ITEM),
  define(Detail.Dnp3Variation, 'dnp3', 'variation', 'object variation', ITEM),
  define(Detail.Dnp3Point, 'dnp3', 'point', 'index of a point', ITEM),
  define(Detail.Dnp3Control, 'dnp3', 'control', 'control code of a relay output (group 12)', ITEM),
  define(Detail.Dnp3Value, 'dnp3', 'value', 'value of an analogue output (group 41)', ITEM),
  define(Detail.Iec104Cause, 'iec104', 'cause', 'cause of transmission', { wireshark: 'iec60870_asdu.causetx' }),
  define(Detail.Iec104Negative, 'iec104', 'negative', 'negative confirmation', { words: YES_NO, wireshark: 'iec60870_asdu.nega' }),
  define(Detail.Iec104Object, 'iec104', 'object', 'information object address', { ...ITEM, wireshark: 'iec60870_asdu.ioa' }),
  define(Detail.Iec104Value, 'iec104', 'value', 'value of the information object', ITEM),
  define(Detail.CipInstance, 'cip', 'instance', 'instance of the object', { ...ITEM, wireshark: 'cip.instance' }),
  define(Detail.CipAttribute, 'cip', 'attribute', 'attribute of the object', { ...ITEM, wireshark: 'cip.attribute' }),
  define(Detail.CipStatus, 'cip', 'status', 'general status of an answer', { wireshark: 'cip.genstat' }),
  define(Detail.CipValue, 'cip', 'value', 'first number that is written to a tag', ITEM),
  define(Detail.BacnetValue, 'bacnet', 'value', 'number that is written to a property', ITEM),
  define(Detail.BacnetPriority, 'bacnet', 'priority', 'priority of a write, 1 to 16', ITEM),
  define(Detail.GooseAppid, 'goose', 'appid', 'application identifier', { wireshark: 'goose.appid' }),
  define(Detail.GooseReference, 'goose', 'control-block', 'reference of the control block', { kind: 'text', wireshark: 'goose.gocbRef' }),
  define(Detail.GooseStateNumber, 'goose', 'stnum', 'state number', { wireshark: 'goose.stNum' }),
  define(Detail.GooseSequenceNumber, 'goose', 'sqnum', 'sequence number', { wireshark: 'goose.sqNum' }),
  define(Detail.GooseSimulation, 'goose', 'simulation', 'a test device simulates the message', {
    words: YES_NO,
    wireshark: 'goose.simulation',
  }),
  define(Detail.GooseConfRev, 'goose', 'confrev', 'configuration revision', { wireshark: 'goose.confRev' }),
  define(Detail.MqttTopic, 'mqtt', 'topic', 'topic of a PUBLISH, topic filter of a SUBSCRIBE', {
    ...ITEM,
    kind: 'text',
    wireshark: 'mqtt.topic',
  }),
  define(Detail.MqttQos, 'mqtt', 'qos', 'quality of service', { ...ITEM, wireshark: 'mqtt.qos' }),
  define(Detail.MqttClient, 'mqtt', 'client-id', 'client identifier of a CONNECT', { kind: 'text', wireshark: 'mqtt.clientid' }),
];
