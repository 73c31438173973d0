/** The body of a message as people read it: JSON, text, or bytes. */
import { isUtf8 } from 'node:buffer';

export interface BodyView {
  readonly kind: 'json' | 'text' | 'binary' | 'empty';
  /** Text as it was sent, or base64. */
  readonly text: string;
  readonly bytes: number;
  /** Only the beginning is given. */
  readonly cut: boolean;
}

const MOST_SHOWN = 16 * 1024;

/** @param encoding the content encoding that the device states, UTF-8 when it states none */
export function bodyView(body: Uint8Array, encoding = 'utf-8'): BodyView {
  const bytes = body.length;
  if (bytes === 0) return { kind: 'empty', text: '', bytes, cut: false };
  const text = textOf(body, encoding);
  if (text === undefined) {
    const shown = Buffer.from(body.subarray(0, MOST_SHOWN)).toString('base64');
    return { kind: 'binary', text: shown, bytes, cut: bytes > MOST_SHOWN };
  }
  return { kind: isJson(text) ? 'json' : 'text', text: text.slice(0, MOST_SHOWN), bytes, cut: text.length > MOST_SHOWN };
}

const DECODERS: Readonly<Record<string, 'utf-8' | 'utf-16le' | 'utf-16be'>> = {
  'utf-8': 'utf-8',
  utf8: 'utf-8',
  'utf-16': 'utf-16le',
  'utf-16le': 'utf-16le',
  'utf-16be': 'utf-16be',
};

/** Undefined for what is no text, or for control characters that no text has. */
function textOf(body: Uint8Array, encoding: string): string | undefined {
  const decoder = DECODERS[encoding.toLowerCase()];
  if (!decoder || (decoder === 'utf-8' && !isUtf8(body))) return undefined;
  const text = new TextDecoder(decoder).decode(body);
  // oxlint-disable-next-line no-control-regex -- these are what tells bytes from text
  return /[\0-\x08\x0e-\x1f]/.test(text) ? undefined : text;
}

function isJson(text: string): boolean {
  if (!/^\s*[[{"\d\-tfn]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
