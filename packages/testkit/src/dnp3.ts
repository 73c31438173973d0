/** DNP3 (IEEE 1815-2012): data link frames with their CRCs, transport segments, application fragments. */
import type { Host } from './host.ts';
import { octets } from './octets.ts';
import type { ConnectionOptions, Delivery } from './tcp.ts';
import { Connection } from './tcp.ts';
import type { Timeline } from './timeline.ts';

export const PORT = 20000;

/** Application function codes (IEEE 1815, 4.4). */
export const Function = {
  Confirm: 0,
  Read: 1,
  Write: 2,
  Select: 3,
  Operate: 4,
  DirectOperate: 5,
  DirectOperateNoAck: 6,
  ImmediateFreeze: 7,
  ColdRestart: 13,
  WarmRestart: 14,
  InitializeData: 15,
  InitializeApplication: 16,
  StartApplication: 17,
  StopApplication: 18,
  SaveConfiguration: 19,
  EnableUnsolicited: 20,
  DisableUnsolicited: 21,
  DelayMeasurement: 23,
  RecordCurrentTime: 24,
  OpenFile: 25,
  CloseFile: 26,
  DeleteFile: 27,
  GetFileInformation: 28,
  AuthenticateFile: 29,
  AbortFile: 30,
  ActivateConfiguration: 31,
  Response: 129,
  UnsolicitedResponse: 130,
} as const;

/** Internal indications: IIN1 in the high byte as it is sent first, IIN2 in the low byte. */
export const Indication = {
  Class1Events: 0x0200,
  Class2Events: 0x0400,
  NeedTime: 0x1000,
  LocalControl: 0x2000,
  DeviceTrouble: 0x4000,
  DeviceRestart: 0x8000,
  NoFunctionCodeSupport: 0x0001,
  ObjectUnknown: 0x0002,
  ParameterError: 0x0004,
  EventBufferOverflow: 0x0008,
  AlreadyExecuting: 0x0010,
  ConfigurationCorrupt: 0x0020,
} as const;

const CRC_TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa6bc : crc >>> 1;
  return crc;
});

/** CRC of DNP3 (IEEE 1815, 9.2.4.3.2): polynomial 0x3D65 reflected, inverted. */
export function crc(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let value = 0;
  for (let at = start; at < end; at++) value = (value >>> 8) ^ CRC_TABLE[(value ^ bytes[at]) & 255];
  return ~value & 0xffff;
}

/** A data link frame: header and user data in blocks of 16, each with its CRC. At most 250 bytes of user data. */
export function linkFrame(control: number, destination: number, source: number, userData: Uint8Array = new Uint8Array(0)): Uint8Array {
  const header = octets()
    .u8(0x05, 0x64, 5 + userData.length, control)
    .u16le(destination)
    .u16le(source)
    .take();
  const frame = octets().bytes(header).u16le(crc(header));
  for (let at = 0; at < userData.length; at += 16) {
    const end = Math.min(at + 16, userData.length);
    frame.bytes(userData.subarray(at, end)).u16le(crc(userData, at, end));
  }
  return frame.take();
}

/** Header of a request: FIR and FIN set, no confirmation wanted. */
export function requestFragment(sequence: number, functionCode: number, objects: Uint8Array = new Uint8Array(0)): Uint8Array {
  return octets()
    .u8(0xc0 | (sequence & 15), functionCode)
    .bytes(objects)
    .take();
}

/** Header of a response with its internal indications. `control` sets confirmation wanted (0x20) and unsolicited (0x10). */
export function responseFragment(sequence: number, indications = 0, objects: Uint8Array = new Uint8Array(0), control = 0): Uint8Array {
  return octets()
    .u8(0xc0 | control | (sequence & 15), control & 0x10 ? Function.UnsolicitedResponse : Function.Response)
    .u16(indications)
    .bytes(objects)
    .take();
}

/** Object header for all points of a group and variation (qualifier 6). */
export function allPoints(objectGroup: number, variation: number): Uint8Array {
  return Uint8Array.of(objectGroup, variation, 6);
}

/** Class data: group 60, variation 1 is class 0, 2 to 4 are classes 1 to 3. */
export function classes(...wanted: readonly number[]): Uint8Array {
  return Uint8Array.from(wanted.flatMap((one) => [60, one + 1, 6]));
}

/** Points from `first` on as binary inputs with flags (group 1 variation 2). */
export function binaryInputs(first: number, states: readonly boolean[]): Uint8Array {
  const objects = octets().u8(1, 2, 0, first, first + states.length - 1);
  for (const state of states) objects.u8(state ? 0x81 : 0x01);
  return objects.take();
}

