/** Names and keys of the benchmark's devices: both processes know them without telling each other. */
import { createHash } from 'node:crypto';

export function deviceName(index: number): string {
  return `bench-${String(index).padStart(6, '0')}`;
}

/** Base64 of 32 bytes. */
export function deviceKey(name: string): string {
  return createHash('sha256').update(`key of ${name}`).digest('base64');
}
