/**
 * Packets of one interface from a ring of blocks that the Linux kernel fills and we empty: AF_PACKET with TPACKET_V3
 * (packet(7), Documentation/networking/packet_mmap.rst). Nothing is copied: a packet lies in the ring until `next` leaves
 * its block. While the reader is away the kernel fills the other blocks, 64 MiB of them.
 *
 * Hot code: `next` runs for every packet and allocates nothing.
 */
import { readFileSync } from 'node:fs';
import { LinkType } from '../link-types.ts';
import type { Packet } from '../packet.ts';
import { CardDrops } from './card-drops.ts';
import { isDown, noInterface } from './interface-errors.ts';
import { type Libc, Linux } from './libc.ts';
import type { InterfaceDrops, InterfaceState, LiveInterface } from './live-interface.ts';

/**
 * Bytes of a block, and their number. The kernel hands over a block that is not full after a while, so the number of blocks,
 * not only their bytes, limits how long a reader may be away: ten seconds here. A block holds the longest frame that
 * segmentation offload makes (64 KiB).
 */
const BLOCK_SHIFT = 17;
const BLOCK = 1 << BLOCK_SHIFT;
const BLOCKS = 512;
/** Of the ring's bookkeeping only; frames of version 3 take the room they need. */
const FRAME = 2048;
/** Milliseconds after which the kernel hands over a block that is not full. */
const RETIRE = 20;
/** A handed-over block may wait for the kernel's timer and for our turn. */
const DELAY = 3 * RETIRE;
/** Blocks that make a batch (4 MiB): messages are taken between batches. */
const BLOCKS_IN_BATCH = 32;
/** Room before a frame for the tag that the kernel took out of it (IEEE 802.1Q). */
const TAG = 4;
/** MAC addresses, which move to make room for the tag. */
const ADDRESSES = 12;

/** Words of a block's descriptor (`struct tpacket_block_desc`). */
const Block = { STATUS: 2, PACKETS: 3, FIRST: 4 } as const;
/** Words of a packet's header (`struct tpacket3_hdr`); MAC is a half word, TPID the low half of the last. */
const Header = { NEXT: 0, SECONDS: 1, NANOSECONDS: 2, CAPTURED: 3, LENGTH: 4, STATUS: 5, MAC: 6, TCI: 8, TPID: 9 } as const;
const TP_STATUS_KERNEL = 0;
const TP_STATUS_USER = 1;
const TP_STATUS_VLAN_VALID = 1 << 4;
const TP_STATUS_VLAN_TPID_VALID = 1 << 6;
const TPID_8021Q = 0x8100;

/** Interface types of if_arp.h whose frames we know the link type of. */
const LINK_TYPES: Readonly<Record<number, number>> = { 1: LinkType.ETHERNET, 772: LinkType.ETHERNET, 65534: LinkType.RAW };
const ARPHRD_LOOPBACK = 772;
const IFF_UP = 1;

/** Why an interface is not read by a ring; something else may still read it. */
export class RingRefused extends Error {}

export class PacketRing implements LiveInterface {
  readonly name: string;
  readonly method = 'ring';
  readonly reason = null;
  readonly delay = DELAY;
  state: InterfaceState = 'up';
  arrived = 0;
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #index: number;
  readonly #linkType: number;
  readonly #unmap: () => void;
  readonly #card: CardDrops;
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;
  /** The block being read, or to be read next. */
  #block = 0;
  /** The kernel gave us that block, and it is not given back. */
  #held = false;
  /** Packets of it that are not read yet, and where the next is. */
  #left = 0;
  #at = 0;
  #blocksLeft = 0;
  #lost = 0;
  readonly #statistics = new Uint32Array(3);
  #closed = false;

