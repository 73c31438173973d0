/** Text from the network made safe for a terminal and for columns. */

/** Control characters and those that turn the direction of writing: a device name must not steer the terminal. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Every unprintable character becomes one visible mark. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, '\u00b7');
}

/** At most `width` characters, the last of them an ellipsis when something was left out. */
export function shorten(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(width - 1, 0)).trimEnd()}…`;
}

/** Lines of at most `width` characters, broken at spaces; a longer word is cut. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    let rest = word;
    if (line && line.length + 1 + rest.length > width) {
      lines.push(line);
      line = '';
    }
    while (rest.length > width) {
      lines.push(rest.slice(0, width));
      rest = rest.slice(width);
    }
    line = line ? `${line} ${rest}` : rest;
  }
  if (line || lines.length === 0) lines.push(line);
  return lines;
}

/** The first of `names` that fit in `width`, then how many are left. */
export function someOf(names: readonly string[], width: number): string {
  let text = '';
  for (const [index, name] of names.entries()) {
    const left = names.length - index - 1;
    const next = text ? `${text}, ${name}` : name;
    if (next.length + (left > 0 ? ` and ${left} more`.length : 0) > width && text) return `${text} and ${names.length - index} more`;
    text = next;
  }
  return shorten(text, width);
}

/** `1 alert`, `2 alerts`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
