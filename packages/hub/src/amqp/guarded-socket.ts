/** What the AMQP library takes for its socket: whole, checked frames come in; what goes out is bounded. */
import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { type AmqpBounds, FrameGuard } from './frame-guard.ts';

/** Bytes that may wait for a peer that does not read. */
const MOST_UNSENT = 8 << 20;

export class GuardedSocket extends EventEmitter {
  readonly #stream: Duplex;
  #open = true;

  /**
   * @param fault told once when the peer broke the rules or does not read; the socket is closed then
   * @param closed told once when the connection has ended, for whatever reason
   */
  constructor(stream: Duplex, bounds: AmqpBounds, fault: (violation: string) => void, closed: () => void) {
    super();
    this.#stream = stream;
    const guard = new FrameGuard(bounds, (frame) => this.#open && this.emit('data', frame));
    stream.on('data', (bytes: Buffer) => {
      if (!this.#open) return;
      try {
        guard.feed(bytes);
      } catch (error) {
        this.#fail(fault, error instanceof Error ? error.message : String(error));
      }
    });
    stream.on('error', () => {});
    stream.once('close', () => {
      this.#open = false;
      this.emit('end');
      closed();
    });
    this.#unread = () => this.#fail(fault, 'a peer that does not read what it is sent');
  }

  readonly #unread: () => void;

  #fail(fault: (violation: string) => void, violation: string): void {
    if (!this.#open) return;
    this.#open = false;
    fault(violation);
    this.#stream.destroy();
  }

  write(bytes: Buffer): boolean {
    const stream = this.#stream;
    if (!this.#open || stream.destroyed) return false;
    if (stream.writableCorked === 0) {
      stream.cork();
      process.nextTick(() => stream.uncork());
    }
    const room = stream.write(bytes);
    if (stream.writableLength > MOST_UNSENT) this.#unread();
    return room;
  }

  /** Bytes that wait to be sent. */
  get unsent(): number {
    return this.#stream.writableLength;
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  /** Sends what waits, then closes; a peer that does not close its side is not waited for. */
  end(): void {
    this.#stream.end();
    setTimeout(() => this.#stream.destroy(), 2000).unref();
  }

  destroy(): void {
    this.#stream.destroy();
  }

  /** For the library's log lines. */
  get_id_string(): string {
    return 'hub';
  }
}
