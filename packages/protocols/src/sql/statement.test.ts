import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readStatement } from './statement.ts';

const STATEMENTS: readonly (readonly [text: string, verb: string, object: string])[] = [
  ['SELECT * FROM orders WHERE id = 5', 'SELECT', 'orders'],
  ['  select a, b from "Public"."Orders" o join x on 1=1', 'SELECT', 'public.orders'],
  ['SELECT @@version', 'SELECT', ''],
  ["SELECT 'a FROM b' AS t FROM real_table", 'SELECT', 'real_table'],
  ['/* hint */ -- why\n SELECT 1 FROM [dbo].[Batch Log]', 'SELECT', 'dbo.batch log'],
  ['(SELECT a FROM t1) UNION (SELECT a FROM t2)', 'SELECT', 't1'],
  ['SELECT x FROM (SELECT y FROM inner_t) z', 'SELECT', ''],
  ['INSERT INTO `history`.`values` (a) VALUES (1)', 'INSERT', 'history.values'],
  ['INSERT IGNORE INTO t VALUES (1)', 'INSERT', 't'],
  ['UPDATE setpoints SET value = 7', 'UPDATE', 'setpoints'],
  ['DELETE FROM alarms', 'DELETE', 'alarms'],
  ['DELETE alarms WHERE 1=1', 'DELETE', 'alarms'],
  ['CREATE TABLE IF NOT EXISTS foo (id int)', 'CREATE TABLE', 'foo'],
  ['CREATE UNIQUE INDEX i ON t (a)', 'CREATE INDEX', 'i'],
  ['DROP DATABASE plant', 'DROP DATABASE', 'plant'],
  ['ALTER TABLE t ADD c int', 'ALTER TABLE', 't'],
  ['TRUNCATE TABLE t', 'TRUNCATE', 't'],
  ["EXEC xp_cmdshell 'whoami'", 'EXEC', 'xp_cmdshell'],
  ['CALL do_it(1)', 'CALL', 'do_it'],
  ['SHOW TABLES', 'SHOW', ''],
];
for (const [text, verb, object] of STATEMENTS)
  test(`reads ${text.slice(0, 40)}`, () => assert.deepEqual(readStatement(text), { verb, object }));

test('reads nothing from what begins with no word', () => {
  for (const text of ['', '   ', '123', '{"json": 1}', ';;;', "'x'"]) assert.equal(readStatement(text), undefined, text);
});

test('reads a long hostile text in no time', () => {
  const hostile = [
    "'".repeat(100_000),
    '['.repeat(100_000),
    '/*'.repeat(50_000),
    `SELECT ${'('.repeat(100_000)}`,
    `a${'"."'.repeat(30_000)}`,
  ];
  const start = process.cpuUsage().user;
  for (const text of hostile) readStatement(text);
  assert.ok(process.cpuUsage(process.cpuUsage()).user - start < 1e6);
});
