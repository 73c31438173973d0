/** File upload: a device announces a file, writes it to the blob store by a token, and tells how it went. */
import type { Readable } from 'node:stream';
import { needRight, type DeviceCaller, type Origin, type ServiceCaller } from '../authentication/caller.ts';
import { type BlobProperties, BlobStore } from '../blobs/blob-store.ts';
import { createBlobToken, isBlobToken } from '../blobs/blob-token.ts';
import { newKey } from '../authentication/policies.ts';
import { HubError } from '../hub-error.ts';
import type { Upload } from '../state/uploads.ts';
import type { Deed, HubContext } from './context.ts';
import type { NoticeFeed } from './notice-feed.ts';

/** The only container. */
export const CONTAINER = 'device-files';

export interface UploadStart extends Upload {
  /** Query that gives the right to write, with the question mark. */
  readonly token: string;
}

export class FileUploads {
  readonly #context: HubContext;
  readonly #notices: NoticeFeed;
  readonly #store: BlobStore;
  readonly #key: string;

  private constructor(context: HubContext, notices: NoticeFeed, store: BlobStore, key: string) {
    this.#context = context;
    this.#notices = notices;
    this.#store = store;
    this.#key = key;
  }

  static async open(context: HubContext, notices: NoticeFeed, folder: string): Promise<FileUploads> {
    const { limits } = context;
    const store = await BlobStore.open(folder, { blobBytes: limits.uploadBytes, totalBytes: limits.blobBytes });
    let key = await context.askHub('setting', { name: 'blob.key' });
    if (key === undefined) {
      key = newKey();
      await context.askHub('setSetting', { name: 'blob.key', value: key });
    }
    return new FileUploads(context, notices, store, key);
  }

  /** @throws HubError ArgumentInvalid, DeviceMaximumActiveFileUploadLimitExceeded */
  async start(caller: DeviceCaller, name: string): Promise<UploadStart> {
    const { deviceId } = caller.identity;
    const deed: Deed = {
      category: 'FileUploadOperations',
      operation: 'initiate',
      target: caller.identity,
      throttle: 'fileUploads',
      writes: true,
    };
    return this.#context.perform(caller, deed, async () => {
      if (name === '' || name.length > 1024 - deviceId.length - 1 || /\p{Cc}/u.test(name))
        throw new HubError(
          'ArgumentInvalid',
          `The blobName ${JSON.stringify(name.slice(0, 60))} must have 1 to 1024 characters, the device id included.`,
        );
      const blobName = `${deviceId}/${name}`;
      const now = this.#context.clock();
      const upload = await this.#context.ask(deviceId, 'startUpload', { deviceId, blobName, now });
      return { ...upload, token: createBlobToken(this.#key, blobName, now) };
    });
  }

  /** The device tells how an upload went. @throws HubError ArgumentInvalid when it has no such upload, or nothing was written */
  async finish(caller: DeviceCaller, correlationId: string, success: boolean, host: string): Promise<void> {
    const { deviceId } = caller.identity;
    const deed: Deed = {
      category: 'FileUploadOperations',
      operation: success ? 'complete' : 'fail',
      target: caller.identity,
      writes: true,
    };
    await this.#context.perform(caller, deed, async () => {
      const { blobName } = await this.#context.ask(deviceId, 'finishUpload', { deviceId, correlationId });
      if (!success) return;
      const properties = await this.#store.properties(blobName);
      if (!properties) throw new HubError('ArgumentInvalid', `Nothing was written to ${blobName}.`);
      const now = this.#context.clock();
      await this.#context.ask(deviceId, 'addNotice', { kind: 'file', body: notification(deviceId, properties, host, now), now });
    });
    if (success) this.#notices.look('file');
  }

  // The blob store

  /** Checks a token for a file. @throws HubError IotHubUnauthorized, recorded */
  async checkToken(origin: Origin, blob: string, query: URLSearchParams): Promise<void> {
    if (isBlobToken(this.#key, blob, query, this.#context.clock())) return;
    const error = new HubError(
      'IotHubUnauthorized',
      `The token does not give the right to ${blob.slice(0, 100)}, or has expired.`,
      'tokenSignature',
    );
    throw await this.#context.refuse(origin, this.#writing(blob, 0, null), error);
  }

  #writing(blob: string, sizeBytes: number, known: string | null): Deed {
    const deviceId = known ?? blob.split('/', 1)[0];
    return {
      category: 'FileUploadOperations',
      operation: 'write',
      target: known === null ? null : { deviceId, moduleId: null },
      sizeBytes,
      writes: true,
    };
  }

  /** Writes a block of a file. @throws HubError */
  async putBlock(origin: Origin, blob: string, blockId: string, content: Readable): Promise<void> {
    const deed = this.#writing(blob, 0, blob.split('/', 1)[0]);
    await this.#context.attempt(origin, deed, () => {
      this.#context.disk.check();
      return this.#store.putBlock(blob, blockId, content);
    });
  }

  /** Puts a file together. @throws HubError ArgumentInvalid */
  async putBlockList(origin: Origin, blob: string, blockIds: readonly string[], contentType: string): Promise<BlobProperties> {
    return this.#write(origin, blob, () => this.#store.putBlockList(blob, blockIds, contentType, this.#context.clock()));
  }

  /** Writes a whole file. @throws HubError */
  async put(origin: Origin, blob: string, content: Readable, contentType: string): Promise<BlobProperties> {
    return this.#write(origin, blob, () => this.#store.put(blob, content, contentType, this.#context.clock()));
  }

  async #write(origin: Origin, blob: string, act: () => Promise<BlobProperties>): Promise<BlobProperties> {
    const deed = this.#writing(blob, 0, blob.split('/', 1)[0]);
    const began = this.#context.clock();
    const properties = await this.#context.attempt(origin, deed, () => {
      this.#context.disk.check();
      return act();
    });
    await this.#context.operations.record(this.#context.describe(origin, { ...deed, sizeBytes: properties.size }, null, began));
    return properties;
  }

  /** A file for whoever has its token. @throws HubError BlobNotFound */
  async open(blob: string): Promise<{ properties: BlobProperties; content: () => Readable }> {
    const properties = await this.#store.properties(blob);
    if (!properties) throw new HubError('BlobNotFound', `There is no file ${blob.slice(0, 200)}.`);
    return { properties, content: () => this.#store.read(blob) };
  }

  /** Bytes of all files. */
  get used(): number {
    return this.#store.used;
  }

  /** Files of all devices, or of one. */
  async list(caller: ServiceCaller, deviceId: string | null): Promise<BlobProperties[]> {
    needRight(caller, 'ServiceConnect', null);
    return this.#store.list(deviceId === null ? '' : `${deviceId}/`);
  }

  /** Returns whether there was such a file. */
  async delete(caller: ServiceCaller, blob: string): Promise<boolean> {
    needRight(caller, 'ServiceConnect', null);
    return this.#store.delete(blob);
  }
}

function notification(deviceId: string, { name, size, lastModified }: BlobProperties, host: string, now: number): string {
  return JSON.stringify({
    deviceId,
    blobUri: `https://${host}/${CONTAINER}/${name.split('/').map(encodeURIComponent).join('/')}`,
    blobName: name,
    lastUpdatedTime: new Date(lastModified).toISOString(),
    blobSizeInBytes: size,
    enqueuedTimeUtc: new Date(now).toISOString(),
  });
}
