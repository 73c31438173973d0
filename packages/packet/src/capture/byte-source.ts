/**
 * Where the bytes of a capture come from: a plain file or pipe, or one compressed with gzip or zstd, read in bounded
 * memory.
 */
import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import type { Transform } from 'node:stream';
import { constants, createGunzip, createZstdDecompress } from 'node:zlib';
import { CaptureError } from './capture-error.ts';

export interface ByteSource {
  /** Reads into `bytes` from `at` on; returns the count, 0 at the end. */
  read(bytes: Uint8Array, at: number): Promise<number>;
  /** May be called more than once. */
  close(): Promise<void>;
  /** The buffer may be filled by several reads; false for live pipes, whose packets must not wait for a full buffer. */
  readonly eager: boolean;
  /** What stopped the source before its regular end, or null. */
  readonly damage: string | null;
}

/**
 * Opens a FILE, plain or compressed. `/dev/stdin` and named pipes work too (uncompressed).
 * @throws CaptureError with code missing, directory, empty or unreadable
 */
export async function openBytes(path: string): Promise<ByteSource> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    throw openError(path, error);
  }
  try {
    const stat = await handle.stat();
    if (stat.isDirectory()) throw new CaptureError('directory', path, `${path} is a directory; name a capture file.`);
    if (!stat.isFile()) return new FileSource(handle, false);
    if (stat.size === 0) throw new CaptureError('empty', path, `${path} is empty (0 bytes); there is no capture in it.`);
    const magic = new Uint8Array(4);
    await handle.read(magic, 0, 4, 0);
    const zstd = magic[0] === 0x28 && magic[1] === 0xb5 && magic[2] === 0x2f && magic[3] === 0xfd;
    if (zstd || (magic[0] === 0x1f && magic[1] === 0x8b)) {
      await handle.close();
      return new CompressedSource(path, zstd);
    }
    return new FileSource(handle, true);
  } catch (error) {
    await handle.close().catch(() => undefined);
    throw error instanceof CaptureError ? error : openError(path, error);
  }
}

function openError(path: string, error: unknown): CaptureError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new CaptureError('missing', path, `${path} does not exist; check the path.`, { cause: error });
  if (code === 'EISDIR') return new CaptureError('directory', path, `${path} is a directory; name a capture file.`, { cause: error });
  const why = error instanceof Error ? error.message : String(error);
  return new CaptureError('unreadable', path, `${path} cannot be read (${why}); check its permissions.`, { cause: error });
}

class FileSource implements ByteSource {
  readonly eager: boolean;
  damage: string | null = null;
  readonly #handle: FileHandle;
  #closed = false;

  constructor(handle: FileHandle, eager: boolean) {
    this.#handle = handle;
    this.eager = eager;
  }

  async read(bytes: Uint8Array, at: number): Promise<number> {
    try {
      return (await this.#handle.read(bytes, at, bytes.length - at, null)).bytesRead;
    } catch (error) {
      this.damage = `reading stopped: ${error instanceof Error ? error.message : String(error)}`;
      return 0;
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#handle.close();
  }
}

/** Takes the decompressor's pieces one by one, so that all pieces before damaged data are still read. */
class CompressedSource implements ByteSource {
  readonly eager = true;
  damage: string | null = null;
  readonly #inflate: Transform;
  readonly #file: ReturnType<typeof createReadStream>;
  readonly #pieces: Uint8Array[] = [];
  #used = 0;
  #ended = false;
  #wake: () => void = () => undefined;

  constructor(path: string, zstd: boolean) {
    const piece = { chunkSize: 128 * 1024 };
    // A cut-off file gives what it holds instead of an error; the reader sees the cut itself.
    this.#inflate = zstd ? createZstdDecompress(piece) : createGunzip({ ...piece, finishFlush: constants.Z_SYNC_FLUSH });
    this.#file = createReadStream(path, { highWaterMark: 64 * 1024 });
    this.#inflate.on('data', (data: Uint8Array) => {
      this.#pieces.push(data);
      this.#inflate.pause();
      this.#wake();
    });
    this.#inflate.on('end', () => this.#finish(null));
    this.#inflate.on('error', (error) => this.#finish(`the compressed data is damaged: ${error.message}`));
    this.#file.on('error', (error) => this.#finish(`reading stopped: ${error.message}`));
    this.#file.pipe(this.#inflate);
    this.#inflate.pause();
  }

  async read(bytes: Uint8Array, at: number): Promise<number> {
    while (this.#pieces.length === 0) {
      if (this.#ended) return 0;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#inflate.resume();
      });
    }
    const piece = this.#pieces[0];
    const count = Math.min(piece.length - this.#used, bytes.length - at);
    bytes.set(piece.subarray(this.#used, this.#used + count), at);
    this.#used += count;
    if (this.#used === piece.length) {
      this.#pieces.shift();
      this.#used = 0;
    }
    return count;
  }

  async close(): Promise<void> {
    this.#ended = true;
    this.#file.destroy();
    this.#inflate.destroy();
  }

  #finish(damage: string | null): void {
    this.#ended = true;
    this.damage ??= damage;
    this.#wake();
  }
}
