/** BACnet/IP (ANSI/ASHRAE 135): BVLC (annex J), NPDU (clause 6), APDU (clause 20). */
import type { Host } from './host.ts';
import { octets } from './octets.ts';
import type { Timeline } from './timeline.ts';
import * as udp from './udp.ts';

export const PORT = 47808;

export const ObjectType = {
  AnalogInput: 0,
  AnalogOutput: 1,
  AnalogValue: 2,
  BinaryInput: 3,
  BinaryOutput: 4,
  BinaryValue: 5,
  Device: 8,
  File: 10,
  Schedule: 17,
} as const;

export const Property = {
  Description: 28,
  FirmwareRevision: 44,
  ModelName: 70,
  ObjectList: 76,
  ObjectName: 77,
  PresentValue: 85,
  StatusFlags: 111,
  VendorName: 121,
} as const;

/** Confirmed services. */
export const Service = {
  AcknowledgeAlarm: 0,
  ConfirmedCovNotification: 1,
  SubscribeCov: 5,
  AtomicReadFile: 6,
  AtomicWriteFile: 7,
  CreateObject: 10,
  DeleteObject: 11,
  ReadProperty: 12,
  ReadPropertyMultiple: 14,
  WriteProperty: 15,
  WritePropertyMultiple: 16,
  DeviceCommunicationControl: 17,
  ReinitializeDevice: 20,
} as const;

/** Unconfirmed services. */
export const Unconfirmed = { IAm: 0, CovNotification: 2, TimeSynchronization: 6, WhoHas: 7, WhoIs: 8 } as const;

/** An object: type and instance. */
export type ObjectId = readonly [type: number, instance: number];

/** BVLC and NPDU around an APDU. A route adds source or destination network. */
export function datagram(
  apdu: Uint8Array,
  options: {
    readonly broadcast?: boolean;
    readonly wantsReply?: boolean;
    readonly destinationNetwork?: number;
    readonly sourceNetwork?: number;
  } = {},
): Uint8Array {
  const { destinationNetwork, sourceNetwork } = options;
  const control = (options.wantsReply ? 4 : 0) | (destinationNetwork === undefined ? 0 : 0x20) | (sourceNetwork === undefined ? 0 : 0x08);
  const npdu = octets().u8(1, control);
  if (destinationNetwork !== undefined) npdu.u16(destinationNetwork).u8(0);
  if (sourceNetwork !== undefined) npdu.u16(sourceNetwork).u8(1, 5);
  if (destinationNetwork !== undefined) npdu.u8(255);
  const body = npdu.bytes(apdu).take();
  return octets()
    .u8(0x81, options.broadcast ? 0x0b : 0x0a)
    .u16(4 + body.length)
    .bytes(body)
    .take();
}

/** A tag and its content; lengths above 4 take an extra byte. */
export function tagged(tag: number, context: boolean, content: Uint8Array): Uint8Array {
  const first = (tag << 4) | (context ? 8 : 0);
  const header = content.length < 5 ? Uint8Array.of(first | content.length) : Uint8Array.of(first | 5, content.length);
  return octets().bytes(header).bytes(content).take();
}

export function unsigned(value: number): Uint8Array {
  return value < 0x100 ? Uint8Array.of(value) : value < 0x10000 ? octets().u16(value).take() : octets().u32(value).take();
}

export function objectId([type, instance]: ObjectId): Uint8Array {
  return octets()
    .u32((type << 22) | instance)
    .take();
}

/** Application values: real (tag 4), character string (7), enumerated (9), object id (12). */
export function real(value: number): Uint8Array {
  return tagged(4, false, octets().f32(value).take());
}

export function characterString(value: string): Uint8Array {
  return tagged(7, false, octets().u8(0).text(value).take());
}

export function enumerated(value: number): Uint8Array {
  return tagged(9, false, unsigned(value));
}

export function confirmedRequest(invoke: number, service: number, body: Uint8Array): Uint8Array {
  return octets().u8(0x00, 0x05, invoke, service).bytes(body).take();
}

