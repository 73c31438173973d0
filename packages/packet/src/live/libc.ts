/**
 * The few calls of the C library that reading packets straight from the Linux kernel takes, through `koffi`. Everything else
 * of live capture is TypeScript.
 */
import type { KoffiFunc } from 'koffi';

/** Constants of the Linux headers (if_packet.h, if_ether.h, socket.h, poll.h, mman.h). */
export const Linux = {
  AF_PACKET: 17,
  SOCK_RAW: 3,
  SOCK_CLOEXEC: 0o2000000,
  ETH_P_ALL: 3,
  SOL_SOCKET: 1,
  SO_ERROR: 4,
  SOL_PACKET: 263,
  PACKET_ADD_MEMBERSHIP: 1,
  PACKET_MR_PROMISC: 1,
  PACKET_RX_RING: 5,
  PACKET_STATISTICS: 6,
  PACKET_VERSION: 10,
  PACKET_RESERVE: 12,
  PACKET_IGNORE_OUTGOING: 23,
  TPACKET_V3: 2,
  POLLIN: 1,
  POLLERR: 8,
} as const;

const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;
/** What `mmap` answers when it fails. */
const MAP_FAILED = 2n ** 64n - 1n;

/** All numbers are as C gives them: -1 is a failure, which `errno` explains. Integers in `Uint8Array`s are the machine's own. */
export interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  setsockopt(fd: number, level: number, name: number, value: Uint8Array): number;
  /** Fills `value`. */
  getsockopt(fd: number, level: number, name: number, value: Uint8Array): number;
  bind(fd: number, address: Uint8Array): number;
  /** Fills `address`. */
  getsockname(fd: number, address: Uint8Array): number;
  close(fd: number): number;
  /** Index of an interface, 0 when there is none of that name. */
  interfaceIndex(name: string): number;
  /** Memory shared with the kernel, or null. `unmap` ends it; nobody may look at the bytes afterwards. */
  map(fd: number, length: number): { readonly bytes: ArrayBuffer; readonly unmap: () => void } | null;
  /** Waits beside the event loop until a socket has something or the milliseconds have passed; gives what each has (POLLIN, POLLERR). */
  poll(sockets: readonly number[], milliseconds: number): Promise<readonly number[]>;
  /** Why the last call failed, as `EPERM`. */
  errno(): string;
}

/**
 * Loads koffi and the C library of this process.
 * @throws Error when this is no 64-bit Linux, or koffi has no build for it
 */
export async function loadLibc(): Promise<Libc> {
  if (process.platform !== 'linux') throw new Error('it is made for Linux');
  if (!['x64', 'arm64'].includes(process.arch)) throw new Error(`it is not made for ${process.arch} processors`);
  const { default: koffi } = await import('koffi');
  const c = koffi.load(null);
  // Each cast says what its C declaration beside it says.
  const socket = c.func('int socket(int, int, int)') as unknown as KoffiFunc<(a: number, b: number, c: number) => number>;
  type Option = KoffiFunc<(fd: number, level: number, name: number, value: Uint8Array, length: number) => number>;
  const setsockopt = c.func('int setsockopt(int, int, int, const void *, uint32_t)') as unknown as Option;
  type Asked = KoffiFunc<(fd: number, level: number, name: number, value: Uint8Array, length: Uint8Array) => number>;
  const getsockopt = c.func('int getsockopt(int, int, int, _Out_ void *, _Inout_ void *)') as unknown as Asked;
  const bind = c.func('int bind(int, const void *, uint32_t)') as unknown as KoffiFunc<(a: number, b: Uint8Array, c: number) => number>;
  type Name = KoffiFunc<(fd: number, address: Uint8Array, length: Uint8Array) => number>;
  const getsockname = c.func('int getsockname(int, _Out_ void *, _Inout_ void *)') as unknown as Name;
  const close = c.func('int close(int)') as unknown as KoffiFunc<(fd: number) => number>;
  const index = c.func('unsigned int if_nametoindex(const char *)') as unknown as KoffiFunc<(name: string) => number>;
  type Map = KoffiFunc<(at: null, length: number, protection: number, flags: number, fd: number, offset: number) => bigint>;
  const mmap = c.func('void *mmap(void *, size_t, int, int, int, int64_t)') as unknown as Map;
  const munmap = c.func('int munmap(void *, size_t)') as unknown as KoffiFunc<(at: bigint, length: number) => number>;
  type Poll = KoffiFunc<(descriptors: Uint8Array, count: number, milliseconds: number) => number>;
  const poll = c.func('int poll(_Inout_ void *, unsigned long, int)') as unknown as Poll;
  const names = new Map(Object.entries(koffi.os.errno).map(([name, number]) => [number, name]));
  return {
    socket: (domain, type, protocol) => socket(domain, type, protocol),
    setsockopt: (fd, level, name, value) => setsockopt(fd, level, name, value, value.length),
    getsockopt: (fd, level, name, value) => getsockopt(fd, level, name, value, lengthOf(value)),
    bind: (fd, address) => bind(fd, address, address.length),
    getsockname: (fd, address) => getsockname(fd, address, lengthOf(address)),
    close: (fd) => close(fd),
    interfaceIndex: (name) => index(name),
    map: (fd, length) => {
      const at = mmap(null, length, PROT_READ_WRITE, MAP_SHARED, fd, 0);
      return at === MAP_FAILED ? null : { bytes: koffi.view(at, length), unmap: () => void munmap(at, length) };
    },
    poll: (sockets, milliseconds) => {
      // struct pollfd: descriptor, events asked for, events told.
      const descriptors = Buffer.alloc(8 * sockets.length);
      sockets.forEach((fd, i) => {
        descriptors.writeInt32LE(fd, 8 * i);
        descriptors.writeInt16LE(Linux.POLLIN | Linux.POLLERR, 8 * i + 4);
      });
      return new Promise((resolve) => {
        poll.async(descriptors, sockets.length, milliseconds, () => resolve(sockets.map((_, i) => descriptors.readInt16LE(8 * i + 6))));
      });
    },
    errno: () => names.get(koffi.errno()) ?? `error ${koffi.errno()}`,
  };
}

/** A `socklen_t` with the length of the bytes. */
function lengthOf(bytes: Uint8Array): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length, 0);
  return length;
}
