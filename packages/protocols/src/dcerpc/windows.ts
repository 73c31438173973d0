/**
 * Calls that manage a Windows machine from afar: services (MS-SCMR, 3.1.4) and scheduled tasks (MS-TSCH, 3.2.5.4 and 3.2.5.2).
 * Arguments are read from the stub as NDR (C706, 14) lays them out. What is encrypted is left alone.
 */
import { i32le, u32le } from '@annunciator/packet/bytes';
import type { Facts } from '../facts.ts';
import { hashOf } from '../hash.ts';
import { PROTOCOLS } from '../registry.ts';
import { windowsText } from '../smb/ntlm.ts';

const DCERPC = PROTOCOLS.dcerpc.index;

/** Interfaces whose calls are read. */
export const Managed = { None: 0, Services: 1, Tasks: 2, Jobs: 3 } as const;
export type Managed = (typeof Managed)[keyof typeof Managed];
const INTERFACES: Readonly<Record<string, Managed>> = {
  svcctl: Managed.Services,
  ITaskSchedulerService: Managed.Tasks,
  atsvc: Managed.Jobs,
};
export const managedBy = (interfaceName: string): Managed => INTERFACES[interfaceName] ?? Managed.None;

/** Operations, wide and narrow (MS-SCMR, 3.1.4). */
const Service = { Control: 1, Delete: 2, Create: 12, Open: 16, Start: 19, CreateA: 24, OpenA: 28, StartA: 31 } as const;
const REGISTER_TASK = 1;
const ADD_JOB = 0;
const CONTROL_STOP = 1;
const HANDLE = 20;
const STATUS = 4;
const MOST = 32;
const LONGEST_TEXT = 1024;

/** Names of services by the call that asks for them, and by the handle that the answer gave. Bounded: 32 each. */
export class ManagedCalls {
  readonly #asked = new Map<number, string>();
  readonly #handles = new Map<number, string>();

  ask(call: number, service: string): void {
    if (this.#asked.size >= MOST) this.#asked.clear();
    this.#asked.set(call, service);
  }

  /** The answer to a call that opened or created a service ends with its handle and a status. */
  answered(call: number, bytes: Uint8Array, start: number, end: number): void {
    const service = this.#asked.get(call);
    if (service === undefined) return;
    this.#asked.delete(call);
    const at = end - HANDLE - STATUS;
    if (at < start || u32le(bytes, end - STATUS) !== 0) return;
    if (this.#handles.size >= MOST) this.#handles.clear();
    this.#handles.set(hashOf(bytes, at, at + HANDLE), service);
  }

  service(bytes: Uint8Array, at: number): string {
    return this.#handles.get(hashOf(bytes, at, at + HANDLE)) ?? '';
  }
}

/** Reads arguments in turn; `at` is -1 once one does not fit. */
class Stub {
  readonly #bytes: Uint8Array;
  readonly #start: number;
  readonly #end: number;
  at: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
    this.at = start;
  }

  skip(size: number): void {
    if (this.at >= 0) this.at = this.at + size <= this.#end ? this.at + size : -1;
  }

  number(): number {
    this.#align();
    const at = this.at;
    this.skip(4);
    return this.at < 0 ? 0 : i32le(this.#bytes, at);
  }

  /** A conformant and varying string: room, offset, length, then the characters with a zero at the end (C706, 14.3.4). */
  string(wide: boolean): string {
    this.#align();
    if (this.at < 0 || this.at + 12 > this.#end) {
      this.at = -1;
      return '';
    }
    const from = this.at + 12;
    const size = u32le(this.#bytes, this.at + 8) * (wide ? 2 : 1);
    // A packet's first piece may end within a long text: its beginning tells enough.
    const text = windowsText(this.#bytes, from, Math.min(this.#end, from + size), wide, LONGEST_TEXT);
    this.at = from + size <= this.#end ? from + size : -1;
    return text;
  }

  /** A string behind a pointer, empty when the pointer is null. */
  pointed(wide: boolean): string {
    return this.number() === 0 ? '' : this.string(wide);
  }

  #align(): void {
    if (this.at < 0) return;
    this.at = this.#start + ((this.at - this.#start + 3) & ~3);
    if (this.at > this.#end) this.at = -1;
  }
}

function tell(
  facts: Facts,
  what: 'service-create' | 'service-start' | 'service-stop' | 'service-delete' | 'task',
  name: string,
  image: string,
): void {
  const words = {
    'service-create': 'created the service',
    'service-start': 'started the service',
    'service-stop': 'stopped the service',
    'service-delete': 'deleted the service',
    task: 'scheduled the task',
  };
  const text = `${words[what]} ${name || 'of unknown name'}${image && ` (${image})`}`;
  facts.tell({ is: 'remote', protocol: DCERPC, what, name, text, ...(image && { image }) });
}

/** A request: its arguments in `bytes[start, end)`, little-endian as Windows sends them. */
export function readManagedCall(
  facts: Facts,
  calls: ManagedCalls,
  of: Managed,
  operation: number,
  call: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  if (of === Managed.Services) readService(facts, calls, operation, call, bytes, start, end);
  else if (of === Managed.Tasks && operation === REGISTER_TASK) {
    const stub = new Stub(bytes, start, end);
    const path = stub.pointed(true);
    tell(facts, 'task', path, commandOf(stub.string(true)));
  } else if (of === Managed.Jobs && operation === ADD_JOB) {
    const stub = new Stub(bytes, start, end);
    stub.pointed(true);
    // AT_INFO: time, days of month, days of week and flags, a pointer, then the command.
    stub.number();
    stub.number();
    stub.number();
    const command = stub.pointed(true);
    tell(facts, 'task', command, command);
  }
}

/** The command of a task's description in XML. */
const commandOf = (xml: string): string => /<Command>([^<]{1,256})/i.exec(xml)?.[1] ?? '';

function readService(
  facts: Facts,
  calls: ManagedCalls,
  operation: number,
  call: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  const wide = operation < Service.CreateA;
  const stub = new Stub(bytes, start, end);
  stub.skip(HANDLE);
  if (stub.at < 0) return;
  switch (operation) {
    case Service.Open:
    case Service.OpenA:
      calls.ask(call, stub.string(wide));
      return;
    case Service.Create:
    case Service.CreateA: {
      const name = stub.string(wide);
      stub.pointed(wide);
      // access, type, start, error control
      for (let skip = 0; skip < 4; skip++) stub.number();
      calls.ask(call, name);
      tell(facts, 'service-create', name, stub.at < 0 ? '' : stub.string(wide));
      return;
    }
    case Service.Start:
    case Service.StartA:
      tell(facts, 'service-start', calls.service(bytes, start), '');
      return;
    case Service.Delete:
      tell(facts, 'service-delete', calls.service(bytes, start), '');
      return;
    case Service.Control:
      if (stub.number() === CONTROL_STOP) tell(facts, 'service-stop', calls.service(bytes, start), '');
      return;
    default:
  }
}
