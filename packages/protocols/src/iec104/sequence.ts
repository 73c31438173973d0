/**
 * Send sequence numbers of one connection (104, 5.1): 15 bits for each direction. What a peer acknowledges is not
 * checked: the order of packets between two directions is not sure in a capture. Hot code: numbers only.
 */
const MODULUS = 0x8000;

export class SequenceNumbers {
  /** N(S) that is due, -1 while unknown. */
  #toServer = -1;
  #toClient = -1;

  /** Takes N(S) of a frame. Returns what was due, or -1 when this is the first one seen. */
  send(toServer: boolean, number: number): number {
    const due = toServer ? this.#toServer : this.#toClient;
    const next = (number + 1) % MODULUS;
    if (toServer) this.#toServer = next;
    else this.#toClient = next;
    return due;
  }

  forget(): void {
    this.#toServer = -1;
    this.#toClient = -1;
  }
}
