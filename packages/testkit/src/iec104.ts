/** IEC 60870-5-104: APCI and ASDUs with two-byte cause, two-byte common address, three-byte object address. */
import type { Host } from './host.ts';
import { octets } from './octets.ts';
import type { ConnectionOptions, Delivery } from './tcp.ts';
import { Connection } from './tcp.ts';
import type { Timeline } from './timeline.ts';

export const PORT = 2404;

/** Type identifications (IEC 60870-5-101, 7.2.1). */
export const Type = {
  SinglePoint: 1,
  DoublePoint: 3,
  MeasuredNormalized: 9,
  MeasuredScaled: 11,
  MeasuredFloat: 13,
  SinglePointTime: 30,
  MeasuredFloatTime: 36,
  SingleCommand: 45,
  DoubleCommand: 46,
  SetpointFloat: 50,
  EndOfInitialization: 70,
  Interrogation: 100,
  CounterInterrogation: 101,
  Read: 102,
  ClockSynchronization: 103,
  ResetProcess: 105,
} as const;

/** Causes of transmission. */
export const Cause = {
  Periodic: 1,
  Spontaneous: 3,
  Initialized: 4,
  Request: 5,
  Activation: 6,
  ActivationConfirmation: 7,
  Deactivation: 8,
  ActivationTermination: 10,
  Interrogated: 20,
  UnknownType: 44,
  UnknownCause: 45,
  UnknownCommonAddress: 46,
  UnknownObjectAddress: 47,
} as const;

/** Set in the cause when the outstation refuses. */
export const NEGATIVE = 0x40;

/** Frames without numbers. */
export const Unnumbered = { StartAct: 0x07, StartCon: 0x0b, StopAct: 0x13, StopCon: 0x23, TestAct: 0x43, TestCon: 0x83 } as const;

export function unnumberedFrame(what: number): Uint8Array {
  return Uint8Array.of(0x68, 4, what, 0, 0, 0);
}

export function supervisoryFrame(receive: number): Uint8Array {
  return octets()
    .u8(0x68, 4, 1, 0)
    .u16le((receive << 1) & 0xfffe)
    .take();
}

export function informationFrame(send: number, receive: number, asdu: Uint8Array): Uint8Array {
  return octets()
    .u8(0x68, 4 + asdu.length)
    .u16le((send << 1) & 0xfffe)
    .u16le((receive << 1) & 0xfffe)
    .bytes(asdu)
    .take();
}

/** One information object: its address and its elements. */
export interface InformationObject {
  readonly address: number;
  readonly element: Uint8Array;
}

export function asdu(type: number, cause: number, commonAddress: number, objects: readonly InformationObject[]): Uint8Array {
  const whole = octets().u8(type, objects.length, cause, 0).u16le(commonAddress);
  for (const object of objects) whole.u24le(object.address).bytes(object.element);
  return whole.take();
}

/** CP56Time2a of seconds since 1970. */
export function time(seconds: number, milliseconds = 0): Uint8Array {
  const date = new Date(seconds * 1000);
  return octets()
    .u16le(date.getUTCSeconds() * 1000 + milliseconds)
    .u8(date.getUTCMinutes(), date.getUTCHours(), date.getUTCDate(), date.getUTCMonth() + 1, date.getUTCFullYear() % 100)
    .take();
}

export interface SessionOptions extends ConnectionOptions {
  readonly commonAddress?: number;
  /** Does not start data transfer by itself. */
  readonly stopped?: boolean;
}

export function session(timeline: Timeline, client: Host, server: Host, options: SessionOptions = {}): Iec104Session {
  return new Iec104Session(timeline, client, server, options);
}

/** A controlling station (client) and a controlled station (server). */
export class Iec104Session {
  readonly connection: Connection;
  readonly commonAddress: number;
  readonly #timeline: Timeline;
  #clientSent = 0;
  #serverSent = 0;

