/** Reads days of the week and hours of the day. */
import type { Reader } from './reader.ts';
import { type Day, DAYS, type Schedule } from './rule.ts';

/** `mon-fri, sun` */
export function days(reader: Reader): Day[] {
  const found = new Set<Day>();
  do {
    // `mon-fri` is one word to the tokens; `mon - fri` is three.
    const [, left, right] = /^([a-z]+)-([a-z]+)$/.exec(reader.word) ?? [];
    let first = day(left ?? reader.word, reader);
    const last = right === undefined ? undefined : day(right, reader);
    reader.take();
    const end = last ?? (reader.has('-') ? day(reader.word, reader) : first);
    if (last === undefined && end !== first) reader.take();
    found.add(DAYS[first]);
    for (; first !== end; found.add(DAYS[first])) first = (first + 1) % DAYS.length;
  } while (reader.has(','));
  return DAYS.filter((one) => found.has(one));
}

/** Position of a day by its name or the first letters of it. */
function day(word: string, reader: Reader): number {
  const at = word.length < 3 ? -1 : DAYS.findIndex((one) => DAY_NAMES[one].startsWith(word));
  return at < 0 ? reader.fail(`a day: ${DAYS.join(', ')}`) : at;
}

const DAY_NAMES: Readonly<Record<Day, string>> = {
  mon: 'monday',
  tue: 'tuesday',
  wed: 'wednesday',
  thu: 'thursday',
  fri: 'friday',
  sat: 'saturday',
  sun: 'sunday',
};

/** `22:00 - 06:00` */
export function hours(reader: Reader): NonNullable<Schedule['hours']> {
  const from = time(reader);
  if (!reader.has('-') && !reader.has('to')) reader.fail('"-" and a second time');
  return { from, to: time(reader) };
}

function time(reader: Reader): string {
  const { kind, text } = reader.next;
  const [hour, minute] = text.split(':').map(Number);
  const right = kind === 'time' && minute < 60 && (hour < 24 || (hour === 24 && minute === 0));
  if (!right) reader.fail('a time of day such as 18:30');
  reader.take();
  return text.padStart(5, '0');
}
