/** Tells data that begin as a program does, whatever their name says. */

/** PE of Windows (`MZ`) or ELF of Linux (0x7f `ELF`); undefined for anything else, and for less than four bytes. */
export function programOf(bytes: Uint8Array, start: number, end: number): 'PE' | 'ELF' | undefined {
  if (end - start < 4) return undefined;
  if (bytes[start] === 0x7f && bytes[start + 1] === 0x45 && bytes[start + 2] === 0x4c && bytes[start + 3] === 0x46) return 'ELF';
  return bytes[start] === 0x4d && bytes[start + 1] === 0x5a && (bytes[start + 3] === 0 || bytes[start + 2] === 0x90) ? 'PE' : undefined;
}