/** Points from `first` on as 32-bit analog inputs with flags (group 30 variation 1). */
export function analogInputs(first: number, values: readonly number[]): Uint8Array {
  const objects = octets().u8(30, 1, 0, first, first + values.length - 1);
  for (const value of values) objects.u8(1).u32le(value);
  return objects.take();
}

/** Control relay output block (group 12 variation 1) for one point; control code 3 latch on, 4 latch off, 0x41 close, 0x81 trip. */
export function relayOutput(point: number, controlCode = 3, status = 0): Uint8Array {
  return octets().u8(12, 1, 0x28).u16le(1).u16le(point).u8(controlCode, 1).u32le(100).u32le(0).u8(status).take();
}

/** File command object (group 70 variation 3). Mode 1 read, 2 write, 0 delete. */
export function fileCommand(name: string, mode: number, size = 0): Uint8Array {
  const body = octets()
    .u16le(26)
    .u16le(name.length)
    .zeros(6)
    .u16le(0x01ff)
    .u32le(0)
    .u32le(size)
    .u16le(mode)
    .u16le(1024)
    .u16le(1)
    .text(name)
    .take();
  return octets().u8(70, 3, 0x5b, 1).u16le(body.length).bytes(body).take();
}

/** File command status object (group 70 variation 4). */
export function fileStatus(handle: number, size: number, status = 0): Uint8Array {
  return octets().u8(70, 4, 0x5b, 1).u16le(13).u32le(handle).u32le(size).u16le(1024).u16le(1).u8(status).take();
}

/** File transport object (group 70 variation 5): one block. */
export function fileTransport(handle: number, block: number, last: boolean, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  return octets()
    .u8(70, 5, 0x5b, 1)
    .u16le(8 + data.length)
    .u32le(handle)
    .u32le(last ? block | 0x80000000 : block)
    .bytes(data)
    .take();
}

export interface SessionOptions extends ConnectionOptions {
  /** Link addresses. */
  readonly master?: number;
  readonly outstation?: number;
}

export function session(timeline: Timeline, client: Host, server: Host, options: SessionOptions = {}): Dnp3Session {
  return new Dnp3Session(timeline, client, server, options);
}

/** A master that talks to an outstation; `indications` sets the internal indications of all answers that follow. */
export class Dnp3Session {
  readonly connection: Connection;
  readonly master: number;
  readonly outstation: number;
  indications = 0;
  readonly #timeline: Timeline;
  #sequence = 0;
  #unsolicited = 0;
  /** Transport sequence of master and outstation. */
  #masterSegment = 0;
  #outstationSegment = 0;

  constructor(timeline: Timeline, client: Host, server: Host, options: SessionOptions) {
    this.#timeline = timeline;
    this.connection = new Connection(timeline, client, server, PORT, options);
    this.master = options.master ?? 1;
    this.outstation = options.outstation ?? 10;
  }

