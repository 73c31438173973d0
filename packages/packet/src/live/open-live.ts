/** Opens network interfaces in the best way that this machine allows. */
import { CaptureError } from '../capture/capture-error.ts';
import { type Libc, loadLibc } from './libc.ts';
import type { LiveInterface } from './live-interface.ts';
import { LiveReader } from './live-reader.ts';
import { PacketRing, RingRefused } from './packet-ring.ts';
import { openTcpdump } from './tcpdump.ts';

/** The interface that stands for all: only tcpdump reads it. */
const ANY = 'any';

/**
 * Opens interfaces: each from the kernel's ring where that can be had, else through tcpdump.
 * @throws CaptureError when one of them cannot be watched
 */
export async function openLive(names: readonly string[], use: 'ring' | 'tcpdump' = 'ring'): Promise<LiveReader> {
  const libc = use === 'ring' ? await loadLibc().catch((error: Error) => error) : new Error('tcpdump was asked for');
  const open = (name: string): Promise<LiveInterface> => openInterface(libc, name);
  const interfaces: LiveInterface[] = [];
  try {
    for (const name of names) interfaces.push(await open(name));
  } catch (error) {
    for (const opened of interfaces) await opened.close();
    throw error;
  }
  return new LiveReader(interfaces, { libc: libc instanceof Error ? undefined : libc, reopen: open });
}

async function openInterface(libc: Libc | Error, name: string): Promise<LiveInterface> {
  if (name === ANY) return openTcpdump(name, 'it stands for all interfaces');
  if (libc instanceof Error) return openTcpdump(name, libc.message);
  try {
    return PacketRing.open(libc, name);
  } catch (error) {
    if (!(error instanceof RingRefused)) throw error;
    return openTcpdump(name, error.message).catch((second: unknown) => {
      if (!(second instanceof CaptureError)) throw second;
      throw new CaptureError('unreadable', name, `${second.message} The kernel's ring was not to be had either: ${error.message}.`);
    });
  }
}