export function complexAck(invoke: number, service: number, body: Uint8Array): Uint8Array {
  return octets().u8(0x30, invoke, service).bytes(body).take();
}

export function session(timeline: Timeline, client: Host, server: Host, options: { readonly clientPort?: number } = {}): BacnetSession {
  return new BacnetSession(timeline, client, server, options.clientPort ?? PORT);
}

/** All devices between two instances, or simply all, are asked who they are. */
export function whoIs(timeline: Timeline, sender: Host, target: Host, range?: readonly [number, number]): void {
  const limits = range
    ? octets()
        .bytes(tagged(0, true, unsigned(range[0])))
        .bytes(tagged(1, true, unsigned(range[1])))
        .take()
    : new Uint8Array(0);
  udp.send(timeline, sender, PORT, target, PORT, datagram(octets().u8(0x10, Unconfirmed.WhoIs).bytes(limits).take(), { broadcast: true }));
}

/** A device tells its instance and vendor. */
export function iAm(timeline: Timeline, sender: Host, target: Host, instance: number, vendorId: number): void {
  const body = octets()
    .u8(0x10, Unconfirmed.IAm)
    .bytes(tagged(12, false, objectId([ObjectType.Device, instance])));
  body
    .bytes(tagged(2, false, unsigned(1476)))
    .bytes(enumerated(3))
    .bytes(tagged(2, false, unsigned(vendorId)));
  udp.send(timeline, sender, PORT, target, PORT, datagram(body.take(), { broadcast: true }));
}

/** A client of a device. */
export class BacnetSession {
  readonly #timeline: Timeline;
  readonly #client: Host;
  readonly #server: Host;
  readonly #clientPort: number;
  #invoke = 0;

  constructor(timeline: Timeline, client: Host, server: Host, clientPort: number) {
    this.#timeline = timeline;
    this.#client = client;
    this.#server = server;
    this.#clientPort = clientPort;
  }

