/** Connecting and disconnecting, the end of a proof, and when devices were last heard of. */
import type { Authenticator, Credentials } from '../authentication/authenticator.ts';
import type { DeviceCaller, Origin, ServiceCaller } from '../authentication/caller.ts';
import { HubError } from '../hub-error.ts';
import { type IdentityName, nameOf, nameText } from '../identity/identity.ts';
import { partitionOf } from '../identity/partition.ts';
import type { ActivityNote } from '../state/identities.ts';
import type { CommandDelivery } from './command-delivery.ts';
import type { Deed, HubContext } from './context.ts';
import type { Methods } from './methods.ts';
import type { Session } from './sessions.ts';

const SWEEP_MS = 1000;
/** How often the registry hears of activity; it is allowed to lag. */
const NOTE_MS = 5000;
/** Notes kept until then; the database hears the rest when they connect or disconnect. */
const MOST_NOTES = 100_000;

const CONNECT: Omit<Deed, 'target'> = { category: 'Connections', operation: 'deviceConnect' };

export class Connections {
  readonly #context: HubContext;
  readonly #authenticator: Authenticator;
  readonly #delivery: CommandDelivery;
  readonly #methods: Methods;
  #notes = new Map<string, ActivityNote>();
  readonly #timers: NodeJS.Timeout[];

  constructor(context: HubContext, authenticator: Authenticator, delivery: CommandDelivery, methods: Methods) {
    this.#context = context;
    this.#authenticator = authenticator;
    this.#delivery = delivery;
    this.#methods = methods;
    this.#timers = [setInterval(() => this.#endExpired(), SWEEP_MS), setInterval(() => void this.writeNotes(), NOTE_MS)];
    for (const timer of this.#timers) timer.unref();
  }

  /** Proves who a device is. @param deed what it is about to do, for the record of a refusal. @throws HubError */
  async authenticate(
    name: IdentityName,
    credentials: Credentials,
    origin: Origin,
    deed: Omit<Deed, 'target'> = CONNECT,
  ): Promise<DeviceCaller> {
    try {
      return await this.#authenticator.device(name, credentials, origin);
    } catch (error) {
      throw await this.#context.refuse(origin, { ...deed, target: name }, error);
    }
  }

  /** Proves the rights of a back end. @throws HubError */
  async authenticateService(token: string | undefined, origin: Origin, deed: Deed): Promise<ServiceCaller> {
    try {
      return this.#authenticator.service(token, origin);
    } catch (error) {
      // Whoever has no right may name devices that are none.
      const { target } = deed;
      const exists = target && (await this.#context.ask(target.deviceId, 'find', { name: target }).catch(() => undefined));
      throw await this.#context.refuse(origin, exists ? deed : { ...deed, target: null }, error);
    }
  }

  /**
   * Begins the session of a device that proved who it is, when it is its turn. An earlier session of the same device ends.
   * Strangers do not get so far: they cannot use up the rate of new connections.
   * @throws HubError ThrottlingException, QuotaExceeded
   */
  async open(session: Session): Promise<void> {
    const { caller } = session;
    await this.#context.perform(caller, { ...CONNECT, target: caller.identity, throttle: 'connections' }, () => {
      const earlier = this.#context.sessions.add(session);
      if (earlier) this.#end(earlier, new HubError('ConnectionClosedByNewConnection', `${nameText(caller.identity)} connected again.`));
    });
    this.#note(caller.identity, true);
  }

  /** Records that a connection was refused before or apart from any session. */
  async refuse(caller: DeviceCaller | Origin, error: HubError, target: IdentityName | null = null): Promise<void> {
    await this.#context.refuse(caller, { ...CONNECT, target }, error);
  }

  /** Records that a connection ended before it could say anything: cut off, or given up by its client. */
  turnAway(origin: Origin): void {
    const error = new HubError(
      'ThrottleBacklogLimitExceeded',
      'More connections than the hub can begin: wait some seconds, then try again.',
    );
    void this.#context.refuse(origin, { ...CONNECT, target: null }, error);
  }

  /** Keeps what an MQTT session is subscribed to while its device is away. */
  async keepSubscriptions({ identity }: DeviceCaller, subscriptions: number): Promise<void> {
    await this.#context.ask(identity.deviceId, 'setSubscriptions', { name: nameOf(identity), subscriptions });
  }

  /** A session whose connection has ended. */
  close(session: Session, reason: HubError | null = null): void {
    if (session.ended) return;
    if (this.#context.sessions.remove(session)) this.#note(session.name, false);
    session.ended = true;
    this.#delivery.release(session);
    this.#methods.abandon(session);
    const deed = { category: 'Connections', operation: 'deviceDisconnect', target: session.name } as const;
    const detail = reason ? { detail: reason.message } : {};
    const record = this.#context.describe(session.caller, { ...deed, ...detail }, null, this.#context.clock());
    // Nobody waits for an answer. When the disk is full there is nowhere to tell it.
    this.#context.operations.record({ ...record, statusCode: reason?.number ?? 0 }).catch(() => {});
  }

  /** Ends a session from the hub's side. */
  #end(session: Session, reason: HubError): void {
    this.close(session, reason);
    session.door.close(reason);
  }

  /** Ends the sessions of a device (and its modules) that was disabled, deleted or given other keys. */
  endAll(name: IdentityName, reason: HubError): void {
    const { sessions } = this.#context;
    const own = sessions.of(name);
    const concerned = name.moduleId === null ? sessions.ofDevice(name.deviceId) : own ? [own] : [];
    for (const session of concerned) this.#end(session, reason);
  }

  /** A device was heard of. */
  heard(name: IdentityName): void {
    const key = nameText(name);
    if (!this.#notes.has(key) && this.#notes.size < MOST_NOTES)
      this.#notes.set(key, { ...nameOf(name), connected: null, time: this.#context.clock() });
  }

  #note(name: IdentityName, connected: boolean): void {
    this.#notes.set(nameText(name), { ...nameOf(name), connected, time: this.#context.clock() });
  }

  /** Writes down who is connected, for the registry and queries. */
  async writeNotes(): Promise<void> {
    const notes = this.#notes;
    if (notes.size === 0) return;
    this.#notes = new Map();
    const { partitions } = this.#context.state;
    const sorted: ActivityNote[][] = Array.from({ length: partitions }, () => []);
    for (const note of notes.values()) sorted[partitionOf(note.deviceId, partitions)].push(note);
    const written = sorted.map(async (part, partition) => {
      if (part.length > 0) await this.#context.state.ask(partition, 'note', { notes: part });
    });
    await Promise.all(written).catch((error: unknown) => this.#context.log(`Connection states could not be written: ${String(error)}`));
  }

  #endExpired(): void {
    const now = this.#context.clock();
    for (const session of this.#context.sessions.all()) {
      const { expires } = session.caller;
      if (expires !== null && expires <= now)
        this.#end(session, new HubError('IotHubUnauthorized', `The token of ${nameText(session.name)} has expired.`, 'tokenExpired'));
    }
  }

  /** Ends every session, as when the hub stops. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    const reason = new HubError('ServiceUnavailable', 'The hub is stopping.');
    for (const session of this.#context.sessions.all()) this.#end(session, reason);
    await this.writeNotes();
  }
}
