/** The words of a query. */
import { HubError } from '../hub-error.ts';

export type Token =
  | { readonly kind: 'name'; readonly text: string; readonly at: number }
  | { readonly kind: 'string'; readonly text: string; readonly at: number }
  | { readonly kind: 'number'; readonly value: number; readonly at: number }
  | { readonly kind: 'mark'; readonly text: string; readonly at: number }
  | { readonly kind: 'end'; readonly at: number };

const PATTERN =
  /\s+|(?<name>[A-Za-z_$][A-Za-z0-9_$]*)|(?<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?<quote>['"])|(?<mark><>|!=|<=|>=|[=<>+\-*/%(),.[\]])/uy;

const MOST_TOKENS = 2000;

/** @throws HubError QueryStoreInvalidQuery that names the place */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    PATTERN.lastIndex = at;
    const match = PATTERN.exec(text);
    if (!match) throw invalid(`The character ${JSON.stringify(text[at])}`, at);
    const { name, number, quote, mark } = match.groups ?? {};
    const begin = at;
    at = PATTERN.lastIndex;
    if (name !== undefined) tokens.push({ kind: 'name', text: name, at: begin });
    else if (number !== undefined) tokens.push({ kind: 'number', value: Number(number), at: begin });
    else if (mark !== undefined) tokens.push({ kind: 'mark', text: mark === '<>' ? '!=' : mark, at: begin });
    else if (quote !== undefined) {
      const string = readString(text, at, quote);
      tokens.push({ kind: 'string', text: string.text, at: begin });
      at = string.end;
    }
    if (tokens.length > MOST_TOKENS) throw invalid(`The query has more than ${MOST_TOKENS} words, the rest begins`, at);
  }
  tokens.push({ kind: 'end', at: text.length });
  return tokens;
}

/** A quote inside a string is doubled or follows a backslash. */
function readString(text: string, from: number, quote: string): { text: string; end: number } {
  let value = '';
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (character === '\\' && at + 1 < text.length) value += text[++at];
    else if (character !== quote) value += character;
    else if (text[at + 1] === quote) value += text[++at];
    else return { text: value, end: at + 1 };
  }
  throw invalid('The string that begins', from - 1, 'has no end');
}

export function invalid(what: string, at: number, why = 'does not fit'): HubError {
  return new HubError('QueryStoreInvalidQuery', `${what} at position ${at + 1} of the query ${why}.`);
}