  readProperty(object: ObjectId, property: number, value: Uint8Array = real(this.#timeline.random.below(1000) / 10)): this {
    const reference = propertyReference(object, property);
    return this.exchange(Service.ReadProperty, reference, octets().bytes(reference).u8(0x3e).bytes(value).u8(0x3f).take());
  }

  /** The same properties of several objects. */
  readPropertyMultiple(objects: readonly ObjectId[], properties: readonly number[] = [Property.PresentValue]): this {
    const request = octets();
    const answer = octets();
    for (const object of objects) {
      const id = tagged(0, true, objectId(object));
      request.bytes(id).u8(0x1e);
      answer.bytes(id).u8(0x1e);
      for (const property of properties) {
        request.bytes(tagged(0, true, unsigned(property)));
        const value = real(this.#timeline.random.below(1000) / 10);
        answer
          .bytes(tagged(2, true, unsigned(property)))
          .u8(0x4e)
          .bytes(value)
          .u8(0x4f);
      }
      request.u8(0x1f);
      answer.u8(0x1f);
    }
    return this.exchange(Service.ReadPropertyMultiple, request.take(), answer.take());
  }

  writeProperty(object: ObjectId, property: number, value: Uint8Array, priority = 8): this {
    const body = octets().bytes(propertyReference(object, property)).u8(0x3e).bytes(value).u8(0x3f);
    return this.exchange(Service.WriteProperty, body.bytes(tagged(4, true, unsigned(priority))).take());
  }

  /** Change of value: subscribed for `lifetime` seconds. */
  subscribe(object: ObjectId, lifetime = 300): this {
    const body = octets()
      .bytes(tagged(0, true, unsigned(18)))
      .bytes(tagged(1, true, objectId(object)));
    return this.exchange(
      Service.SubscribeCov,
      body
        .bytes(tagged(2, true, unsigned(0)))
        .bytes(tagged(3, true, unsigned(lifetime)))
        .take(),
    );
  }

  /** The device notifies the client, unconfirmed. */
  notify(device: number, object: ObjectId, value: number): this {
    const body = octets()
      .u8(0x10, Unconfirmed.CovNotification)
      .bytes(tagged(0, true, unsigned(18)))
      .bytes(tagged(1, true, objectId([ObjectType.Device, device])));
    body
      .bytes(tagged(2, true, objectId(object)))
      .bytes(tagged(3, true, unsigned(120)))
      .u8(0x4e);
    body
      .bytes(tagged(0, true, unsigned(Property.PresentValue)))
      .u8(0x2e)
      .bytes(real(value))
      .u8(0x2f);
    return this.#toClient(body.u8(0x4f).take());
  }

  /** Reinitialize the device: 0 cold start, 1 warm start. */
  reinitialize(state = 0): this {
    return this.exchange(Service.ReinitializeDevice, tagged(0, true, unsigned(state)));
  }

  /** Communication switched off (1) or on (0) for minutes. */
  deviceCommunicationControl(disable: number, minutes = 5): this {
    return this.exchange(
      Service.DeviceCommunicationControl,
      octets()
        .bytes(tagged(0, true, unsigned(minutes)))
        .bytes(tagged(1, true, unsigned(disable)))
        .take(),
    );
  }

  /** A request answered by an error: class 1 object / code 31 unknown object, 2 property / 40 write access denied ... */
  error(service: number, body: Uint8Array, errorClass = 1, errorCode = 31): this {
    this.#ask(service, body);
    return this.#toClient(octets().u8(0x50, this.#invoke, service).bytes(enumerated(errorClass)).bytes(enumerated(errorCode)).take());
  }

  /** A request rejected: 9 unrecognized service, 4 invalid tag, 5 missing parameter ... */
  reject(service: number, body: Uint8Array, reason = 9): this {
    this.#ask(service, body);
    return this.#toClient(Uint8Array.of(0x60, this.#invoke, reason));
  }

  /** A request aborted by the server: 4 segmentation not supported ... */
  abort(service: number, body: Uint8Array, reason = 4): this {
    this.#ask(service, body);
    return this.#toClient(Uint8Array.of(0x71, this.#invoke, reason));
  }

  /** A request whose answer takes several segments, each acknowledged by the client. */
  segmented(service: number, body: Uint8Array, answer: Uint8Array, size = 480): this {
    this.#ask(service, body, 0x02);
    for (let at = 0, sequence = 0; at < answer.length; at += size, sequence++) {
      const more = at + size < answer.length;
      this.#toClient(
        octets()
          .u8(0x30 | 0x08 | (more ? 0x04 : 0), this.#invoke, sequence, 1, service)
          .bytes(answer.subarray(at, at + size))
          .take(),
      );
      this.#toServer(Uint8Array.of(0x40, this.#invoke, sequence, 1));
    }
    return this;
  }

  /** Any confirmed service; an empty answer is a simple acknowledgement. */
  exchange(service: number, body: Uint8Array, answer?: Uint8Array): this {
    this.#ask(service, body);
    return this.#toClient(answer ? complexAck(this.#invoke, service, answer) : Uint8Array.of(0x20, this.#invoke, service));
  }

  #ask(service: number, body: Uint8Array, flags = 0): void {
    this.#invoke = (this.#invoke + 1) & 255;
    const apdu = confirmedRequest(this.#invoke, service, body);
    apdu[0] |= flags;
    this.#toServer(apdu, true);
  }

  #toServer(apdu: Uint8Array, wantsReply = false): this {
    udp.send(this.#timeline, this.#client, this.#clientPort, this.#server, PORT, datagram(apdu, { wantsReply }));
    return this;
  }

  #toClient(apdu: Uint8Array): this {
    udp.send(this.#timeline, this.#server, PORT, this.#client, this.#clientPort, datagram(apdu));
    return this;
  }
}

/** Object and property in context tags 0 and 1: the head of most property services. */
export function propertyReference(object: ObjectId, property: number): Uint8Array {
  return octets()
    .bytes(tagged(0, true, objectId(object)))
    .bytes(tagged(1, true, unsigned(property)))
    .take();
}
