/**
 * Packets of one interface through a `tcpdump` pipe: needs no native code, and the kernel's buffer is sized so that a pause
 * of the reader loses nothing.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { ByteSource } from '../capture/byte-source.ts';
import { CaptureError } from '../capture/capture-error.ts';
import { CaptureFile } from '../capture/capture-file.ts';
import type { Packet } from '../packet.ts';
import { CardDrops } from './card-drops.ts';
import { isDown, noInterface } from './interface-errors.ts';
import type { InterfaceDrops, InterfaceState, LiveInterface } from './live-interface.ts';

/** Kernel buffer in KiB (64 MiB). */
const BUFFER_KIB = 65_536;
/** tcpdump asks the kernel to hand over packets after a second at the latest. */
const DELAY = 1100;
/** Milliseconds between two questions for the count of lost packets. */
const ASK_EVERY = 1000;

/**
 * Starts tcpdump on an interface. Resolves when packets can be read.
 * @param reason why it is not read otherwise
 * @throws CaptureError when tcpdump is missing, the interface does not exist or may not be read
 */
export async function openTcpdump(name: string, reason: string): Promise<LiveInterface> {
  const pipe = await startTcpdump(name);
  return new TcpdumpInterface(name, reason, pipe, await CaptureFile.from(name, pipe));
}

function startTcpdump(name: string): Promise<TcpdumpPipe> {
  const child = spawn('tcpdump', ['-i', name, '-n', '-U', '-s', '262144', '-B', String(BUFFER_KIB), '-w', '-'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return new Promise((resolve, reject) => {
    const fail = (message: string): void => reject(new CaptureError('unreadable', name, message));
    child.once('error', (error: NodeJS.ErrnoException) =>
      fail(
        error.code === 'ENOENT'
          ? 'Capturing from an interface needs tcpdump, which is not installed. Install it (apt-get install tcpdump), then try again.'
          : `tcpdump cannot be started: ${error.message}.`,
      ),
    );
    const pipe = new TcpdumpPipe(child, child.stdout);
    child.stderr.setEncoding('utf8');
    child.stderr.on('data', (text: string) => {
      pipe.hear(text);
      if (/listening on/.test(pipe.said)) resolve(pipe);
    });
    child.once('exit', () => reject(explain(name, pipe.said)));
  });
}

function explain(name: string, complaint: string): CaptureError {
  if (/No such device|doesn't exist|SIOCGIFHWADDR/i.test(complaint)) return noInterface(name);
  if (/is not up|Network is down/i.test(complaint)) return isDown(name);
  const sentence = /permission|Operation not permitted/i.test(complaint)
    ? `Capturing on ${name} is not permitted. Run as root, or give tcpdump the right: setcap cap_net_raw,cap_net_admin=eip $(command -v tcpdump).`
    : `Capturing on ${name} failed: ${complaint.trim().split('\n').pop() ?? 'tcpdump ended'}.`;
  return new CaptureError('unreadable', name, sentence);
}

class TcpdumpInterface implements LiveInterface {
  readonly name: string;
  readonly method = 'tcpdump';
  readonly reason: string;
  readonly delay = DELAY;
  readonly descriptor = -1;
  arrived = 0;
  readonly #pipe: TcpdumpPipe;
  readonly #file: CaptureFile;
  readonly #card: CardDrops;
  /** Bytes are being read, or were and `refresh` has not been asked since. */
  #reading: Promise<void> | undefined;
  #read = false;

  constructor(name: string, reason: string, pipe: TcpdumpPipe, file: CaptureFile) {
    this.name = name;
    this.reason = reason;
    this.#pipe = pipe;
    this.#file = file;
    this.#card = new CardDrops(name);
  }

  get state(): InterfaceState {
    return this.#file.done ? 'gone' : 'up';
  }

  next(packet: Packet): boolean {
    return this.#reading === undefined && this.#file.next(packet);
  }

  refresh(): boolean {
    if (this.#read) {
      this.#read = false;
      this.#reading = undefined;
      return true;
    }
    if (!this.#file.done)
      this.#reading ??= this.#file.advance().then(() => {
        this.#read = true;
        this.arrived = performance.now();
      });
    return false;
  }

  readable(): Promise<void> {
    return this.#reading ?? Promise.resolve();
  }

  heard(): void {}

  drops(): InterfaceDrops {
    return { kernel: this.#pipe.dropped(), card: this.#card.count() };
  }

  async close(): Promise<void> {
    await this.#pipe.close();
    await this.#reading;
  }
}

/** The bytes that tcpdump writes, and what it says meanwhile. */
class TcpdumpPipe implements ByteSource {
  /** Packets must not wait until a buffer is full. */
  readonly eager = false;
  damage: string | null = null;
  /** The end of what tcpdump said. */
  said = '';
  readonly #child: ChildProcess;
  readonly #out: Readable;
  #dropped = 0;
  #asked = 0;

  constructor(child: ChildProcess, out: Readable) {
    this.#child = child;
    this.#out = out;
    child.once('exit', (code) => {
      if (code) this.damage = `tcpdump ended with code ${code}`;
    });
  }

  hear(text: string): void {
    this.said = (this.said + text).slice(-2000);
    const counts = [...this.said.matchAll(/(\d+) packets? dropped by kernel/g)].at(-1);
    if (counts) this.#dropped = Number(counts[1]);
  }

  /** Packets dropped by the kernel, as tcpdump last said; asks it to say so again. */
  dropped(): number {
    const now = performance.now();
    if (now - this.#asked > ASK_EVERY) {
      this.#asked = now;
      this.#child.kill('SIGUSR1');
    }
    return this.#dropped;
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
