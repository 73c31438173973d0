/** What a WriteProperty writes, for custom rules (ANSI/ASHRAE 135, clauses 15.9 and 20.2). */
import { f32 } from '@annunciator/packet/bytes';
import { Detail } from '../details.ts';
import type { Facts } from '../facts.ts';
import { Application, readTag, Tag, unsigned } from './tags.ts';

const tag = new Tag();
const REAL = 4;

/** Reads behind the property identifier: an array index, the value between opening and closing tag 3, a priority. */
export function writeDetails(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
  let inside = false;
  for (let at = start; at < end && readTag(tag, bytes, at, end); at = tag.next) {
    if (tag.opens(3)) inside = true;
    else if (tag.closing && tag.number === 3) inside = false;
    else if (inside && !tag.context) value(facts, bytes);
    else if (!inside && tag.is(4)) facts.detail(Detail.BacnetPriority, unsigned(tag, bytes));
  }
}

function value(facts: Facts, bytes: Uint8Array): void {
  if (tag.number === Application.Boolean) facts.detail(Detail.BacnetValue, tag.low);
  else if (tag.number === REAL && tag.length === 4) {
    const real = f32(bytes, tag.value);
    if (Number.isFinite(real)) facts.detail(Detail.BacnetValue, real);
  } else if (tag.number === Application.Unsigned || tag.number === Application.Enumerated)
    facts.detail(Detail.BacnetValue, unsigned(tag, bytes) >>> 0);
}
