/** Modbus/TCP (Modbus Application Protocol V1.1b3, Modbus Messaging on TCP/IP V1.0b). */
import type { Host } from './host.ts';
import { join, octets, packBits } from './octets.ts';
import type { ConnectionOptions, Delivery } from './tcp.ts';
import { Connection } from './tcp.ts';
import type { Timeline } from './timeline.ts';
import * as umas from './umas.ts';

export const PORT = 502;

/** MBAP header and PDU; `length` overrides the announced length. */
export function adu(transaction: number, unit: number, pdu: Uint8Array, length = pdu.length + 1): Uint8Array {
  return octets().u16(transaction).u16(0).u16(length).u8(unit).bytes(pdu).take();
}

/** Requests that name a first item and a count: functions 1 to 4. */
export function readRequest(functionCode: number, first: number, count: number): Uint8Array {
  return octets().u8(functionCode).u16(first).u16(count).take();
}

export function bitsResponse(functionCode: number, bits: readonly (boolean | number)[]): Uint8Array {
  const packed = packBits(bits);
  return octets().u8(functionCode, packed.length).bytes(packed).take();
}

export function registersResponse(functionCode: number, values: readonly number[]): Uint8Array {
  return words(octets().u8(functionCode, 2 * values.length), values).take();
}

export function exception(functionCode: number, code: number): Uint8Array {
  return octets()
    .u8(functionCode | 0x80, code)
    .take();
}

/** Address and value: functions 5 and 6; the response repeats the request. */
export function writeSingle(functionCode: 5 | 6, address: number, value: number): Uint8Array {
  return octets().u8(functionCode).u16(address).u16(value).take();
}

export function writeCoilsRequest(first: number, bits: readonly (boolean | number)[]): Uint8Array {
  const packed = packBits(bits);
  return octets().u8(15).u16(first).u16(bits.length).u8(packed.length).bytes(packed).take();
}

export function writeRegistersRequest(first: number, values: readonly number[]): Uint8Array {
  return words(
    octets()
      .u8(16)
      .u16(first)
      .u16(values.length)
      .u8(2 * values.length),
    values,
  ).take();
}

/** Objects 0 vendor, 1 product code, 2 revision, 3 vendor URL, 4 product name, 5 model ... in order (function 43/14). */
export function deviceIdentificationResponse(objects: readonly string[], readCode = 1): Uint8Array {
  const pdu = octets().u8(43, 14, readCode, 0x81, 0, 0, objects.length);
  objects.forEach((value, id) => pdu.u8(id, value.length).text(value));
  return pdu.take();
}

export interface SessionOptions extends ConnectionOptions {
  readonly unit?: number;
  readonly port?: number;
}

export function session(timeline: Timeline, client: Host, server: Host, options: SessionOptions = {}): ModbusSession {
  return new ModbusSession(timeline, client, server, options);
}

/** A client that talks to a server. Every method writes the request and its response; responses hold seeded values unless given. */
export class ModbusSession {
  readonly connection: Connection;
  readonly unit: number;
  readonly #timeline: Timeline;
  #transaction: number;

  constructor(timeline: Timeline, client: Host, server: Host, options: SessionOptions) {
    this.#timeline = timeline;
    this.connection = new Connection(timeline, client, server, options.port ?? PORT, options);
    this.unit = options.unit ?? 1;
    this.#transaction = timeline.random.below(65536);
  }