  constructor(timeline: Timeline, client: Host, server: Host, options: SessionOptions) {
    this.#timeline = timeline;
    this.connection = new Connection(timeline, client, server, PORT, options);
    this.commonAddress = options.commonAddress ?? 1;
    if (!options.stopped) this.start();
  }

  start(): this {
    return this.#unnumbered(Unnumbered.StartAct, Unnumbered.StartCon);
  }

  stop(): this {
    return this.#unnumbered(Unnumbered.StopAct, Unnumbered.StopCon);
  }

  testLink(): this {
    return this.#unnumbered(Unnumbered.TestAct, Unnumbered.TestCon);
  }

  /** Activation, confirmation, the values of the station, termination. */
  interrogate(values: readonly number[] = [1, 2, 3], qualifier = 20): this {
    const object = [{ address: 0, element: Uint8Array.of(qualifier) }];
    this.command(Type.Interrogation, object, Cause.Activation).report(Type.Interrogation, object, Cause.ActivationConfirmation);
    this.measuredValues(1, values, Cause.Interrogated);
    return this.report(Type.Interrogation, object, Cause.ActivationTermination);
  }

  /** Short floating point values of objects from `first` on. */
  measuredValues(first: number, values: readonly number[], cause: number = Cause.Spontaneous): this {
    const objects = values.map((value, i) => ({ address: first + i, element: octets().f32le(value).u8(0).take() }));
    return this.report(Type.MeasuredFloat, objects, cause);
  }

  singlePoint(address: number, on: boolean, cause: number = Cause.Spontaneous): this {
    return this.report(Type.SinglePoint, [{ address, element: Uint8Array.of(on ? 1 : 0) }], cause);
  }

  /** Command and confirmation; `refused` is the negative cause that answers instead, such as {@link Cause.UnknownObjectAddress}. */
  singleCommand(address: number, on: boolean, refused?: number): this {
    return this.activate(Type.SingleCommand, [{ address, element: Uint8Array.of(on ? 1 : 0) }], refused);
  }

  setpoint(address: number, value: number, refused?: number): this {
    return this.activate(Type.SetpointFloat, [{ address, element: octets().f32le(value).u8(0).take() }], refused);
  }

  synchronizeClock(): this {
    const now = this.#timeline.start + Math.floor(this.#timeline.clock / 1e9);
    return this.activate(Type.ClockSynchronization, [{ address: 0, element: time(now) }]);
  }

  resetProcess(): this {
    return this.activate(Type.ResetProcess, [{ address: 0, element: Uint8Array.of(1) }]);
  }

  /** Activation and its confirmation, positive or negative. */
  activate(type: number, objects: readonly InformationObject[], refused?: number): this {
    this.command(type, objects, Cause.Activation);
    return this.report(type, objects, refused === undefined ? Cause.ActivationConfirmation : refused | NEGATIVE);
  }

  /** Any ASDU of the controlling station. */
  command(type: number, objects: readonly InformationObject[], cause: number, commonAddress = this.commonAddress): this {
    this.connection.request(informationFrame(this.#clientSent, this.#serverSent, asdu(type, cause, commonAddress, objects)));
    this.#clientSent = (this.#clientSent + 1) & 0x7fff;
    return this;
  }

  /** Any ASDU of the controlled station. */
  report(
    type: number,
    objects: readonly InformationObject[],
    cause: number,
    commonAddress = this.commonAddress,
    delivery?: Delivery,
  ): this {
    this.connection.response(informationFrame(this.#serverSent, this.#clientSent, asdu(type, cause, commonAddress, objects)), delivery);
    this.#serverSent = (this.#serverSent + 1) & 0x7fff;
    return this;
  }

  /** The controlling station acknowledges what it received. */
  acknowledge(): this {
    this.connection.request(supervisoryFrame(this.#serverSent));
    return this;
  }

  close(): void {
    this.connection.close();
  }

  #unnumbered(act: number, con: number): this {
    this.connection.request(unnumberedFrame(act)).response(unnumberedFrame(con));
    return this;
  }
}
