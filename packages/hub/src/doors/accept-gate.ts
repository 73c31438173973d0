/**
 * Stands before TLS and lets connections begin their handshake at a rate that the machine can bear. What comes faster waits
 * a little, by address in turn, so that one that floods holds up itself and not the others; what would wait too long is cut
 * off before it has cost anything.
 */
import { createServer, type Server, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

export interface GateLimits {
  /** Handshakes begun in a second; the expensive part of a connection. */
  readonly handshakesPerSecond: number;
  /** Handshakes begun and not finished. */
  readonly unfinished: number;
  /** Connections that wait to begin, of all addresses. */
  readonly waiting: number;
}

/** The share of all places that one address may take. */
const ADDRESS_SHARE = 0.25;
/** A connection waits at most so long to begin, milliseconds. */
const LONGEST_WAIT = 5000;
const TURN_MS = 20;

interface Waiting {
  readonly socket: Socket;
  readonly server: Server;
  readonly since: number;
}

interface Begun {
  readonly socket: Socket;
  readonly address: string;
}

export class AcceptGate {
  readonly #limits: GateLimits;
  readonly #refused: (address: string) => void;
  /** By address, in the order in which it is their turn. */
  readonly #waiting = new Map<string, Waiting[]>();
  #waitingCount = 0;
  /** Handshakes under way, by both ends of their connection, oldest first. */
  readonly #begun = new Map<string, Begun>();
  #tokens: number;
  #filled = performance.now();
  readonly #timer: NodeJS.Timeout;

  /** @param refused told of each connection that was cut off, gave up waiting or did not finish its handshake */
  constructor(limits: GateLimits, refused: (address: string) => void) {
    this.#limits = limits;
    this.#refused = refused;
    this.#tokens = limits.handshakesPerSecond;
    this.#timer = setInterval(() => this.#turn(), TURN_MS).unref();
  }

  /** A listening socket before a TLS server that does not listen itself. */
  before(server: Server): Server {
    server.on('secureConnection', (socket: TLSSocket) => this.#begun.delete(endsOf(socket)));
    return createServer({ pauseOnConnect: true, noDelay: true }, (socket) => this.#arrive(socket, server));
  }

  #arrive(socket: Socket, server: Server): void {
    const address = socket.remoteAddress ?? '';
    socket.on('error', () => {});
    const queue = this.#waiting.get(address);
    const most = this.#limits.waiting;
    if (this.#waitingCount >= most || (queue?.length ?? 0) >= most * ADDRESS_SHARE) return this.#refuse(socket, address);
    const waiting = { socket, server, since: performance.now() };
    if (queue) queue.push(waiting);
    else this.#waiting.set(address, [waiting]);
    this.#waitingCount++;
    this.#turn();
  }

  /** Begins as many handshakes as it is time for. */
  #turn(): void {
    const now = performance.now();
    const { handshakesPerSecond } = this.#limits;
    this.#tokens = Math.min(handshakesPerSecond, this.#tokens + ((now - this.#filled) / 1000) * handshakesPerSecond);
    this.#filled = now;
    while (this.#tokens >= 1 && this.#waitingCount > 0) {
      const [[address, queue]] = this.#waiting;
      const next = queue.shift();
      // To the end of the turns.
      this.#waiting.delete(address);
      if (queue.length > 0) this.#waiting.set(address, queue);
      if (!next) continue;
      this.#waitingCount--;
      if (next.socket.destroyed || now - next.since > LONGEST_WAIT) {
        this.#refuse(next.socket, address);
        continue;
      }
      this.#tokens--;
      this.#begin(next, address);
    }
  }

  #begin({ socket, server }: Waiting, address: string): void {
    if (this.#begun.size >= this.#limits.unfinished) this.#evict();
    const ends = endsOf(socket);
    this.#begun.set(ends, { socket, address });
    socket.once('close', () => {
      if (this.#begun.get(ends)?.socket !== socket) return;
      this.#begun.delete(ends);
      this.#refused(address);
    });
    server.emit('connection', socket);
  }

  /** Cuts off the oldest unfinished handshake of the address that has most of them. */
  #evict(): void {
    const counts = new Map<string, number>();
    for (const { address } of this.#begun.values()) counts.set(address, (counts.get(address) ?? 0) + 1);
    const [greediest] = [...counts].reduce((most, one) => (one[1] > most[1] ? one : most), ['', 0]);
    for (const [ends, { socket, address }] of this.#begun) {
      if (address !== greediest) continue;
      this.#begun.delete(ends);
      this.#refuse(socket, address);
      return;
    }
  }

  #refuse(socket: Socket, address: string): void {
    this.#refused(address);
    socket.destroy();
  }

  close(): void {
    clearInterval(this.#timer);
    for (const queue of this.#waiting.values()) for (const { socket } of queue) socket.destroy();
    this.#waiting.clear();
    for (const { socket } of this.#begun.values()) socket.destroy();
  }
}

function endsOf(socket: Socket): string {
  return `${socket.remoteAddress}|${socket.remotePort}|${socket.localPort}`;
}
