/** Goes through the words of rule text one by one. */
import { RuleTextError, type Token } from './tokens.ts';

/** Clauses by their first word; those that say the same thing share a name. */
export const CLAUSES: Readonly<Record<string, string>> = {
  protocol: 'protocol',
  when: 'when',
  from: 'from',
  to: 'to',
  on: 'days',
  during: 'hours',
  inside: 'working',
  outside: 'working',
  alert: 'action',
  event: 'action',
  message: 'message',
  id: 'id',
  disabled: 'disabled',
};

export class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get next(): Token {
    return this.#tokens[this.#at];
  }

  take(): Token {
    const token = this.next;
    if (token.kind !== 'end') this.#at++;
    return token;
  }

  /** Takes the word when it comes next. */
  has(word: string): boolean {
    const { kind, text } = this.next;
    if ((kind !== 'word' && kind !== 'sign') || text.toLowerCase() !== word) return false;
    this.#at++;
    return true;
  }

  /** The word that comes next, in lower case; empty when none does. */
  get word(): string {
    return this.next.kind === 'word' ? this.next.text.toLowerCase() : '';
  }

  text(what: string): string {
    if (this.next.kind !== 'text') this.fail(`${what} in double quotes`);
    return this.take().text;
  }

  fail(expected: string): never {
    const { kind, text } = this.next;
    throw new RuleTextError(`Expected ${expected}, but here is ${kind === 'end' ? text : JSON.stringify(text)}.`, this.next);
  }
}
