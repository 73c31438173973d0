/** Is this IEC 60870-5-104? The start byte alone says little, so the control field, the ASDU and its length must agree. */
import { Confidence } from '../dissector.ts';
import { ELEMENT_BYTES, isCause, isUnnumbered } from './names.ts';
import { APCI_HEADER, ASDU_HEADER, CONTROL, Format, formatOf, LONGEST, objectBytes, START } from './parse.ts';

/** Verdict on the frame at `start`: as a Confidence; frames of known length chain to the next. */
function judgeFrame(bytes: Uint8Array, start: number, end: number): Confidence {
  if (bytes[start] !== START) return Confidence.No;
  if (end - start < APCI_HEADER + CONTROL) return Confidence.More;
  const length = bytes[start + 1];
  if (length < CONTROL || length > LONGEST) return Confidence.No;
  const at = start + APCI_HEADER;
  const format = formatOf(bytes[at]);
  if (format !== Format.Information) {
    if (length !== CONTROL) return Confidence.No;
    if (format === Format.Unnumbered) {
      const fits = isUnnumbered(bytes[at] >> 2) && bytes[at + 1] === 0 && bytes[at + 2] === 0 && bytes[at + 3] === 0;
      return fits ? Confidence.Certain : Confidence.No;
    }
    return bytes[at] === 1 && bytes[at + 1] === 0 && (bytes[at + 2] & 1) === 0 ? Confidence.Certain : Confidence.No;
  }
  if ((bytes[at + 2] & 1) !== 0 || length < CONTROL + ASDU_HEADER) return Confidence.No;
  const asdu = at + CONTROL;
  if (asdu + ASDU_HEADER > end) return Confidence.More;
  const type = bytes[asdu];
  const count = bytes[asdu + 1] & 0x7f;
  if (!isCause(bytes[asdu + 2] & 0x3f) || (bytes[asdu + 4] | bytes[asdu + 5]) === 0) return Confidence.No;
  if (ELEMENT_BYTES[type] === -2) return type >= 128 ? Confidence.Possible : Confidence.No;
  const expected = objectBytes(type, (bytes[asdu + 1] & 0x80) !== 0, count);
  if (expected < 0) return Confidence.Possible;
  return count > 0 && expected === length - CONTROL - ASDU_HEADER ? Confidence.Certain : Confidence.Possible;
}

/**
 * Judges the first bytes of a stream direction. `Certain` when the first frame is so in itself and the next one, if it
 * has arrived, begins with the start byte and a possible length.
 */
export function identify(bytes: Uint8Array, start: number, end: number): Confidence {
  if (start >= end) return Confidence.More;
  const verdict = judgeFrame(bytes, start, end);
  if (verdict !== Confidence.Certain) return verdict;
  const next = start + APCI_HEADER + bytes[start + 1];
  if (next >= end) return verdict;
  const chains = bytes[next] === START && (next + 1 >= end || (bytes[next + 1] >= CONTROL && bytes[next + 1] <= LONGEST));
  return chains ? verdict : Confidence.No;
}
