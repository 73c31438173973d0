/** The registered part of a domain name: what one owner got from a registry, and what the baseline learns. */

/** Second levels under which two-letter countries register names (`co.uk`, `com.au`, `go.jp`). */
const SECOND_LEVELS = new Set(
  'ac co com ed edu go gob gov govt gr id ind info lg ltd me mil ne net nhs nic nom or org plc sch school web'.split(' '),
);

/** `example.co.uk` of `a.b.example.co.uk`; `in-addr.arpa` of reverse names; a single label is itself. Lower case in, lower case out. */
export function registeredDomain(name: string): string {
  const last = name.lastIndexOf('.');
  if (last < 0) return name;
  const second = name.lastIndexOf('.', last - 1);
  if (second < 0) return name;
  const country = name.length - last - 1 === 2;
  if (!country || !SECOND_LEVELS.has(name.slice(second + 1, last))) return name.slice(second + 1);
  return name.slice(name.lastIndexOf('.', second - 1) + 1);
}