  private constructor(libc: Libc, name: string, fd: number, linkType: number, memory: { bytes: ArrayBuffer; unmap: () => void }) {
    this.name = name;
    this.#libc = libc;
    this.#fd = fd;
    this.#index = libc.interfaceIndex(name);
    this.#linkType = linkType;
    this.#unmap = memory.unmap;
    this.#bytes = new Uint8Array(memory.bytes);
    this.#words = new Int32Array(memory.bytes);
    this.#card = new CardDrops(name);
  }

  /**
   * Opens the ring; packets come from now on.
   * @throws CaptureError when there is no such interface or it is down
   * @throws RingRefused when the ring cannot be had
   */
  static open(libc: Libc, name: string): PacketRing {
    const index = libc.interfaceIndex(name);
    if (index === 0) throw noInterface(name);
    if (!isUp(name)) throw isDown(name);
    // Protocol 0: nothing comes before the ring is there.
    const fd = libc.socket(Linux.AF_PACKET, Linux.SOCK_RAW | Linux.SOCK_CLOEXEC, 0);
    if (fd < 0) {
      const why = libc.errno();
      throw new RingRefused(why === 'EPERM' ? 'this process has no right to it (CAP_NET_RAW)' : `the kernel gives no socket (${why})`);
    }
    try {
      return new PacketRing(libc, name, fd, ...prepare(libc, fd, index));
    } catch (error) {
      libc.close(fd);
      throw error;
    }
  }

