/**
 * Who is connected. A device or module has one session at a time: a second connection ends the first. A session is what the
 * hub can reach a device by; the front door that holds the connection provides the ways.
 */
import { randomUUID } from 'node:crypto';
import { HubError } from '../hub-error.ts';
import type { DeviceCaller } from '../authentication/caller.ts';
import { type IdentityName, nameText } from '../identity/identity.ts';
import type { QueuedMessage } from '../state/device-queue.ts';

export interface MethodRequest {
  readonly requestId: string;
  readonly name: string;
  /** JSON text. */
  readonly payload: string;
}

/** What a front door does for a session. */
export interface SessionDoor {
  /** Ends the connection (or the part of it that belongs to the session). */
  close(reason: HubError): void;
  /** Hands over a cloud-to-device message that is now locked for the session. */
  deliver(message: QueuedMessage): void;
  invokeMethod(request: MethodRequest): void;
  /** @param patch JSON text with `$version` */
  desiredChanged(patch: string, version: number): void;
}

export class Session {
  readonly id = randomUUID();
  caller: DeviceCaller;
  readonly door: SessionDoor;
  /** What the device listens to. */
  methods = false;
  desired = false;
  /** Cloud-to-device messages it can take right now; 0 when it does not listen. */
  credit = 0;
  pumping = false;
  /** Method calls it has not answered yet. */
  calls = 0;
  ended = false;

  constructor(caller: DeviceCaller, door: SessionDoor) {
    this.caller = caller;
    this.door = door;
  }

  get name(): IdentityName {
    return this.caller.identity;
  }
}

export class Sessions {
  readonly #byName = new Map<string, Session>();
  readonly #limit: number;
  #devices = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Sessions of devices; those of modules do not count. */
  get devices(): number {
    return this.#devices;
  }

  get size(): number {
    return this.#byName.size;
  }

  of(name: IdentityName): Session | undefined {
    return this.#byName.get(nameText(name));
  }

  all(): Iterable<Session> {
    return this.#byName.values();
  }

  /** The session takes the place of an earlier one, which is returned. @throws HubError QuotaExceeded */
  add(session: Session): Session | undefined {
    const key = nameText(session.name);
    const earlier = this.#byName.get(key);
    if (!earlier && this.#byName.size >= this.#limit)
      throw new HubError('QuotaExceeded', `${this.#limit} devices are connected, which is the most this hub allows.`);
    this.#byName.set(key, session);
    if (!earlier && session.name.moduleId === null) this.#devices++;
    return earlier;
  }

  /** False when another session has taken its place already. */
  remove(session: Session): boolean {
    const key = nameText(session.name);
    if (this.#byName.get(key) !== session) return false;
    this.#byName.delete(key);
    if (session.name.moduleId === null) this.#devices--;
    return true;
  }

  /** Sessions of a device and of its modules. */
  ofDevice(deviceId: string): Session[] {
    const own = this.of({ deviceId, moduleId: null });
    const modules = [...this.#byName.values()].filter(({ name }) => name.deviceId === deviceId && name.moduleId !== null);
    return own ? [own, ...modules] : modules;
  }
}
