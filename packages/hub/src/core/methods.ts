/** Direct methods: a back end calls, the device answers, while both wait. */
import { randomUUID } from 'node:crypto';
import { needRight, type ServiceCaller } from '../authentication/caller.ts';
import { HubError } from '../hub-error.ts';
import { type IdentityName, nameText } from '../identity/identity.ts';
import type { HubContext } from './context.ts';
import type { Session } from './sessions.ts';

export interface MethodCall {
  readonly name: string;
  /** JSON text. */
  readonly payload: string;
  /** How long to wait for the device to answer, seconds. */
  readonly responseTimeout: number;
  /** How long to wait for the device to connect, seconds. */
  readonly connectTimeout: number;
}

export interface MethodAnswer {
  readonly status: number;
  /** JSON text; empty when the device sent none. */
  readonly payload: string;
}

interface Waiting {
  readonly session: Session;
  readonly resolve: (answer: MethodAnswer) => void;
  readonly reject: (error: HubError) => void;
}

/** Calls that may be under way at once. */
const MOST_WAITING = 50_000;
const TIMEOUTS = { least: 5, most: 3600 };
const CONNECT_TIMEOUT = { least: 0, most: 300 };

export class Methods {
  readonly #context: HubContext;
  readonly #waiting = new Map<string, Waiting>();
  /** Calls that wait for a device to listen. */
  readonly #absent = new Map<string, Set<() => void>>();

  constructor(context: HubContext) {
    this.#context = context;
  }

  /** Calls a method and waits for its answer. @throws HubError DeviceNotFound, DeviceNotOnline, GatewayTimeout, ArgumentInvalid */
  async invoke(caller: ServiceCaller, target: IdentityName, call: MethodCall): Promise<MethodAnswer> {
    const sizeBytes = Buffer.byteLength(call.payload) + Buffer.byteLength(call.name);
    return this.#context.perform(caller, { category: 'DirectMethods', operation: 'invoke', target, sizeBytes }, async () => {
      needRight(caller, 'ServiceConnect', target);
      this.#check(call, sizeBytes);
      if (caller.protocol !== null) await this.#context.throttle.pass('directMethods', Math.max(4, Math.ceil(sizeBytes / 4096) * 4));
      const session = this.#listening(target) ?? (await this.#appear(target, call.connectTimeout));
      return this.#ask(session, call);
    });
  }

  #check({ name, responseTimeout, connectTimeout }: MethodCall, sizeBytes: number): void {
    if (!/^[\x21-\x7e]{1,128}$/.test(name))
      throw new HubError('ArgumentInvalid', `${JSON.stringify(name.slice(0, 140))} is no method name: give 1 to 128 printable characters.`);
    if (!(responseTimeout >= TIMEOUTS.least && responseTimeout <= TIMEOUTS.most))
      throw new HubError('ArgumentInvalid', `responseTimeoutInSeconds is ${responseTimeout}; give ${TIMEOUTS.least} to ${TIMEOUTS.most}.`);
    if (!(connectTimeout >= CONNECT_TIMEOUT.least && connectTimeout <= CONNECT_TIMEOUT.most))
      throw new HubError('ArgumentInvalid', `connectTimeoutInSeconds is ${connectTimeout}; give 0 to ${CONNECT_TIMEOUT.most}.`);
    const { methodBytes } = this.#context.limits;
    if (sizeBytes > methodBytes) throw new HubError('MessageTooLarge', `The call has ${sizeBytes} bytes; ${methodBytes} are allowed.`);
  }

  #listening(target: IdentityName): Session | undefined {
    const session = this.#context.sessions.of(target);
    return session?.methods ? session : undefined;
  }

  async #appear(target: IdentityName, seconds: number): Promise<Session> {
    // Tells a device that does not exist from one that is away.
    await this.#context.ask(target.deviceId, 'get', { name: target });
    const here = this.#listening(target);
    if (here) return here;
    if (seconds > 0) await this.#wait(nameText(target), seconds * 1000);
    const session = this.#listening(target);
    if (session) return session;
    throw new HubError('DeviceNotOnline', `${nameText(target)} is not connected or listens to no methods.`);
  }

  #wait(key: string, milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const waiters = this.#absent.get(key) ?? new Set();
      const done = (): void => {
        clearTimeout(timer);
        waiters.delete(done);
        if (waiters.size === 0) this.#absent.delete(key);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      waiters.add(done);
      this.#absent.set(key, waiters);
    });
  }

  #ask(session: Session, call: MethodCall): Promise<MethodAnswer> {
    if (this.#waiting.size >= MOST_WAITING)
      throw new HubError('ServiceUnavailable', `${MOST_WAITING} method calls are under way: try again.`);
    const requestId = randomUUID();
    session.calls++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#forget(requestId);
        reject(new HubError('GatewayTimeout', `${nameText(session.name)} did not answer ${call.name} within ${call.responseTimeout} s.`));
      }, call.responseTimeout * 1000);
      const settle = <T>(how: (value: T) => void) => {
        return (value: T): void => {
          clearTimeout(timer);
          this.#forget(requestId);
          how(value);
        };
      };
      this.#waiting.set(requestId, { session, resolve: settle(resolve), reject: settle(reject) });
      session.door.invokeMethod({ requestId, name: call.name, payload: call.payload });
    });
  }

  #forget(requestId: string): void {
    const waiting = this.#waiting.get(requestId);
    if (waiting) waiting.session.calls--;
    this.#waiting.delete(requestId);
  }

  /** A device begins or ceases to listen. */
  listen(session: Session, listens: boolean): void {
    session.methods = listens;
    if (listens) for (const done of this.#absent.get(nameText(session.name)) ?? []) done();
  }

  /** The device answers. An answer that nobody waits for is dropped; false then. */
  answer(session: Session, requestId: string, answer: MethodAnswer): boolean {
    const waiting = this.#waiting.get(requestId);
    if (waiting?.session !== session) return false;
    const bytes = Buffer.byteLength(answer.payload);
    if (bytes > this.#context.limits.methodBytes)
      waiting.reject(
        new HubError(
          'BadDeviceResponse',
          `${nameText(session.name)} answered with ${bytes} bytes; ${this.#context.limits.methodBytes} are allowed.`,
        ),
      );
    else if (!isJson(answer.payload))
      waiting.reject(new HubError('BadDeviceResponse', `${nameText(session.name)} answered with what is not JSON.`));
    else waiting.resolve(answer);
    return true;
  }

  /** Nobody will answer the calls of a session that ended. */
  abandon(session: Session): void {
    if (session.calls === 0) return;
    for (const waiting of this.#waiting.values())
      if (waiting.session === session)
        waiting.reject(new HubError('DeviceConnectionClosedRemotely', `${nameText(session.name)} disconnected before it answered.`));
  }
}

function isJson(text: string): boolean {
  if (text === '') return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
