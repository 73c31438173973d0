/** CIP messages (ODVA, CIP Networks Library volume 1): services, paths and what Rockwell adds to them. */
import { octets } from './octets.ts';

export const Service = {
  GetAttributesAll: 0x01,
  SetAttributesAll: 0x02,
  GetAttributeList: 0x03,
  Reset: 0x05,
  Start: 0x06,
  Stop: 0x07,
  MultipleServicePacket: 0x0a,
  GetAttributeSingle: 0x0e,
  SetAttributeSingle: 0x10,
  ExecutePccc: 0x4b,
  ReadTag: 0x4c,
  WriteTag: 0x4d,
  ForwardClose: 0x4e,
  UnconnectedSend: 0x52,
  ForwardOpen: 0x54,
  GetInstanceAttributeList: 0x55,
} as const;

export const ClassId = {
  Identity: 0x01,
  MessageRouter: 0x02,
  Assembly: 0x04,
  ConnectionManager: 0x06,
  File: 0x37,
  Pccc: 0x67,
  Symbol: 0x6b,
  Program: 0x68,
  Tcpip: 0xf5,
} as const;

/** Types of values in tags. */
export const DataType = { Bool: 0xc1, Int: 0xc3, Dint: 0xc4, Real: 0xca } as const;

/** Logical segments class, instance and, when given, attribute. */
export function objectPath(classId: number, instance: number, attribute?: number): Uint8Array {
  const path = octets();
  if (classId > 255) path.u8(0x21, 0).u16le(classId);
  else path.u8(0x20, classId);
  if (instance > 255) path.u8(0x25, 0).u16le(instance);
  else path.u8(0x24, instance);
  if (attribute !== undefined) path.u8(0x30, attribute);
  return path.take();
}

/** Symbolic segments of a tag; members are separated by points. */
export function tagPath(tag: string): Uint8Array {
  const path = octets();
  for (const part of tag.split('.')) {
    path.u8(0x91, part.length).text(part);
    if (part.length & 1) path.u8(0);
  }
  return path.take();
}

export function request(service: number, path: Uint8Array, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  return octets()
    .u8(service, path.length / 2)
    .bytes(path)
    .bytes(data)
    .take();
}

/** Answer to a service; `status` 0 is success, 0x05 path unknown, 0x08 service not supported, 0x0C state conflict. */
export function response(service: number, data: Uint8Array = new Uint8Array(0), status = 0): Uint8Array {
  return octets()
    .u8(service | 0x80, 0, status, 0)
    .bytes(data)
    .take();
}

export function readTag(tag: string, count = 1): Uint8Array {
  return request(Service.ReadTag, tagPath(tag), octets().u16le(count).take());
}

export function tagValues(values: readonly number[]): Uint8Array {
  const data = octets().u16le(DataType.Dint);
  for (const value of values) data.u32le(value);
  return data.take();
}

export function writeTag(tag: string, values: readonly number[]): Uint8Array {
  const data = octets().u16le(DataType.Dint).u16le(values.length);
  for (const value of values) data.u32le(value);
  return request(Service.WriteTag, tagPath(tag), data.take());
}

/** Several requests or responses behind offsets, as service 0x0A packs them. */
export function packed(parts: readonly Uint8Array[]): Uint8Array {
  const data = octets().u16le(parts.length);
  let offset = 2 + 2 * parts.length;
  for (const part of parts) {
    data.u16le(offset);
    offset += part.length;
  }
  for (const part of parts) data.bytes(part);
  return data.take();
}

export interface ForwardOpen {
  readonly originatorToTarget: number;
  readonly targetToOriginator: number;
  readonly serial: number;
  /** Connection path after the port segment: the Message Router, or an assembly with its connection points. */
  readonly path: Uint8Array;
  /** Bytes each way. */
  readonly sizes?: readonly [number, number];
  /** Requested packet interval, microseconds. */
  readonly interval?: number;
  /** Transport class and trigger: 0xA3 explicit messaging, 0x01 cyclic input and output. */
  readonly transport?: number;
}

/** Path to an assembly with connection points: configuration, originator to target, target to originator. */
export function assemblyPath(configuration: number, output: number, input: number): Uint8Array {
  return Uint8Array.of(0x20, ClassId.Assembly, 0x24, configuration, 0x2c, output, 0x2c, input);
}

export function forwardOpen(open: ForwardOpen): Uint8Array {
  const [output, input] = open.sizes ?? [500, 500];
  const interval = open.interval ?? 2_000_000;
  // Point to point (0x4000), low priority, variable size (0x0200).
  const data = octets()
    .u8(0x0a, 0x0e)
    .u32le(open.originatorToTarget)
    .u32le(open.targetToOriginator)
    .u16le(open.serial)
    .u16le(1)
    .u32le(0x1234);
  data
    .u8(0, 0, 0, 0)
    .u32le(interval)
    .u16le(0x4200 | output)
    .u32le(interval)
    .u16le(0x4200 | input);
  data.u8(open.transport ?? 0xa3, open.path.length / 2).bytes(open.path);
  return request(Service.ForwardOpen, objectPath(ClassId.ConnectionManager, 1), data.take());
}

export function forwardOpened(open: ForwardOpen): Uint8Array {
  const interval = open.interval ?? 2_000_000;
  const data = octets().u32le(open.originatorToTarget).u32le(open.targetToOriginator).u16le(open.serial).u16le(1).u32le(0x1234);
  return response(Service.ForwardOpen, data.u32le(interval).u32le(interval).u8(0, 0).take());
}

/** PCCC inside service 0x4B: requester id, command, status, transaction, function and data. */
export function pcccRequest(command: number, functionCode: number, transaction: number, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const body = octets().u8(7).u16le(0x1234).u32le(0x00c0ffee).u8(command, 0).u16le(transaction).u8(functionCode).bytes(data).take();
  return request(Service.ExecutePccc, objectPath(ClassId.Pccc, 1), body);
}

export function pcccResponse(command: number, transaction: number, data: Uint8Array = new Uint8Array(0), status = 0): Uint8Array {
  return response(
    Service.ExecutePccc,
    octets()
      .u8(7)
      .u16le(0x1234)
      .u32le(0x00c0ffee)
      .u8(command | 0x40, status)
      .u16le(transaction)
      .bytes(data)
      .take(),
  );
}
