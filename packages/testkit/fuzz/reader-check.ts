/** Damaged capture files through the readers: pcap and pcapng, plain, gzip and zstd, whole and in pieces as a pipe gives them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import type { ByteSource } from '@annunciator/packet/capture/byte-source';
import { CaptureError } from '@annunciator/packet/capture/capture-error';
import { CaptureFile } from '@annunciator/packet/capture/capture-file';
import { CaptureReader } from '@annunciator/packet/capture/capture-reader';
import { Decoder } from '@annunciator/packet/decode';
import { Packet } from '@annunciator/packet/packet';
import { gzip, pcap, pcapng } from '../src/pcap-writer.ts';
import type { Random } from '../src/random.ts';
import type { TimedPacket } from '../src/timeline.ts';
import type { Corpus } from './corpus.ts';
import { damage } from './damage.ts';
import { hold } from './path-check.ts';
import { writtenTraffic } from './written-traffic.ts';

const LONGEST_SEED = 24_000;
/** One input of so many goes through a compressed file on disk, which costs much more. */
const COMPRESSED_EVERY = 40;

/** Bytes in memory, given out in pieces. */
class MemorySource implements ByteSource {
  readonly eager: boolean;
  readonly damage = null;
  readonly #content: Uint8Array;
  readonly #piece: number;
  #at = 0;

  constructor(content: Uint8Array, piece: number) {
    this.#content = content;
    this.#piece = piece;
    this.eager = piece >= content.length;
  }

  read(bytes: Uint8Array, at: number): Promise<number> {
    const count = Math.min(this.#piece, bytes.length - at, this.#content.length - this.#at);
    bytes.set(this.#content.subarray(this.#at, this.#at + count), at);
    this.#at += count;
    return Promise.resolve(count);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

export class ReaderCheck {
  readonly #seeds: Uint8Array[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), 'annunciator-fuzz-'));
  readonly #decoder = new Decoder();

  constructor(corpus: Corpus) {
    const some = writtenTraffic()
      .filter((packet) => packet.frame.length < 400)
      .slice(0, 24);
    const split = (from: readonly TimedPacket[]): (TimedPacket & { interface: number })[] =>
      from.map((packet, i) => ({ ...packet, interface: i % 2 }));
    const interfaces = [{ digits: 6 }, { digits: 9, name: 'tap' }];
    this.#seeds.push(
      pcap(some),
      pcap(some, { resolution: 'nano' }),
      pcap(some, { order: 'big' }),
      pcap(some, { snapLength: 60 }),
      pcapng({ interfaces, packets: split(some) }),
      pcapng({ order: 'big', interfaces, packets: split(some) }, { interfaces, packets: split(some.slice(4)) }),
    );
    for (const file of corpus.files) {
      const content = readFileSync(file);
      if (content.length <= LONGEST_SEED) this.#seeds.push(new Uint8Array(content));
    }
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Makes the input; the same for the same numbers. */
  input(random: Random): Uint8Array {
    const seed = random.pick(this.#seeds);
    let bytes = damage(seed, random.pick(this.#seeds), random);
    for (let times = random.below(3); times > 0; times--) bytes = recordLie(bytes, random);
    return bytes;
  }

  /** Reads the input to its end. Returns the packets. */
  async run(content: Uint8Array, number: number, random: Random): Promise<number> {
    const file = await (number % COMPRESSED_EVERY === 0 ? this.#compressed(content, random) : this.#plain(content, random));
    if (file === null) return 0;
    const reader = new CaptureReader([file]);
    const packet = new Packet();
    const decoder = this.#decoder;
    let packets = 0;
    let rounds = 0;
    do {
      hold(++rounds <= content.length * 1100 + 10, () => `read on ${rounds} times for ${content.length} bytes`);
      while (reader.next(packet)) {
        packets++;
        hold(
          packet.start >= 0 &&
            packet.start <= packet.end &&
            packet.end <= packet.bytes.length &&
            packet.wireLength >= packet.end - packet.start,
          () => `packet ${packets} lies at ${packet.start} to ${packet.end} of ${packet.bytes.length}, ${packet.wireLength} on the wire`,
        );
        hold(
          Number.isInteger(packet.seconds) && packet.seconds >= 0 && packet.nanoseconds >= 0 && packet.nanoseconds < 1e9,
          () => `packet ${packets} at ${packet.seconds} s ${packet.nanoseconds} ns`,
        );
        decoder.decode(packet);
        hold(
          packet.payload >= packet.start && packet.payloadEnd <= packet.end && packet.missing >= 0,
          () => `payload ${packet.payload} to ${packet.payloadEnd} in ${packet.start} to ${packet.end}`,
        );
      }
    } while (await reader.advance());
    await reader.close();
    const { packets: counted, decimals, truncated, damages } = reader.summary();
    hold(counted >= packets && (decimals === 6 || decimals === 9) && truncated === damages.length > 0, () => 'the summary does not fit');
    return packets;
  }

  async #plain(content: Uint8Array, random: Random): Promise<CaptureFile | null> {
    const piece = random.chance(0.8) ? content.length : 1 + random.below(4000);
    return opened(CaptureFile.from('memory', new MemorySource(content, Math.max(1, piece))));
  }

  /** Compressed, and the compressed bytes damaged too, now and then. */
  async #compressed(content: Uint8Array, random: Random): Promise<CaptureFile | null> {
    const zstd = random.chance(0.5);
    let bytes = zstd ? new Uint8Array(zstdCompressSync(content)) : gzip(content);
    if (random.chance(0.7)) bytes = damage(bytes, bytes, random);
    const path = join(this.#folder, 'capture.pcap.gz');
    writeFileSync(path, bytes);
    return opened(CaptureFile.open(path));
  }
}

async function opened(file: Promise<CaptureFile>): Promise<CaptureFile | null> {
  try {
    return await file;
  } catch (error) {
    if (error instanceof CaptureError) return null;
    throw error;
  }
}

/** Changes the lengths of one record or block: where they are depends on the format. */
function recordLie(bytes: Uint8Array, random: Random): Uint8Array {
  if (bytes.length < 60) return bytes;
  const at = 24 + 4 * random.below(Math.floor((bytes.length - 28) / 4));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  view.setUint32(
    at,
    random.pick([0, 1, 4, 11, 12, 13, 16, 28, 0x40000, 0x40001, 0x7fffffff, 0x80000000, 0xffffffff, random.below(2000)]),
    random.chance(0.7),
  );
  return bytes;
}
