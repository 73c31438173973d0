/** Reads a query: `SELECT list FROM devices [WHERE expression] [GROUP BY paths]`. */
import type { AggregateName, Collection, Expression, Operator, Path, Projection, Query } from './syntax.ts';
import { invalid, type Token, tokenize } from './tokens.ts';

const MAX_DEPTH = 50;
const AGGREGATES: readonly AggregateName[] = ['count', 'avg', 'sum', 'min', 'max'];
const COLLECTIONS: readonly Collection[] = ['devices', 'devices.modules', 'devices.jobs'];
/** Names that cannot begin a path. */
const WORDS = new Set(['select', 'from', 'where', 'group', 'by', 'as', 'and', 'or', 'not', 'in', 'nin', 'top']);

/** @throws HubError QueryStoreInvalidQuery that names the place */
export function parseQuery(text: string): Query {
  return new Parser(tokenize(text)).query();
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;
  #alias = '';

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  query(): Query {
    this.#need('select');
    const top = this.#takes('top') ? this.#count() : null;
    const listAt = this.#at;
    // The list is read after FROM, which may give the collection another name.
    this.#skipTo('from');
    this.#need('from');
    const from = this.#collection();
    if (this.#takes('as')) this.#alias = this.#name();
    else if (this.#peek().kind === 'name' && !WORDS.has(this.#word())) this.#alias = this.#name();
    const bodyAt = this.#at;
    this.#at = listAt;
    const projections = this.#takes('*') ? null : this.#list(() => this.#projection());
    this.#need('from');
    this.#at = bodyAt;
    const where = this.#takes('where') ? this.#expression() : null;
    const groupBy: Path[] = [];
    if (this.#takes('group')) {
      this.#need('by');
      groupBy.push(...this.#list(() => this.#path()));
    }
    if (this.#peek().kind !== 'end') throw this.#unfit();
    return this.#checked({ projections, top, from, where, groupBy });
  }

  #checked(query: Query): Query {
    const aggregates = query.projections?.some(({ value }) => value.kind === 'aggregate') ?? false;
    if (query.groupBy.length > 0 && !query.projections) throw invalid('SELECT *', 0, 'cannot be grouped: name what to show');
    if (aggregates || query.groupBy.length > 0)
      for (const { value } of query.projections ?? [])
        if (value.kind !== 'aggregate' && !(value.kind === 'path' && query.groupBy.some((path) => samePath(path, value))))
          throw invalid('A value that is neither aggregated nor grouped by', 0, 'cannot be shown');
    return query;
  }

  #projection(): Projection {
    const aggregate = AGGREGATES.find((name) => name === this.#word());
    if (aggregate && this.#isMark(1, '(')) {
      this.#at += 2;
      const operand = this.#isMark(0, ')') || this.#takes('*') ? null : this.#expression();
      this.#need(')');
      if (operand === null && aggregate !== 'count') throw invalid(aggregate.toUpperCase(), 0, 'needs something to work on');
      return { value: { kind: 'aggregate', name: aggregate, operand }, as: this.#as() ?? aggregate };
    }
    const value = this.#expression();
    const last = value.kind === 'path' ? value.steps.at(-1) : undefined;
    return { value, as: this.#as() ?? String(last ?? 'value') };
  }

  #as(): string | undefined {
    return this.#takes('as') ? this.#name() : undefined;
  }

  #collection(): Collection {
    let name = this.#name().toLowerCase();
    while (this.#takes('.')) name += `.${this.#name().toLowerCase()}`;
    const collection = COLLECTIONS.find((known) => known === name);
    if (collection) return collection;
    throw invalid(`FROM ${name}`, this.#peek().at, `is not one of ${COLLECTIONS.join(', ')}`);
  }

  // Expressions, loosest first

  #expression(): Expression {
    if (++this.#depth > MAX_DEPTH) throw invalid('The expression', this.#peek().at, `is nested deeper than ${MAX_DEPTH}`);
    let left = this.#conjunction();
    while (this.#takes('or')) left = { kind: 'binary', operator: 'or', left, right: this.#conjunction() };
    this.#depth--;
    return left;
  }

  #conjunction(): Expression {
    let left = this.#negation();
    while (this.#takes('and')) left = { kind: 'binary', operator: 'and', left, right: this.#negation() };
    return left;
  }

  #negation(): Expression {
    if (!this.#takes('not')) return this.#comparison();
    if (++this.#depth > MAX_DEPTH) throw invalid('The expression', this.#peek().at, `is nested deeper than ${MAX_DEPTH}`);
    const operand = this.#negation();
    this.#depth--;
    return { kind: 'not', operand };
  }

  #comparison(): Expression {
    const left = this.#sum();
    const operator = this.#operator(['=', '!=', '<', '<=', '>', '>=', 'in', 'nin']);
    return operator ? { kind: 'binary', operator, left, right: this.#sum() } : left;
  }

  #sum(): Expression {
    let left = this.#product();
    for (let operator = this.#operator(['+', '-']); operator; operator = this.#operator(['+', '-']))
      left = { kind: 'binary', operator, left, right: this.#product() };
    return left;
  }

  #product(): Expression {
    let left = this.#value();
    for (let operator = this.#operator(['*', '/', '%']); operator; operator = this.#operator(['*', '/', '%']))
      left = { kind: 'binary', operator, left, right: this.#value() };
    return left;
  }

  #value(): Expression {
    const token = this.#peek();
    if (token.kind === 'string') {
      this.#at++;
      return { kind: 'constant', value: token.text };
    }
    if (token.kind === 'number') {
      this.#at++;
      return { kind: 'constant', value: token.value };
    }
    if (this.#takes('-')) return { kind: 'negative', operand: this.#value() };
    if (this.#takes('(')) {
      const inner = this.#expression();
      this.#need(')');
      return inner;
    }
    if (this.#takes('[')) {
      const items = this.#isMark(0, ']') ? [] : this.#list(() => this.#expression());
      this.#need(']');
      return { kind: 'list', items };
    }
    const constant = { true: true, false: false, null: null }[this.#word()];
    if (constant !== undefined && token.kind === 'name') {
      this.#at++;
      return { kind: 'constant', value: constant };
    }
    if (token.kind === 'name' && this.#isMark(1, '(')) {
      this.#at += 2;
      const operands = this.#isMark(0, ')') ? [] : this.#list(() => this.#expression());
      this.#need(')');
      return { kind: 'call', name: token.text.toLowerCase(), operands };
    }
    return this.#path();
  }

  #path(): Path {
    if (this.#peek().kind !== 'name' || WORDS.has(this.#word())) throw this.#unfit();
    const steps: (string | number)[] = [this.#name()];
    for (;;) {
      if (this.#takes('.')) steps.push(this.#name());
      else if (this.#takes('[')) {
        const token = this.#peek();
        if (token.kind === 'number') steps.push(token.value);
        else if (token.kind === 'string') steps.push(token.text);
        else throw this.#unfit();
        this.#at++;
        this.#need(']');
      } else break;
    }
    // The collection's own name before a path is the row itself.
    const prefix = String(steps[0]);
    if (steps.length > 1 && (prefix === this.#alias || prefix.toLowerCase() === 'devices')) steps.shift();
    return { kind: 'path', steps };
  }

  // Words

  #list<T>(item: () => T): T[] {
    const items = [item()];
    while (this.#takes(',')) items.push(item());
    return items;
  }

  #peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)];
  }

  /** The next token as a keyword, empty when it is none. */
  #word(): string {
    const token = this.#peek();
    return token.kind === 'name' || token.kind === 'mark' ? token.text.toLowerCase() : '';
  }

  #isMark(ahead: number, mark: string): boolean {
    const token = this.#peek(ahead);
    return token.kind === 'mark' && token.text === mark;
  }

  #takes(word: string): boolean {
    if (this.#word() !== word) return false;
    this.#at++;
    return true;
  }

  #need(word: string): void {
    if (!this.#takes(word)) throw this.#unfit(`${word.toUpperCase()} is missing`);
  }

  #operator<Of extends Operator>(operators: readonly Of[]): Of | undefined {
    const operator = operators.find((known) => known === this.#word());
    if (operator) this.#at++;
    return operator;
  }

  #name(): string {
    const token = this.#peek();
    if (token.kind !== 'name') throw this.#unfit('a name is missing');
    this.#at++;
    return token.text;
  }

  #count(): number {
    const token = this.#peek();
    if (token.kind !== 'number' || !Number.isInteger(token.value) || token.value < 1) throw this.#unfit('a count is missing');
    this.#at++;
    return token.value;
  }

  /** To the keyword at the same level of parentheses. */
  #skipTo(word: string): void {
    let open = 0;
    for (; this.#peek().kind !== 'end'; this.#at++) {
      if (this.#isMark(0, '(')) open++;
      if (this.#isMark(0, ')')) open--;
      if (open === 0 && this.#word() === word && !(this.#at > 0 && this.#tokens[this.#at - 1].kind === 'mark' && this.#isMark(-1, '.')))
        return;
    }
  }

  #unfit(why?: string): Error {
    const token = this.#peek();
    const text = token.kind === 'end' ? 'The end' : token.kind === 'number' ? `${token.value}` : JSON.stringify(token.text);
    return invalid(text, token.at, why ?? 'does not fit');
  }
}

function samePath(one: Path, other: Path): boolean {
  return one.steps.length === other.steps.length && one.steps.every((step, at) => step === other.steps[at]);
}
