/** Bytes to MQTT packets by `mqtt-packet`, with a bound on what an unfinished packet may hold. */
import { type Packet, type Parser, parser } from 'mqtt-packet';

/** The largest message with its topic (65,535 bytes), and its head. */
const MOST_HELD = 256 * 1024 + 65_535 + 16;

export class PacketReader {
  #parser: Parser | undefined;
  readonly #malformed: (violation: string) => void;

  /** @param malformed called once; nothing is read afterwards */
  constructor(packet: (packet: Packet) => void, malformed: (violation: string) => void) {
    this.#malformed = malformed;
    this.#parser = parser({ protocolVersion: 4 });
    // The parser resets itself after an error and would take what follows for packets.
    this.#parser.on('packet', (one) => this.#parser && packet(one));
    this.#parser.on('error', (error: unknown) => this.#fail(error instanceof Error ? error.message : String(error)));
  }

  read(bytes: Buffer): void {
    try {
      const held = this.#parser?.parse(bytes) ?? 0;
      if (held > MOST_HELD) this.#fail(`a packet of more than ${MOST_HELD} bytes`);
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
    }
  }

  #fail(violation: string): void {
    if (!this.#parser) return;
    this.#parser = undefined;
    this.#malformed(violation);
  }
}
