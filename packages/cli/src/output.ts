/** Where documents go: standard output or a file, piece by piece, so that a big one is never one big string. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { Writable } from 'node:stream';

/** Characters that are gathered before they are written. */
const PIECE = 1 << 18;

/** When the reader of our output goes away (`| head`), there is nothing left to do and nothing to complain about. */
export function endQuietlyWithoutReader(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit();
      throw error;
    });
}

/** Writes chunks to standard output. */
export async function writeOut(chunks: Iterable<string>): Promise<void> {
  await pour(chunks, process.stdout);
}

/** Writes chunks to a file, replacing what was there. Errors of the file system are thrown. */
export async function writeFile(path: string, chunks: Iterable<string>): Promise<void> {
  const stream = createWriteStream(path);
  const done = finished(stream);
  await Promise.race([pour(chunks, stream), done]);
  stream.end();
  await done;
}

async function pour(chunks: Iterable<string>, stream: Writable): Promise<void> {
  let piece = '';
  for (const chunk of chunks) {
    piece += chunk;
    if (piece.length < PIECE) continue;
    if (!stream.write(piece)) await once(stream, 'drain');
    piece = '';
  }
  if (piece && !stream.write(piece)) await once(stream, 'drain');
}