  next(packet: Packet): boolean {
    if (this.#left === 0 && !this.#turn()) return false;
    const words = this.#words;
    const at = this.#at;
    const head = at >> 2;
    this.#left--;
    this.#at = at + words[head + Header.NEXT];
    let start = at + (words[head + Header.MAC] & 0xffff);
    const end = start + words[head + Header.CAPTURED];
    let wireLength = words[head + Header.LENGTH];
    const status = words[head + Header.STATUS];
    if ((status & TP_STATUS_VLAN_VALID) !== 0 && end - start >= ADDRESSES) {
      const tpid = (status & TP_STATUS_VLAN_TPID_VALID) === 0 ? TPID_8021Q : words[head + Header.TPID] & 0xffff;
      start = this.#restoreTag(start, tpid, words[head + Header.TCI]);
      wireLength += TAG;
    }
    packet.bytes = this.#bytes;
    packet.start = start;
    packet.end = end;
    packet.seconds = words[head + Header.SECONDS] >>> 0;
    packet.nanoseconds = words[head + Header.NANOSECONDS];
    packet.wireLength = wireLength;
    packet.linkType = this.#linkType;
    return true;
  }

  /** Those of a block: the kernel fills it again once the next one is asked for. */
  together(): number {
    return Math.max(1, this.#left);
  }

  refresh(): boolean {
    this.#blocksLeft = BLOCKS_IN_BATCH;
    return this.#left > 0 || this.#turn();
  }

  get descriptor(): number {
    return this.#fd;
  }

  heard(events: number): void {
    if (this.#closed || this.state === 'gone') return;
    if ((events & Linux.POLLERR) !== 0) {
      // Reading the error ends it: the interface went down, or away.
      this.#libc.getsockopt(this.#fd, Linux.SOL_SOCKET, Linux.SO_ERROR, new Uint8Array(4));
    } else if (this.state === 'up') return;
    this.state = this.#libc.interfaceIndex(this.name) !== this.#index ? 'gone' : isUp(this.name) ? 'up' : 'down';
  }

  /** Polling tells. */
  readable(): Promise<void> {
    return Promise.resolve();
  }

  drops(): InterfaceDrops {
    if (!this.#closed) {
      // Reading sets the kernel's counts back to 0.
      const { buffer } = this.#statistics;
      if (this.#libc.getsockopt(this.#fd, Linux.SOL_PACKET, Linux.PACKET_STATISTICS, new Uint8Array(buffer)) === 0)
        this.#lost += this.#statistics[1];
    }
    return { kernel: this.#lost, card: this.#card.count() };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.drops();
    this.#closed = true;
    this.#left = 0;
    this.#libc.close(this.#fd);
    this.#unmap();
  }

  /** Gives the block back and goes on to the next one that the kernel has filled. */
  #turn(): boolean {
    if (this.#closed) return false;
    const words = this.#words;
    do {
      if (this.#held) {
        Atomics.store(words, (this.#block << (BLOCK_SHIFT - 2)) + Block.STATUS, TP_STATUS_KERNEL);
        this.#held = false;
        this.#block = (this.#block + 1) % BLOCKS;
      }
      const base = this.#block << (BLOCK_SHIFT - 2);
      if (this.#blocksLeft === 0 || (Atomics.load(words, base + Block.STATUS) & TP_STATUS_USER) === 0) return false;
      this.#held = true;
      this.#blocksLeft--;
      this.#left = words[base + Block.PACKETS];
      this.#at = (this.#block << BLOCK_SHIFT) + words[base + Block.FIRST];
      this.arrived = performance.now();
    } while (this.#left === 0);
    return true;
  }

  /** The kernel takes the outermost tag out of the frame: it goes back behind the addresses. Gives the new start. */
  #restoreTag(start: number, tpid: number, tci: number): number {
    const bytes = this.#bytes;
    const from = start - TAG;
    for (let i = 0; i < ADDRESSES; i++) bytes[from + i] = bytes[start + i];
    bytes[start + 8] = tpid >> 8;
    bytes[start + 9] = tpid;
    bytes[start + 10] = tci >> 8;
    bytes[start + 11] = tci;
    return from;
  }
}

/** Makes the ring of a socket and binds it to the interface. Gives the link type and the memory. */
function prepare(libc: Libc, fd: number, index: number): [number, { bytes: ArrayBuffer; unmap: () => void }] {
  const set = (option: number, ...values: number[]): void => {
    if (libc.setsockopt(fd, Linux.SOL_PACKET, option, new Uint8Array(Uint32Array.from(values).buffer)) < 0)
      throw new RingRefused(`the kernel gives no ring of packets (${libc.errno()})`);
  };
  set(Linux.PACKET_VERSION, Linux.TPACKET_V3);
  set(Linux.PACKET_RESERVE, TAG);
  set(Linux.PACKET_RX_RING, BLOCK, BLOCKS, FRAME, (BLOCK / FRAME) * BLOCKS, RETIRE, 0, 0);
  const memory = libc.map(fd, BLOCK * BLOCKS);
  if (!memory) throw new RingRefused(`the kernel does not share its ring of packets (${libc.errno()})`);
  try {
    // struct sockaddr_ll: family, protocol in network order, index, and what getsockname fills in.
    const address = Buffer.alloc(20);
    address.writeUInt16LE(Linux.AF_PACKET, 0);
    address.writeUInt16BE(Linux.ETH_P_ALL, 2);
    address.writeInt32LE(index, 4);
    if (libc.bind(fd, address) < 0 || libc.getsockname(fd, address) < 0)
      throw new RingRefused(`the kernel does not bind the socket to the interface (${libc.errno()})`);
    const type = address.readUInt16LE(8);
    const linkType = LINK_TYPES[type];
    if (linkType === undefined) throw new RingRefused(`the ring does not know interfaces of type ${type}`);
    // What a host sends to itself comes back in: once is enough.
    if (type === ARPHRD_LOOPBACK) set(Linux.PACKET_IGNORE_OUTGOING, 1);
    else set(Linux.PACKET_ADD_MEMBERSHIP, index, Linux.PACKET_MR_PROMISC, 0, 0);
    return [linkType, memory];
  } catch (error) {
    memory.unmap();
    throw error;
  }
}

function isUp(name: string): boolean {
  try {
    return (Number(readFileSync(`/sys/class/net/${name}/flags`, 'utf8')) & IFF_UP) !== 0;
  } catch {
    // Another network namespace than the one that /sys shows: the kernel will tell.
    return true;
  }
}