  readCoils(first: number, count: number): this {
    return this.exchange(readRequest(1, first, count), bitsResponse(1, this.#bits(count)));
  }

  readDiscreteInputs(first: number, count: number): this {
    return this.exchange(readRequest(2, first, count), bitsResponse(2, this.#bits(count)));
  }

  readHoldingRegisters(first: number, count: number, values: readonly number[] = this.#values(count)): this {
    return this.exchange(readRequest(3, first, count), registersResponse(3, values));
  }

  readInputRegisters(first: number, count: number, values: readonly number[] = this.#values(count)): this {
    return this.exchange(readRequest(4, first, count), registersResponse(4, values));
  }

  writeCoil(address: number, on: boolean): this {
    const pdu = writeSingle(5, address, on ? 0xff00 : 0);
    return this.exchange(pdu, pdu);
  }

  writeRegister(address: number, value: number): this {
    const pdu = writeSingle(6, address, value);
    return this.exchange(pdu, pdu);
  }

  readExceptionStatus(): this {
    return this.exchange(Uint8Array.of(7), Uint8Array.of(7, 0));
  }

  /** Function 8; subfunction 0 echoes `data`, 1 restarts communications, 10 clears counters. */
  diagnostics(subfunction: number, data = 0): this {
    const pdu = octets().u8(8).u16(subfunction).u16(data).take();
    return this.exchange(pdu, pdu);
  }

  readEventCounter(): this {
    return this.exchange(Uint8Array.of(11), octets().u8(11).u16(0).u16(7).take());
  }

  readEventLog(): this {
    return this.exchange(Uint8Array.of(12), octets().u8(12, 8).u16(0).u16(7).u16(42).u8(0x20, 0).take());
  }

  writeCoils(first: number, bits: readonly (boolean | number)[]): this {
    return this.exchange(writeCoilsRequest(first, bits), readRequest(15, first, bits.length));
  }

  writeRegisters(first: number, values: readonly number[]): this {
    return this.exchange(writeRegistersRequest(first, values), readRequest(16, first, values.length));
  }

  reportServerId(id = 'LV-PUMP'): this {
    return this.exchange(
      Uint8Array.of(17),
      octets()
        .u8(17, id.length + 1)
        .text(id)
        .u8(0xff)
        .take(),
    );
  }

  readFileRecord(file: number, record: number, count: number): this {
    const request = octets().u8(20, 7, 6).u16(file).u16(record).u16(count).take();
    const response = words(octets().u8(20, 2 + 2 * count, 1 + 2 * count, 6), this.#values(count)).take();
    return this.exchange(request, response);
  }

  writeFileRecord(file: number, record: number, values: readonly number[]): this {
    const pdu = words(
      octets()
        .u8(21, 7 + 2 * values.length, 6)
        .u16(file)
        .u16(record)
        .u16(values.length),
      values,
    ).take();
    return this.exchange(pdu, pdu);
  }

  maskWriteRegister(address: number, and: number, or: number): this {
    const pdu = octets().u8(22).u16(address).u16(and).u16(or).take();
    return this.exchange(pdu, pdu);
  }

  readWriteRegisters(readFirst: number, readCount: number, writeFirst: number, values: readonly number[]): this {
    const request = words(
      octets()
        .u8(23)
        .u16(readFirst)
        .u16(readCount)
        .u16(writeFirst)
        .u16(values.length)
        .u8(2 * values.length),
      values,
    ).take();
    return this.exchange(request, registersResponse(23, this.#values(readCount)));
  }

  readFifoQueue(address: number, count = 2): this {
    const response = words(
      octets()
        .u8(24)
        .u16(2 + 2 * count)
        .u16(count),
      this.#values(count),
    ).take();
    return this.exchange(octets().u8(24).u16(address).take(), response);
  }

  /** Function 43/14, basic objects: vendor name, product code, revision. */
  readDeviceIdentification(vendor: string, product: string, revision: string): this {
    return this.exchange(Uint8Array.of(43, 14, 1, 0), deviceIdentificationResponse([vendor, product, revision]));
  }

  /** UMAS inside function 90: `umas(0x41)` stops the controller. */
  umas(functionCode: number, data: Uint8Array = new Uint8Array(0), answer: Uint8Array = new Uint8Array(0), pairing = 0): this {
    return this.exchange(umas.request(functionCode, data, pairing), umas.response(answer, pairing));
  }

  /** Request answered by an exception: 1 illegal function, 2 illegal data address, 3 illegal data value, 4 device failure ... */
  refuse(request: Uint8Array, code: number): this {
    return this.exchange(request, exception(request[0], code));
  }

  /** Request without an answer. */
  ask(request: Uint8Array, delivery?: Delivery): this {
    this.#transaction = (this.#transaction + 1) & 0xffff;
    this.connection.request(adu(this.#transaction, this.unit, request), delivery);
    return this;
  }

  /** Answer to the last request. */
  answer(response: Uint8Array, delivery?: Delivery): this {
    this.connection.response(adu(this.#transaction, this.unit, response), delivery);
    return this;
  }

  /** Any PDU and any response, right or not. */
  exchange(request: Uint8Array, response: Uint8Array, delivery?: Delivery): this {
    return this.ask(request, delivery).answer(response, delivery);
  }

  /** Several requests in one segment, then their responses in one segment. */
  pipelined(pairs: readonly (readonly [Uint8Array, Uint8Array])[]): this {
    const first = this.#transaction + 1;
    this.#transaction = (this.#transaction + pairs.length) & 0xffff;
    this.connection.request(join(...pairs.map(([request], i) => adu(first + i, this.unit, request))));
    this.connection.response(join(...pairs.map(([, response], i) => adu(first + i, this.unit, response))));
    return this;
  }

  close(): void {
    this.connection.close();
  }

  #values(count: number): number[] {
    return Array.from({ length: count }, () => this.#timeline.random.below(4096));
  }

  #bits(count: number): number[] {
    return Array.from({ length: count }, () => this.#timeline.random.below(2));
  }
}

function words(into: ReturnType<typeof octets>, values: readonly number[]): ReturnType<typeof octets> {
  for (const value of values) into.u16(value);
  return into;
}
