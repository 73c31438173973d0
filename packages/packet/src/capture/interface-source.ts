/**
 * Packets of a network interface through a `tcpdump` pipe: needs no native code, and the kernel's buffer is sized so that
 * a pause of the reader loses nothing.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { ByteSource } from './byte-source.ts';
import { CaptureError } from './capture-error.ts';

/** Kernel buffer in KiB (64 MiB). */
const BUFFER_KIB = 65_536;

/**
 * Opens an interface. Resolves when packets can be read.
 * @throws CaptureError when tcpdump is missing, the interface does not exist or may not be read
 */
export async function openInterface(name: string): Promise<ByteSource> {
  const child = spawn('tcpdump', ['-i', name, '-n', '-U', '-s', '262144', '-B', String(BUFFER_KIB), '-w', '-'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return new Promise((resolve, reject) => {
    let complaint = '';
    const fail = (message: string): void => reject(new CaptureError('unreadable', name, message));
    child.once('error', (error: NodeJS.ErrnoException) =>
      fail(
        error.code === 'ENOENT'
          ? 'Capturing from an interface needs tcpdump, which is not installed. Install it (apt-get install tcpdump), then try again.'
          : `tcpdump cannot be started: ${error.message}.`,
      ),
    );
    child.stderr.setEncoding('utf8');
    child.stderr.on('data', (text: string) => {
      complaint = (complaint + text).slice(-2000);
      if (/listening on/.test(complaint)) resolve(new PipeSource(child, child.stdout));
    });
    child.once('exit', () => fail(explain(name, complaint)));
  });
}

function explain(name: string, complaint: string): string {
  if (/No such device|doesn't exist|SIOCGIFHWADDR/i.test(complaint))
    return `There is no interface ${name}. List the interfaces with "ip link", then name one.`;
  if (/permission|Operation not permitted/i.test(complaint))
    return `Capturing on ${name} is not permitted. Run as root, or give tcpdump the right: setcap cap_net_raw,cap_net_admin=eip $(command -v tcpdump).`;
  if (/is not up|Network is down/i.test(complaint))
    return `Interface ${name} is down. Bring it up with "ip link set ${name} up", then try again.`;
  return `Capturing on ${name} failed: ${complaint.trim().split('\n').pop() ?? 'tcpdump ended'}.`;
}

class PipeSource implements ByteSource {
  /** Packets must not wait until a buffer is full. */
  readonly eager = false;
  damage: string | null = null;
  readonly #child: ChildProcess;
  readonly #out: Readable;

  constructor(child: ChildProcess, out: Readable) {
    this.#child = child;
    this.#out = out;
    child.once('exit', (code) => {
      if (code) this.damage = `tcpdump ended with code ${code}`;
    });
  }

  async read(bytes: Uint8Array, at: number): Promise<number> {
    for (;;) {
      const piece: Buffer | null =
        this.#out.read(Math.min(bytes.length - at, this.#out.readableLength || bytes.length - at)) ?? this.#out.read();
      if (piece) {
        const used = piece.subarray(0, bytes.length - at);
        if (used.length < piece.length) this.#out.unshift(piece.subarray(used.length));
        bytes.set(used, at);
        return used.length;
      }
      if (this.#out.readableEnded || this.#out.destroyed) return 0;
      await new Promise<void>((resolve) => {
        const done = (): void => {
          this.#out.off('readable', done);
          this.#out.off('end', done);
          this.#out.off('close', done);
          resolve();
        };
        this.#out.on('readable', done);
        this.#out.on('end', done);
        this.#out.on('close', done);
      });
    }
  }

  async close(): Promise<void> {
    this.#child.kill('SIGTERM');
  }
}
