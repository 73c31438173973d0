/**
 * What a statement of SQL does to what: its first verb, and the table, view or procedure it names first. No grammar, only the
 * words around which all dialects agree; a statement that is read wrongly is read wrongly the same way each time, which is
 * enough to learn from.
 */
import { Aspect, type Facts } from '../facts.ts';

export interface Statement {
  /** `SELECT`, `UPDATE`, `CREATE TABLE` ... */
  readonly verb: string;
  /** `orders`, `dbo.orders`; empty when none is named. */
  readonly object: string;
}

/** Characters of a statement that are looked at. */
const READ_AT_MOST = 1024;
const LONGEST_OBJECT = 64;

/** Verbs whose object follows the word given, or at once when it is empty. */
const OBJECT_AFTER: Readonly<Record<string, string>> = {
  SELECT: 'FROM',
  DELETE: 'FROM',
  INSERT: 'INTO',
  REPLACE: 'INTO',
  MERGE: 'INTO',
  UPDATE: '',
  TRUNCATE: 'TABLE',
  EXEC: '',
  EXECUTE: '',
  CALL: '',
  USE: '',
  DESCRIBE: '',
  COPY: '',
  LOCK: 'TABLES',
};
/** Verbs that say the kind of their object next. */
const DEFINITIONS: ReadonlySet<string> = new Set(['CREATE', 'DROP', 'ALTER', 'RENAME']);
const KINDS = /^(?:TABLE|VIEW|INDEX|DATABASE|SCHEMA|PROCEDURE|PROC|FUNCTION|TRIGGER|USER|LOGIN|ROLE|SEQUENCE|TYPE)$/;
const FILLERS =
  /^(?:OR|REPLACE|TEMPORARY|TEMP|UNIQUE|GLOBAL|LOCAL|IF|NOT|EXISTS|ONLY|TABLE|IGNORE|LOW_PRIORITY|DELAYED|CLUSTERED|NONCLUSTERED|EXTERNAL|MATERIALIZED)$/;

/** Reads a statement; undefined when it begins with no word. */
export function readStatement(text: string): Statement | undefined {
  const words = text
    .slice(0, READ_AT_MOST)
    .replaceAll(/\/\*[^]*?(?:\*\/|$)|--[^\n]*|#[^\n]*/g, ' ')
    .match(/'(?:[^']|'')*'?|[\w$#@.\u0080-\uffff]+|\[[^\]]*\](?:\.\[[^\]]*\])*|`[^`]*`(?:\.`[^`]*`)*|"[^"]*"(?:\."[^"]*")*|[(),;=*]/g);
  let at = 0;
  while (words && at < words.length && words[at] === '(') at++;
  const verb = words?.[at]?.toUpperCase() ?? '';
  if (!words || !/^[A-Z]{2,16}$/.test(verb)) return undefined;
  if (DEFINITIONS.has(verb)) {
    const kind = words.findIndex((word, index) => index > at && KINDS.test(word.toUpperCase()));
    return kind < 0 ? { verb, object: '' } : { verb: `${verb} ${words[kind].toUpperCase()}`, object: objectAt(words, kind + 1) };
  }
  const after = OBJECT_AFTER[verb];
  if (after === undefined) return { verb, object: '' };
  if (after === '') return { verb, object: objectAt(words, at + 1) };
  const marker = words.findIndex((word, index) => index > at && word.toUpperCase() === after);
  // DELETE and INSERT may leave the word out in some dialects.
  if (marker < 0) return { verb, object: verb === 'SELECT' ? '' : objectAt(words, at + 1) };
  return { verb, object: objectAt(words, marker + 1) };
}

function objectAt(words: readonly string[], at: number): string {
  while (at < words.length && (FILLERS.test(words[at].toUpperCase()) || words[at] === '(')) at++;
  const word = words[at] ?? '';
  if (/^['(),;=*]/.test(word) || /^\d/.test(word) || /^SELECT$/i.test(word)) return '';
  return word
    .replaceAll(/[[\]`"]/g, '')
    .toLowerCase()
    .slice(0, LONGEST_OBJECT);
}

/** Statements that only keep a session: every client sends them. */
const HOUSEKEEPING: ReadonlySet<string> = new Set([
  'SET',
  'SHOW',
  'BEGIN',
  'START',
  'COMMIT',
  'ROLLBACK',
  'SAVEPOINT',
  'RELEASE',
  'USE',
  'DECLARE',
  'PRINT',
  'IF',
]);

/** Learns what a statement does, and tells when it changes the structure; what only keeps the session is nothing to learn. */
export function useStatement(facts: Facts, protocol: number, text: string): void {
  const statement = readStatement(text);
  if (!statement || HOUSEKEEPING.has(statement.verb) || (statement.verb === 'SELECT' && statement.object === '')) return;
  facts.use(Aspect.DatabaseOperation, facts.intern(statement.verb), facts.intern(statement.object));
  if (!DEFINITIONS.has(statement.verb.replace(/ .*/, '')) && statement.verb !== 'TRUNCATE') return;
  const what = statement.object === '' ? statement.verb : `${statement.verb} ${statement.object}`;
  facts.tell({ is: 'action', protocol, action: 'database.structure', phase: 'requested', text: what });
}
