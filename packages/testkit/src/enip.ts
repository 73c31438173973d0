/** EtherNet/IP encapsulation (ODVA, CIP Networks Library volume 2) and conversations over it. */
import * as cip from './cip.ts';
import type { Host } from './host.ts';
import { octets } from './octets.ts';
import type { ConnectionOptions, Delivery } from './tcp.ts';
import { Connection } from './tcp.ts';
import type { Timeline } from './timeline.ts';
import * as udp from './udp.ts';

export const PORT = 44818;
export const IO_PORT = 2222;

export const Command = {
  Nop: 0,
  ListServices: 0x04,
  ListIdentity: 0x63,
  ListInterfaces: 0x64,
  RegisterSession: 0x65,
  UnregisterSession: 0x66,
  SendRrData: 0x6f,
  SendUnitData: 0x70,
} as const;

export interface Identity {
  readonly vendorId: number;
  /** 0x0E programmable logic controller, 0x0C communications adapter, 0x02 AC drive. */
  readonly deviceType: number;
  readonly productCode: number;
  readonly revision: readonly [number, number];
  readonly serial: number;
  readonly productName: string;
}

export function encapsulated(
  command: number,
  sessionHandle: number,
  data: Uint8Array = new Uint8Array(0),
  status = 0,
  context = 0,
): Uint8Array {
  return octets().u16le(command).u16le(data.length).u32le(sessionHandle).u32le(status).u32le(context).u32le(0).u32le(0).bytes(data).take();
}

/** Unconnected message: null address item and data item. */
export function unconnectedData(message: Uint8Array): Uint8Array {
  return octets().u32le(0).u16le(5).u16le(2).u16le(0).u16le(0).u16le(0xb2).u16le(message.length).bytes(message).take();
}

/** Connected message: address of the connection, sequence count, message. */
export function connectedData(connectionId: number, sequence: number, message: Uint8Array): Uint8Array {
  return octets()
    .u32le(0)
    .u16le(0)
    .u16le(2)
    .u16le(0xa1)
    .u16le(4)
    .u32le(connectionId)
    .u16le(0xb1)
    .u16le(2 + message.length)
    .u16le(sequence)
    .bytes(message)
    .take();
}

/** Identity item of a ListIdentity answer. */
export function identityItem(device: Host, identity: Identity): Uint8Array {
  const item = octets()
    .u16le(1)
    .u16(2)
    .u16(PORT)
    .bytes(device.address.subarray(0, 4))
    .zeros(8)
    .u16le(identity.vendorId)
    .u16le(identity.deviceType);
  item
    .u16le(identity.productCode)
    .u8(...identity.revision)
    .u16le(0x0060)
    .u32le(identity.serial)
    .u8(identity.productName.length)
    .text(identity.productName)
    .u8(3);
  const body = item.take();
  return octets().u16le(1).u16le(0x0c).u16le(body.length).bytes(body).take();
}

/** ListIdentity over UDP, to one device or to a group, and the answers of `devices`. */
export function listIdentity(timeline: Timeline, client: Host, target: Host, devices: readonly (readonly [Host, Identity])[]): void {
  const port = timeline.port();
  udp.send(timeline, client, port, target, PORT, encapsulated(Command.ListIdentity, 0));
  for (const [device, identity] of devices) {
    udp.send(timeline, device, PORT, client, port, encapsulated(Command.ListIdentity, 0, identityItem(device, identity)));
  }
}

/** One cyclic datagram of a class 0 or 1 connection. Data of consumers that need it starts with the run bit. */
export function io(timeline: Timeline, source: Host, destination: Host, connectionId: number, count: number, data: Uint8Array): void {
  const payload = octets()
    .u16le(2)
    .u16le(0x8002)
    .u16le(8)
    .u32le(connectionId)
    .u32le(count)
    .u16le(0xb1)
    .u16le(2 + data.length)
    .u16le(count)
    .bytes(data)
    .take();
  udp.send(timeline, source, IO_PORT, destination, IO_PORT, payload);
}

export interface SessionOptions extends ConnectionOptions {
  /** Writes TCP only, without RegisterSession. */
  readonly bare?: boolean;
}