  /** Classes 1, 2, 3 and 0 unless told; the answer holds binary and analog inputs. */
  poll(wanted: readonly number[] = [1, 2, 3, 0], points = 8): this {
    const values = Array.from({ length: points }, () => this.#timeline.random.below(20_000));
    return this.exchange(Function.Read, classes(...wanted), analogInputs(0, values));
  }

  read(objectGroup: number, variation: number, answer: Uint8Array): this {
    return this.exchange(Function.Read, allPoints(objectGroup, variation), answer);
  }

  select(point: number, controlCode = 3): this {
    return this.#echoed(Function.Select, relayOutput(point, controlCode));
  }

  operate(point: number, controlCode = 3): this {
    return this.#echoed(Function.Operate, relayOutput(point, controlCode));
  }

  directOperate(point: number, controlCode = 3): this {
    return this.#echoed(Function.DirectOperate, relayOutput(point, controlCode));
  }

  /** Writes IIN1.7 to zero (group 80 variation 1, index 7), as a master does after a restart. */
  clearRestart(): this {
    return this.exchange(Function.Write, Uint8Array.of(80, 1, 0, 7, 7, 0));
  }

  /** Milliseconds since 1970 (group 50 variation 1). */
  writeTime(milliseconds: bigint): this {
    return this.exchange(Function.Write, octets().u8(50, 1, 7, 1).bytes(octets().u64le(milliseconds).take().subarray(0, 6)).take());
  }

  /** The outstation answers with the milliseconds until it is back (group 52 variation 2). */
  coldRestart(): this {
    return this.exchange(Function.ColdRestart, undefined, octets().u8(52, 2, 7, 1).u16le(30_000).take());
  }

  warmRestart(): this {
    return this.exchange(Function.WarmRestart, undefined, octets().u8(52, 2, 7, 1).u16le(500).take());
  }

  enableUnsolicited(): this {
    return this.exchange(Function.EnableUnsolicited, classes(1, 2, 3));
  }

  disableUnsolicited(): this {
    return this.exchange(Function.DisableUnsolicited, classes(1, 2, 3));
  }

  /** The application is named by an object of group 90. */
  stopApplication(name = 'PUMPCTL'): this {
    const body = octets().text(name).take();
    return this.exchange(Function.StopApplication, octets().u8(90, 1, 0x5b, 1).u16le(body.length).bytes(body).take());
  }

  /** An event of one binary input that nobody asked for, and the master's confirmation. */
  unsolicited(point: number, state: boolean): this {
    const objects = octets()
      .u8(2, 1, 0x28)
      .u16le(1)
      .u16le(point)
      .u8(state ? 0x81 : 0x01)
      .take();
    const sequence = this.#unsolicited;
    this.#unsolicited = (this.#unsolicited + 1) & 15;
    this.fromOutstation(responseFragment(sequence, this.indications, objects, 0x30));
    return this.fromMaster(Uint8Array.of(0xd0 | sequence, Function.Confirm));
  }

  readFile(name: string, content: Uint8Array): this {
    this.exchange(Function.OpenFile, fileCommand(name, 1), fileStatus(7, content.length));
    this.exchange(Function.Read, fileTransport(7, 0, false), fileTransport(7, 0, true, content));
    return this.exchange(Function.CloseFile, fileStatus(7, 0), fileStatus(7, 0));
  }

  writeFile(name: string, content: Uint8Array): this {
    this.exchange(Function.OpenFile, fileCommand(name, 2, content.length), fileStatus(7, content.length));
    const written = octets().u8(70, 6, 0x5b, 1).u16le(9).u32le(7).u32le(0x80000000).u8(0).take();
    this.exchange(Function.Write, fileTransport(7, 0, true, content), written);
    return this.exchange(Function.CloseFile, fileStatus(7, 0), fileStatus(7, 0));
  }

  deleteFile(name: string): this {
    return this.exchange(Function.DeleteFile, fileCommand(name, 0), fileStatus(0, 0));
  }

  /** Any function code with its objects, answered with `objects` and the current indications. */
  exchange(functionCode: number, objects?: Uint8Array, answer?: Uint8Array, delivery?: Delivery): this {
    this.ask(functionCode, objects, delivery);
    return this.fromOutstation(responseFragment(this.#sequence, this.indications, answer), delivery);
  }

  /** A request without an answer. */
  ask(functionCode: number, objects?: Uint8Array, delivery?: Delivery): this {
    this.#sequence = (this.#sequence + 1) & 15;
    return this.fromMaster(requestFragment(this.#sequence, functionCode, objects), delivery);
  }

  /** Any application fragment of the master, cut into transport segments when it is long. */
  fromMaster(fragment: Uint8Array, delivery?: Delivery): this {
    this.connection.request(this.#frames(true, fragment), delivery);
    return this;
  }

  fromOutstation(fragment: Uint8Array, delivery?: Delivery): this {
    this.connection.response(this.#frames(false, fragment), delivery);
    return this;
  }

  close(): void {
    this.connection.close();
  }

  #echoed(functionCode: number, objects: Uint8Array): this {
    return this.exchange(functionCode, objects, objects);
  }

  /** Link control 0xC4: unconfirmed user data from the master; 0x44 from the outstation. A segment holds 249 bytes. */
  #frames(ofMaster: boolean, fragment: Uint8Array): Uint8Array {
    const frames = octets();
    for (let at = 0; at < fragment.length; at += 249) {
      const part = fragment.subarray(at, at + 249);
      const sequence = ofMaster ? this.#masterSegment++ : this.#outstationSegment++;
      const transport = (at === 0 ? 0x40 : 0) | (at + part.length === fragment.length ? 0x80 : 0) | (sequence & 63);
      const userData = octets().u8(transport).bytes(part).take();
      frames.bytes(
        ofMaster ? linkFrame(0xc4, this.outstation, this.master, userData) : linkFrame(0x44, this.master, this.outstation, userData),
      );
    }
    return frames.take();
  }
}
