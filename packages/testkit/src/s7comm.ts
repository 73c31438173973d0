/**
 * S7comm over TPKT (RFC 1006) and COTP (RFC 905). Siemens publishes no specification; layouts are those of Wireshark's
 * s7comm dissector.
 */
import type { Host } from './host.ts';
import { octets } from './octets.ts';
import type { ConnectionOptions, Delivery } from './tcp.ts';
import { Connection } from './tcp.ts';
import type { Timeline } from './timeline.ts';

export const PORT = 102;

/** Message types. */
export const Rosctr = { Job: 1, Ack: 2, AckData: 3, UserData: 7 } as const;

export const Function = {
  CpuServices: 0x00,
  SetupCommunication: 0xf0,
  ReadVar: 0x04,
  WriteVar: 0x05,
  RequestDownload: 0x1a,
  DownloadBlock: 0x1b,
  DownloadEnded: 0x1c,
  StartUpload: 0x1d,
  Upload: 0x1e,
  EndUpload: 0x1f,
  PiService: 0x28,
  PlcStop: 0x29,
} as const;

/** Memory areas of an item. */
export const Area = { Inputs: 0x81, Outputs: 0x82, Flags: 0x83, DataBlock: 0x84, Counters: 0x1c, Timers: 0x1d } as const;

export interface Item {
  readonly area?: number;
  /** Data block number; 0 outside data blocks. */
  readonly block?: number;
  /** First byte. */
  readonly start: number;
  /** Bytes. */
  readonly length: number;
}

/** TPKT and COTP data header around an S7 PDU. */
export function tpktData(pdu: Uint8Array, lastUnit = true): Uint8Array {
  return octets()
    .u8(3, 0)
    .u16(7 + pdu.length)
    .u8(2, 0xf0, lastUnit ? 0x80 : 0)
    .bytes(pdu)
    .take();
}

/** COTP connection request (0xE0) or confirm (0xD0); the destination TSAP holds rack and slot. */
export function cotpConnect(confirm: boolean, rack = 0, slot = 2): Uint8Array {
  const references = confirm ? octets().u16(1).u16(0x10) : octets().u16(0).u16(1);
  const variable = octets()
    .bytes(references.take())
    .u8(0)
    .u8(0xc0, 1, 0x0a)
    .u8(0xc1, 2, 1, 0)
    .u8(0xc2, 2, 1, (rack << 5) | slot);
  const body = variable.take();
  return octets()
    .u8(3, 0)
    .u16(6 + body.length)
    .u8(1 + body.length, confirm ? 0xd0 : 0xe0)
    .bytes(body)
    .take();
}

/** S7 header, parameter and data. Errors are written for Ack and AckData only. */
export function pdu(
  rosctr: number,
  reference: number,
  parameter: Uint8Array,
  data: Uint8Array = NOTHING,
  errorClass = 0,
  errorCode = 0,
): Uint8Array {
  const header = octets().u8(0x32, rosctr).u16(0).u16(reference).u16(parameter.length).u16(data.length);
  if (rosctr === Rosctr.Ack || rosctr === Rosctr.AckData) header.u8(errorClass, errorCode);
  return header.bytes(parameter).bytes(data).take();
}

/** Variable specification of an item, syntax id S7ANY, transport size BYTE. */
export function itemSpecification(item: Item): Uint8Array {
  const area = item.area ?? Area.DataBlock;
  return octets()
    .u8(0x12, 0x0a, 0x10, 2)
    .u16(item.length)
    .u16(item.block ?? 0)
    .u8(area)
    .u24(item.start * 8)
    .take();
}

/** `_0A00001P`: a block as block lists and downloads name it. Types: OB 08, DB 0A, SDB 0B, FC 0C, FB 0E. */
export function blockName(type: string, number: number, destination = 'P'): string {
  return `_${type}${String(number).padStart(5, '0')}${destination}`;
}

export interface SessionOptions extends ConnectionOptions {
  readonly rack?: number;
  readonly slot?: number;
  /** Writes TCP only: no COTP connect and no setup of communication. */
  readonly bare?: boolean;
}

export function session(timeline: Timeline, client: Host, server: Host, options: SessionOptions = {}): S7Session {
  return new S7Session(timeline, client, server, options);
}

const NOTHING = new Uint8Array(0);

/** A client of a CPU. Each method writes whole exchanges. */
export class S7Session {
  readonly connection: Connection;
  readonly #timeline: Timeline;
  #reference = 0;

  constructor(timeline: Timeline, client: Host, server: Host, options: SessionOptions) {
    this.#timeline = timeline;
    this.connection = new Connection(timeline, client, server, PORT, options);
    if (options.bare || options.established) return;
    this.connection.request(cotpConnect(false, options.rack, options.slot)).response(cotpConnect(true, options.rack, options.slot));
    this.setup();
  }