export function session(timeline: Timeline, client: Host, server: Host, options: SessionOptions = {}): EnipSession {
  return new EnipSession(timeline, client, server, options);
}

/** An originator and a target. Messages go unconnected until {@link EnipSession.open} was written, then over the connection. */
export class EnipSession {
  readonly connection: Connection;
  readonly #timeline: Timeline;
  readonly #handle: number;
  #opened: cip.ForwardOpen | undefined;
  #count = 0;
  #context = 0;

  constructor(timeline: Timeline, client: Host, server: Host, options: SessionOptions) {
    this.#timeline = timeline;
    this.connection = new Connection(timeline, client, server, PORT, options);
    this.#handle = timeline.random.next();
    if (options.bare || options.established) return;
    const version = octets().u16le(1).u16le(0).take();
    this.connection
      .request(encapsulated(Command.RegisterSession, 0, version))
      .response(encapsulated(Command.RegisterSession, this.#handle, version));
  }

  listServices(): this {
    const item = octets().u16le(1).u16le(0x100).u16le(20).u16le(1).u16le(0x0120).text('Communications', 16).take();
    this.connection.request(encapsulated(Command.ListServices, 0)).response(encapsulated(Command.ListServices, 0, item));
    return this;
  }

  listIdentity(identity: Identity): this {
    this.connection
      .request(encapsulated(Command.ListIdentity, 0))
      .response(encapsulated(Command.ListIdentity, 0, identityItem(this.connection.server, identity)));
    return this;
  }

  /** Any encapsulation command, refused: status 1 unsupported command, 0x64 invalid session handle, 0x65 invalid length. */
  refuseCommand(command: number, status = 1): this {
    this.connection.request(encapsulated(command, this.#handle)).response(encapsulated(command, this.#handle, undefined, status));
    return this;
  }

  /** Forward Open to the Message Router: what follows is sent connected. */
  open(): this {
    return this.#forwardOpen({ ...this.#ids(), path: cip.objectPath(cip.ClassId.MessageRouter, 1) }, true);
  }

  /** Forward Open of a cyclic connection to an assembly. Returns its ids for {@link io}. */
  openIo(
    output: number,
    input: number,
    sizes: readonly [number, number] = [34, 66],
    interval = 20_000,
  ): { originatorToTarget: number; targetToOriginator: number } {
    const ids = this.#ids();
    this.#forwardOpen({ ...ids, path: cip.assemblyPath(1, output, input), sizes, interval, transport: 1 }, false);
    return ids;
  }

  closeConnection(): this {
    const opened = this.#opened;
    this.#opened = undefined;
    const serial = octets()
      .u16le(opened?.serial ?? 1)
      .u16le(1)
      .u32le(0x1234)
      .take();
    const path = cip.objectPath(cip.ClassId.MessageRouter, 1);
    const data = octets()
      .u8(0x0a, 0x0e)
      .bytes(serial)
      .u8(path.length / 2, 0)
      .bytes(path)
      .take();
    return this.send(
      cip.request(cip.Service.ForwardClose, cip.objectPath(cip.ClassId.ConnectionManager, 1), data),
      cip.response(cip.Service.ForwardClose, octets().bytes(serial).u8(0, 0).take()),
    );
  }

  readTag(tag: string, count = 1): this {
    const values = Array.from({ length: count }, () => this.#timeline.random.below(100_000));
    return this.send(cip.readTag(tag, count), cip.response(cip.Service.ReadTag, cip.tagValues(values)));
  }

  writeTag(tag: string, ...values: number[]): this {
    return this.send(cip.writeTag(tag, values), cip.response(cip.Service.WriteTag));
  }

  /** Several tags in one Multiple Service Packet. */
  readTags(...tags: string[]): this {
    const requests = tags.map((tag) => cip.readTag(tag));
    const answers = tags.map(() => cip.response(cip.Service.ReadTag, cip.tagValues([this.#timeline.random.below(100_000)])));
    const router = cip.objectPath(cip.ClassId.MessageRouter, 1);
    return this.send(
      cip.request(cip.Service.MultipleServicePacket, router, cip.packed(requests)),
      cip.response(cip.Service.MultipleServicePacket, cip.packed(answers)),
    );
  }

  /** Names and types of a controller's tags (service 0x55 of the Symbol object). */
  listTags(...tags: string[]): this {
    const answer = octets();
    tags.forEach((tag, i) =>
      answer
        .u32le(i + 1)
        .u16le(tag.length)
        .text(tag)
        .u16le(cip.DataType.Dint),
    );
    const attributes = octets().u16le(2).u16le(1).u16le(2).take();
    return this.service(cip.Service.GetInstanceAttributeList, cip.ClassId.Symbol, 0, { data: attributes, answer: answer.take() });
  }

  /** All attributes of the Identity object. */
  readIdentity(identity: Identity): this {
    const data = octets()
      .u16le(identity.vendorId)
      .u16le(identity.deviceType)
      .u16le(identity.productCode)
      .u8(...identity.revision);
    data.u16le(0x0060).u32le(identity.serial).u8(identity.productName.length).text(identity.productName);
    return this.service(cip.Service.GetAttributesAll, cip.ClassId.Identity, 1, { answer: data.take() });
  }

  /** Reset of the Identity object: type 0 restarts, 1 returns to factory settings. */
  reset(type = 0): this {
    return this.service(cip.Service.Reset, cip.ClassId.Identity, 1, { data: Uint8Array.of(type) });
  }

  /** Stop service of an object, by default Rockwell's program object 0x8E. */
  stop(classId = 0x8e, instance = 1): this {
    return this.service(cip.Service.Stop, classId, instance);
  }

  /** PCCC: command 0x0F with function 0xA2 typed read, 0xAA typed write, 0x80 change mode; command 6 function 3 diagnostic status. */
  pccc(command: number, functionCode: number, data: Uint8Array = new Uint8Array(0), answer: Uint8Array = new Uint8Array(0)): this {
    const transaction = this.#timeline.random.below(65536);
    return this.send(cip.pcccRequest(command, functionCode, transaction, data), cip.pcccResponse(command, transaction, answer));
  }

  /** Typed logical read of `size` bytes from a data file (N7 is file 7, type 0x89). */
  pcccRead(file: number, element: number, size = 2, type = 0x89): this {
    return this.pccc(0x0f, 0xa2, Uint8Array.of(size, file, type, element, 0), this.#timeline.random.bytes(size));
  }

  /** Any service of any object; `status` other than 0 refuses it. */
  service(
    code: number,
    classId: number,
    instance: number,
    more: { attribute?: number; data?: Uint8Array; answer?: Uint8Array; status?: number } = {},
  ): this {
    return this.send(
      cip.request(code, cip.objectPath(classId, instance, more.attribute), more.data),
      cip.response(code, more.answer, more.status),
    );
  }

  /** Any CIP request and its response. */
  send(request: Uint8Array, response: Uint8Array, delivery?: Delivery): this {
    if (this.#opened) {
      this.#count = (this.#count + 1) & 0xffff;
      const { originatorToTarget, targetToOriginator } = this.#opened;
      this.connection.request(
        encapsulated(Command.SendUnitData, this.#handle, connectedData(originatorToTarget, this.#count, request)),
        delivery,
      );
      this.connection.response(
        encapsulated(Command.SendUnitData, this.#handle, connectedData(targetToOriginator, this.#count, response)),
        delivery,
      );
      return this;
    }
    this.#context++;
    this.connection.request(encapsulated(Command.SendRrData, this.#handle, unconnectedData(request), 0, this.#context), delivery);
    this.connection.response(encapsulated(Command.SendRrData, this.#handle, unconnectedData(response), 0, this.#context), delivery);
    return this;
  }

  /** UnregisterSession and the end of TCP. */
  close(): void {
    this.connection.request(encapsulated(Command.UnregisterSession, this.#handle));
    this.connection.close();
  }

  #ids(): { originatorToTarget: number; targetToOriginator: number; serial: number } {
    const random = this.#timeline.random;
    return { originatorToTarget: random.next(), targetToOriginator: random.next(), serial: random.below(65536) };
  }

  #forwardOpen(open: cip.ForwardOpen, use: boolean): this {
    this.send(cip.forwardOpen(open), cip.forwardOpened(open));
    if (use) this.#opened = open;
    return this;
  }
}
