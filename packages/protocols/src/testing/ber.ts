/** Writes basic encoding rules as text of hexadecimal digits, for hand-made messages. For tests only. */

/** One element: identifier octets and contents, both hexadecimal; the length is counted. */
export function element(tag: string, contents = ''): string {
  const size = contents.length / 2;
  const octets = size < 0x80 ? hex2(size) : size < 0x100 ? `81${hex2(size)}` : `82${hex2(size >> 8)}${hex2(size & 255)}`;
  return `${tag}${octets}${contents}`;
}

/** Hexadecimal digits of a Latin-1 text. */
export const ascii = (text: string): string => Buffer.from(text, 'latin1').toString('hex');

const hex2 = (value: number): string => value.toString(16).padStart(2, '0');