  /** Setup communication: jobs in parallel and the PDU length, negotiated to 240. */
  setup(): this {
    const parameter = (length: number): Uint8Array => octets().u8(Function.SetupCommunication, 0).u16(1).u16(1).u16(length).take();
    return this.job(parameter(480), NOTHING, parameter(240), NOTHING);
  }

  read(...items: Item[]): this {
    const data = octets();
    items.forEach((item, i) => {
      data
        .u8(0xff, 4)
        .u16(8 * item.length)
        .bytes(this.#timeline.random.bytes(item.length));
      if (item.length & 1 && i < items.length - 1) data.u8(0);
    });
    return this.job(this.#items(Function.ReadVar, items), NOTHING, Uint8Array.of(Function.ReadVar, items.length), data.take());
  }

  readDataBlock(block: number, start: number, length: number): this {
    return this.read({ block, start, length });
  }

  /** A read whose item is refused: 0x05 invalid address, 0x0A object does not exist, 0x03 access denied. */
  readRefused(item: Item, returnCode = 0x0a): this {
    return this.job(this.#items(Function.ReadVar, [item]), NOTHING, Uint8Array.of(Function.ReadVar, 1), Uint8Array.of(returnCode, 0, 0, 0));
  }

  write(item: Item, values: Uint8Array = this.#timeline.random.bytes(item.length)): this {
    const data = octets()
      .u8(0, 4)
      .u16(8 * values.length)
      .bytes(values)
      .take();
    return this.job(this.#items(Function.WriteVar, [item]), data, Uint8Array.of(Function.WriteVar, 1), Uint8Array.of(0xff));
  }

  writeDataBlock(block: number, start: number, values: Uint8Array): this {
    return this.write({ block, start, length: values.length }, values);
  }

  /** Reads a system status list and answers with entries of equal size. */
  readSystemStatus(id: number, index: number, entries: readonly Uint8Array[]): this {
    const list = octets()
      .u16(id)
      .u16(index)
      .u16(entries[0]?.length ?? 0)
      .u16(entries.length);
    for (const entry of entries) list.bytes(entry);
    const body = list.take();
    const answer = octets().u8(0xff, 9).u16(body.length).bytes(body).take();
    return this.userData(4, 1, octets().u8(0xff, 9).u16(4).u16(id).u16(index).take(), answer);
  }

  /** SZL 0x0011: order numbers of module, hardware and firmware, as `6ES7 315-2EH14-0AB0` and `V 3.2.10`. */
  readModuleIdentification(order: string, firmware: readonly [number, number, number]): this {
    const entry = (index: number, name: string, v: Uint8Array): Uint8Array =>
      octets().u16(index).text(name, 20, 0x20).u16(0).bytes(v).take();
    return this.readSystemStatus(0x0011, 0, [
      entry(1, order, Uint8Array.of(0, 0, 0, 3)),
      entry(6, order, Uint8Array.of(0, 0, 0, 3)),
      entry(7, '', Uint8Array.of(0x56, ...firmware)),
    ]);
  }

  /** SZL 0x001C: names of the system and the module, plant, serial number. */
  readComponentIdentification(system: string, module: string, serial: string): this {
    const entry = (index: number, value: string): Uint8Array => octets().u16(index).text(value, 32).take();
    return this.readSystemStatus(0x001c, 0, [entry(1, system), entry(2, module), entry(5, serial), entry(7, 'CPU 315-2 PN/DP')]);
  }

  /** SZL 0x0424: operating mode, 0x08 RUN or 0x04 STOP. */
  readOperatingMode(mode = 0x08): this {
    const entry = octets().u16(0x4302).u8(0xff, mode).zeros(16).take();
    return this.readSystemStatus(0x0424, 0, [entry]);
  }

  /** Any user data request: function group 1 to 7 and subfunction (3/1 list blocks, 5/1 password, 7/2 set clock ...). */
  userData(functionGroup: number, subfunction: number, data: Uint8Array, answer: Uint8Array, error = 0): this {
    const reference = this.#next();
    const request = octets()
      .u8(0, 1, 0x12, 4, 0x11, 0x40 | functionGroup, subfunction, 0)
      .take();
    const response = octets()
      .u8(0, 1, 0x12, 8, 0x12, 0x80 | functionGroup, subfunction, 1, 0, 0)
      .u16(error)
      .take();
    this.connection.request(tpktData(pdu(Rosctr.UserData, reference, request, data)));
    this.connection.response(tpktData(pdu(Rosctr.UserData, reference, response, answer)));
    return this;
  }

  /** Set clock (group 7, subfunction 2), time in BCD. */
  setClock(): this {
    const time = Uint8Array.of(0xff, 9, 0, 10, 0, 0x19, 0x26, 0x06, 0x01, 0x06, 0x30, 0, 0, 2);
    return this.userData(7, 2, time, Uint8Array.of(0x0a, 0, 0, 0));
  }

  /** Block to the CPU: request, transfer asked for by the CPU, end, then inserted by a PI service. */
  download(type: string, number: number, content: Uint8Array): this {
    const name = blockName(type, number);
    const size = (length: number): string => String(length).padStart(6, '0');
    const file = (code: number): Uint8Array => octets().u8(code, 0).u16(0).u32(0).u8(name.length).text(name).take();
    const request = octets()
      .u8(Function.RequestDownload, 0)
      .u16(0x0100)
      .u32(0)
      .u8(name.length)
      .text(name)
      .u8(13)
      .text(`1${size(content.length + 36)}${size(content.length)}`)
      .take();
    this.job(request, NOTHING, Uint8Array.of(Function.RequestDownload), NOTHING);
    for (let at = 0; at < content.length; at += 200) {
      const part = content.subarray(at, at + 200);
      const more = at + part.length < content.length ? 1 : 0;
      const data = octets().u16(part.length).u16(0x00fb).bytes(part).take();
      this.#jobOfCpu(file(Function.DownloadBlock), Uint8Array.of(Function.DownloadBlock, more), data);
    }
    this.#jobOfCpu(file(Function.DownloadEnded), Uint8Array.of(Function.DownloadEnded), NOTHING);
    return this.insertBlock(type, number);
  }

  /** Block from the CPU. */
  upload(type: string, number: number, content: Uint8Array): this {
    const name = blockName(type, number, 'A');
    const start = octets().u8(Function.StartUpload, 0).u16(0).u32(0).u8(name.length).text(name).take();
    const started = octets().u8(Function.StartUpload, 0).u16(0x0100).u32(7).u8(7).text(String(content.length).padStart(7, '0')).take();
    this.job(start, NOTHING, started, NOTHING);
    for (let at = 0; at < content.length; at += 200) {
      const part = content.subarray(at, at + 200);
      const more = at + part.length < content.length ? 1 : 0;
      const ask = octets().u8(Function.Upload, 0).u16(0).u32(7).take();
      this.job(ask, NOTHING, Uint8Array.of(Function.Upload, more), octets().u16(part.length).u16(0x00fb).bytes(part).take());
    }
    return this.job(octets().u8(Function.EndUpload, 0).u16(0).u32(7).take(), NOTHING, Uint8Array.of(Function.EndUpload), NOTHING);
  }

  insertBlock(type: string, number: number): this {
    return this.piService('_INSE', octets().u8(1, 0).text(blockName(type, number).slice(1)).take());
  }

  deleteBlock(type: string, number: number): this {
    return this.piService(
      '_DELE',
      octets()
        .u8(1, 0)
        .text(blockName(type, number, 'B').slice(1))
        .take(),
    );
  }

  /** PLC control: `P_PROGRAM` starts, `_INSE` activates a block, `_MODU` copies RAM to ROM, `_GARB` compresses memory. */
  piService(name: string, block: Uint8Array = NOTHING): this {
    const parameter = octets()
      .u8(Function.PiService, 0, 0, 0, 0, 0, 0, 0xfd)
      .u16(block.length)
      .bytes(block)
      .u8(name.length)
      .text(name)
      .take();
    return this.job(parameter, NOTHING, Uint8Array.of(Function.PiService), NOTHING);
  }

  /** Warm start. */
  start(): this {
    return this.piService('P_PROGRAM');
  }

  stop(): this {
    const parameter = octets().u8(Function.PlcStop, 0, 0, 0, 0, 0, 9).text('P_PROGRAM').take();
    return this.job(parameter, NOTHING, Uint8Array.of(Function.PlcStop), NOTHING);
  }

  /** Any job and its AckData. */
  job(
    parameter: Uint8Array,
    data: Uint8Array,
    answer: Uint8Array,
    answerData: Uint8Array,
    errorClass = 0,
    errorCode = 0,
    delivery?: Delivery,
  ): this {
    const reference = this.#next();
    this.connection.request(tpktData(pdu(Rosctr.Job, reference, parameter, data)), delivery);
    this.connection.response(tpktData(pdu(Rosctr.AckData, reference, answer, answerData, errorClass, errorCode)), delivery);
    return this;
  }

  close(): void {
    this.connection.close();
  }

  #jobOfCpu(parameter: Uint8Array, answer: Uint8Array, answerData: Uint8Array): void {
    const reference = this.#next();
    this.connection.response(tpktData(pdu(Rosctr.Job, reference, parameter)));
    this.connection.request(tpktData(pdu(Rosctr.AckData, reference, answer, answerData)));
  }

  #items(code: number, items: readonly Item[]): Uint8Array {
    const parameter = octets().u8(code, items.length);
    for (const item of items) parameter.bytes(itemSpecification(item));
    return parameter.take();
  }

  #next(): number {
    this.#reference = (this.#reference + 1) & 0xffff;
    return this.#reference;
  }
}
