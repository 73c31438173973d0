/** The words of rule text, each with its place. */

export type TokenKind = 'word' | 'text' | 'number' | 'address' | 'sign' | 'time' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** As written; of a text what stands between its quotes. */
  readonly text: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

/** Text that is no rule, and where. */
export class RuleTextError extends Error {
  readonly code = 'RULE_TEXT';
  readonly line: number;
  readonly column: number;

  constructor(message: string, at: Pick<Token, 'line' | 'column'>) {
    super(message);
    this.name = 'RuleTextError';
    this.line = at.line;
    this.column = at.column;
  }
}

/** What stands at the beginning of the rest of a line, the longest first. */
const PATTERNS: readonly (readonly [TokenKind, RegExp])[] = [
  ['address', /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}(?![\w:])/i],
  ['address', /^\d{1,3}(?:\.\d{1,3}){3}(?:\/\d{1,2})?(?![\w.])/],
  // An IPv6 address has two colons at least, which nothing else here has.
  ['address', /^(?=[0-9a-f]*:[0-9a-f]*:)[0-9a-f:]+(?::\d{1,3}(?:\.\d{1,3}){3})?(?:\/\d{1,3})?(?![\w:])/i],
  ['time', /^\d{1,2}:\d{2}(?![\w:])/],
  ['number', /^0x[0-9a-f]+(?!\w)/i],
  ['number', /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![\w:.])/i],
  ['word', /^[a-z_][\w-]*(?:\.[a-z_][\w-]*)*/i],
  ['sign', /^(?:==|!=|>=|<=|[<>(),-])/],
];

/** True when the text is read as one address, so that it needs no quotes. */
export function readsAsAddress(text: string): boolean {
  return text === text.toLowerCase() && PATTERNS.some(([kind, pattern]) => kind === 'address' && pattern.exec(text)?.[0] === text);
}

/** Words, numbers, texts and signs in order, and one `end` last. @throws RuleTextError at what is none of them */
export function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  const lines = source.split('\n');
  lines.forEach((raw, index) => {
    const line = raw.replace(/\r$/, '');
    let at = 0;
    while (at < line.length) {
      const rest = line.slice(at);
      const place = { line: index + 1, column: at + 1 };
      const space = /^\s+/.exec(rest);
      if (space) {
        at += space[0].length;
        continue;
      }
      if (rest.startsWith('#')) break;
      if (rest.startsWith('"')) {
        const match = /^"(?:[^"\\]|\\.)*"/.exec(rest);
        if (!match) throw new RuleTextError('The text has no closing quote on its line.', place);
        tokens.push({ kind: 'text', text: unquoted(match[0], place), ...place });
        at += match[0].length;
        continue;
      }
      const found = PATTERNS.flatMap(([kind, pattern]) => {
        const match = pattern.exec(rest);
        return match ? [{ kind, text: match[0] }] : [];
      }).at(0);
      if (!found) throw new RuleTextError(`${JSON.stringify(rest[0])} means nothing here.`, place);
      tokens.push({ ...found, ...place });
      at += found.text.length;
    }
  });
  const last = lines.at(-1) ?? '';
  tokens.push({ kind: 'end', text: 'the end of the text', line: lines.length, column: last.length + 1 });
  return tokens;
}

function unquoted(text: string, place: Pick<Token, 'line' | 'column'>): string {
  try {
    return String(JSON.parse(text));
  } catch {
    throw new RuleTextError('Control characters and backslashes in a text are written as in JSON.', place);
  }
}
