/**
 * Files that devices upload: block blobs, written in blocks and put together by a list of them. A file is named by the hash
 * of its path, so that no name can reach outside the folder; beside it stands what it is.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, type ReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { HubError } from '../hub-error.ts';

export interface BlobLimits {
  /** Bytes of one file. */
  readonly blobBytes: number;
  /** Bytes of all files and unfinished blocks. */
  readonly totalBytes: number;
}

export interface BlobProperties {
  /** Path in the container: `{device}/{name}`. */
  readonly name: string;
  readonly size: number;
  readonly contentType: string;
  readonly etag: string;
  /** Milliseconds since 1970. */
  readonly lastModified: number;
}

/** Bytes of one block (Put Block takes 100 MiB; the SDKs send 4). */
export const MOST_BLOCK_BYTES = 100 * 2 ** 20;
const MOST_BLOCKS = 50_000;

export class BlobStore {
  readonly #folder: string;
  readonly #limits: BlobLimits;
  #used: number;

  private constructor(folder: string, limits: BlobLimits, used: number) {
    this.#folder = folder;
    this.#limits = limits;
    this.#used = used;
  }

  /** Opens the store; blocks that nobody put together are given up. */
  static async open(folder: string, limits: BlobLimits): Promise<BlobStore> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    let used = 0;
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() || entry.name.endsWith('.part')) await rm(path, { recursive: true, force: true });
      else used += (await stat(path)).size;
    }
    return new BlobStore(folder, limits, used);
  }

  /** Bytes on the disk. */
  get used(): number {
    return this.#used;
  }

  #path(name: string, kind: 'blob' | 'json' | 'blocks'): string {
    return join(this.#folder, `${createHash('sha256').update(name).digest('hex')}.${kind}`);
  }

  /** Keeps a block until the file is put together. @throws HubError MessageTooLarge, QuotaExceeded */
  async putBlock(name: string, blockId: string, content: Readable): Promise<void> {
    const folder = this.#path(name, 'blocks');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, blockName(blockId));
    const before = await sizeOf(path);
    const bytes = await this.#receive(`${path}.${randomUUID()}.part`, path, content, MOST_BLOCK_BYTES);
    this.#used += bytes - before;
  }

  /** Puts a file together from its blocks, in the order of the list. @throws HubError ArgumentInvalid, MessageTooLarge */
  async putBlockList(name: string, blockIds: readonly string[], contentType: string, now: number): Promise<BlobProperties> {
    if (blockIds.length > MOST_BLOCKS)
      throw new HubError('ArgumentInvalid', `The list has ${blockIds.length} blocks; ${MOST_BLOCKS} are allowed.`);
    const folder = this.#path(name, 'blocks');
    const part = `${this.#path(name, 'blob')}.${randomUUID()}.part`;
    let size = 0;
    const output = await open(part, 'wx', 0o600);
    try {
      for (const blockId of blockIds) {
        const block = join(folder, blockName(blockId));
        if ((await sizeOf(block)) === 0) throw new HubError('ArgumentInvalid', `The block ${blockId.slice(0, 64)} was not sent before.`);
        for await (const piece of createReadStream(block)) {
          // A stream without encoding gives Buffers.
          size += (piece as Buffer).length;
          if (size > this.#limits.blobBytes)
            throw new HubError('MessageTooLarge', `The file has more than ${this.#limits.blobBytes} bytes.`);
          await output.write(piece as Buffer);
        }
      }
      await output.sync();
    } catch (error) {
      await output.close();
      await unlink(part).catch(() => {});
      throw diskError(error);
    }
    await output.close();
    const properties = await this.#finish(name, part, size, contentType, now);
    this.#used -= await folderSize(folder);
    await rm(folder, { recursive: true, force: true });
    return properties;
  }

  /** Writes a whole file at once. @throws HubError MessageTooLarge, QuotaExceeded */
  async put(name: string, content: Readable, contentType: string, now: number): Promise<BlobProperties> {
    const part = `${this.#path(name, 'blob')}.${randomUUID()}.part`;
    const size = await this.#receive(`${part}.part`, part, content, this.#limits.blobBytes);
    return this.#finish(name, part, size, contentType, now);
  }

  async #finish(name: string, part: string, size: number, contentType: string, now: number): Promise<BlobProperties> {
    const path = this.#path(name, 'blob');
    const before = await sizeOf(path);
    const properties: BlobProperties = {
      name,
      size,
      contentType,
      etag: `0x${randomUUID().replaceAll('-', '').slice(0, 16).toUpperCase()}`,
      lastModified: now,
    };
    try {
      await rename(part, path);
      await writeFile(this.#path(name, 'json'), JSON.stringify(properties), { mode: 0o600, flush: true });
    } catch (error) {
      throw diskError(error);
    }
    this.#used += size - before;
    return properties;
  }

  /** Writes a stream to a file, durable, within the limits; returns its bytes. */
  async #receive(part: string, path: string, content: Readable, most: number): Promise<number> {
    let bytes = 0;
    const { totalBytes } = this.#limits;
    const used = this.#used;
    try {
      await pipeline(
        content,
        async function* (source) {
          for await (const piece of source) {
            bytes += (piece as Buffer).length;
            if (bytes > most) throw new HubError('MessageTooLarge', `More than ${most} bytes were sent.`);
            if (used + bytes > totalBytes)
              throw new HubError('QuotaExceeded', `The files of the hub would have more than ${totalBytes} bytes: delete some first.`);
            yield piece;
          }
        },
        createWriteStream(part, { flags: 'wx', mode: 0o600, flush: true }),
      );
      await rename(part, path);
    } catch (error) {
      await unlink(part).catch(() => {});
      throw diskError(error);
    }
    return bytes;
  }

  /** What a file is, undefined when there is none. */
  async properties(name: string): Promise<BlobProperties | undefined> {
    try {
      // Written by #finish.
      return JSON.parse(await readFile(this.#path(name, 'json'), 'utf8')) as BlobProperties;
    } catch {
      return undefined;
    }
  }

  read(name: string): ReadStream {
    return createReadStream(this.#path(name, 'blob'));
  }

  /** Returns whether there was such a file. */
  async delete(name: string): Promise<boolean> {
    const properties = await this.properties(name);
    if (!properties) return false;
    await unlink(this.#path(name, 'json'));
    await unlink(this.#path(name, 'blob')).catch(() => {});
    this.#used -= properties.size;
    return true;
  }

  /** Files whose path begins with a text, by path. */
  async list(prefix: string): Promise<BlobProperties[]> {
    const names = (await readdir(this.#folder)).filter((name) => name.endsWith('.json'));
    // Written by #finish.
    const all = await Promise.all(
      names.map(async (name) => JSON.parse(await readFile(join(this.#folder, name), 'utf8')) as BlobProperties),
    );
    return all.filter(({ name }) => name.startsWith(prefix)).sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

/** Block ids are base64 of what the client likes. */
function blockName(blockId: string): string {
  return createHash('sha256').update(blockId).digest('hex');
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

async function folderSize(folder: string): Promise<number> {
  const sizes = await Promise.all((await readdir(folder)).map((name) => sizeOf(join(folder, name))));
  return sizes.reduce((sum, size) => sum + size, 0);
}

function diskError(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new HubError('StorageFull', 'The disk of the hub is full: free some space, then try again.');
  // The client went away in the middle.
  if (code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET')
    return new HubError('ArgumentInvalid', 'The upload ended before all of it was sent.');
  return error;
}
