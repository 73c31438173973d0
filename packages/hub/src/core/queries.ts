/** Queries over twins as back ends ask them, and lists of devices as people do. */
import { needRight, type ServiceCaller } from '../authentication/caller.ts';
import { HubError } from '../hub-error.ts';
import type { DeviceList, DeviceQuestion } from '../query/device-list.ts';
import type { QueryThread } from '../query/query-thread.ts';
import type { QueryPage } from '../query/twin-query.ts';
import type { Connections } from './connections.ts';
import type { HubContext } from './context.ts';

const LARGEST_PAGE = 1000;

export class Queries {
  readonly #context: HubContext;
  readonly #connections: Connections;
  readonly #thread: QueryThread;

  constructor(context: HubContext, connections: Connections, thread: QueryThread) {
    this.#context = context;
    this.#connections = connections;
    this.#thread = thread;
  }

  /**
   * A page of a query's rows.
   * @param continuation of the page before, null for the first
   * @throws HubError QueryStoreInvalidQuery, ArgumentInvalid, GatewayTimeout
   */
  async run(caller: ServiceCaller, text: string, pageSize: number, continuation: string | null): Promise<QueryPage> {
    const sizeBytes = Buffer.byteLength(text);
    return this.#context.perform(
      caller,
      { category: 'TwinQueries', operation: 'query', target: null, sizeBytes, throttle: 'queries' },
      async () => {
        needRight(caller, 'RegistryRead', null);
        if (!(Number.isInteger(pageSize) && pageSize >= 1 && pageSize <= LARGEST_PAGE))
          throw new HubError('ArgumentInvalid', `The page size is ${pageSize}; give 1 to ${LARGEST_PAGE}.`);
        // Who is connected is written down now and then; a query shall see it as it is.
        await this.#connections.writeNotes();
        return this.#thread.run(text, pageSize, continuation);
      },
    );
  }

  /** A page of the devices that fit. Who is connected is told as it is now. @throws HubError ServiceUnavailable */
  async devices(caller: ServiceCaller, question: DeviceQuestion): Promise<DeviceList> {
    return this.#context.perform(
      caller,
      { category: 'DeviceIdentityOperations', operation: 'list', target: null, throttle: 'registry' },
      async () => {
        needRight(caller, 'RegistryRead', null);
        await this.#connections.writeNotes();
        const { devices, matching } = await this.#thread.devices(question);
        const live = devices.map((device) => ({
          ...device,
          connected: this.#context.sessions.of({ ...device, moduleId: null }) !== undefined,
        }));
        return { devices: live, matching };
      },
    );
  }

  close(): Promise<void> {
    return this.#thread.close();
  }
}
