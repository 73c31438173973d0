/** MySQL, PostgreSQL and SQL Server tell the same things. Only MySQL has public captures here; the others are written from their specifications. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as written from '@annunciator/testkit/databases';
import { Confidence, type Dissector } from '../dissector.ts';
import { Aspect } from '../facts.ts';
import { mysql } from '../mysql/dissector.ts';
import { VIOLATIONS as MYSQL } from '../mysql/names.ts';
import { postgresql } from '../postgresql/dissector.ts';
import { VIOLATIONS as POSTGRESQL } from '../postgresql/names.ts';
import { tds } from '../tds/dissector.ts';
import { VIOLATIONS as TDS } from '../tds/names.ts';
import { mutations } from '../testing/mutate.ts';
import { hex, type Piece, request, response, talk } from '../testing/replay.ts';

interface Side {
  readonly dissector: Dissector;
  readonly opening: readonly Piece[];
  readonly login: Piece;
  readonly accepted: Piece;
  readonly refused: Piece;
  readonly failure: string;
  readonly ask: (statement: string) => Piece;
  readonly violations: object;
}

const SIDES: readonly Side[] = [
  {
    dissector: mysql,
    opening: [response(written.mysql.greeting())],
    login: request(written.mysql.login('eve')),
    accepted: response(written.mysql.ok(2)),
    refused: response(written.mysql.error(2, 1045, 'Access denied')),
    failure: 'mysql.error 257 code 1045',
    ask: (statement) => request(written.mysql.command(3, statement)),
    violations: MYSQL,
  },
  {
    dissector: postgresql,
    opening: [],
    login: request(written.postgresql.startup('eve')),
    accepted: response(written.postgresql.authenticated()),
    refused: response(written.postgresql.error('28P01', 'no')),
    failure: `postgresql.error 0 code ${Number.parseInt('28P01', 36)}`,
    ask: (statement) => request(written.postgresql.query(statement)),
    violations: POSTGRESQL,
  },
  {
    dissector: tds,
    opening: [request(written.tds.preLogin())],
    login: request(written.tds.login('eve')),
    accepted: response(written.tds.accepted()),
    refused: response(written.tds.error(18_456, 'Login failed')),
    failure: 'tds.error 16 code 18456',
    ask: (statement) => request(written.tds.batch(statement)),
    violations: TDS,
  },
];

for (const { dissector, opening, login, accepted, refused, failure, ask, violations } of SIDES) {
  const { name } = dissector.protocol;
  const logins = (...pieces: Piece[]): string[] =>
    talk(dissector, [...opening, ...pieces])
      .of('login')
      .map(({ outcome, user }) => `${outcome} ${user}`);

  test(`${name}: a sign-in is an attempt and what came of it`, () => {
    assert.deepEqual(logins(login, accepted), ['attempt eve', 'success eve']);
    assert.deepEqual(logins(login, refused), ['attempt eve', 'failure eve']);
    assert.deepEqual(talk(dissector, [...opening, login, refused]).failures(), [failure]);
  });

  test(`${name}: what statements touch is learned, what keeps a session is not`, () => {
    const recorder = talk(dissector, [
      ...opening,
      login,
      accepted,
      ask('SELECT a FROM Orders'),
      ask('DROP TABLE orders'),
      ask('SET NAMES utf8'),
    ]);
    assert.deepEqual(
      recorder.uses.map(({ aspect, a, b }) =>
        aspect === Aspect.DatabaseLogin ? [recorder.texts[a]] : [recorder.texts[a], recorder.texts[b]],
      ),
      [['eve'], ['SELECT', 'orders'], ['DROP TABLE', 'orders']],
    );
    assert.deepEqual(recorder.violations(), []);
    assert.deepEqual(recorder.skipped, {});
  });

  test(`${name}: messages cut in any place read the same`, () => {
    const whole = Uint8Array.from([...login.bytes, ...ask('SELECT a FROM orders').bytes]);
    for (let cut = 1; cut < whole.length; cut++) {
      const pieces = [...opening, { ...login, bytes: whole.subarray(0, cut) }, { ...login, bytes: whole.subarray(cut) }];
      const recorder = talk(dissector, pieces);
      assert.equal(recorder.of('login').length, 1, `cut at ${cut}`);
      // MySQL's commands begin once the server has let the user in.
      if (dissector !== mysql) assert.equal(recorder.uses.length, 1, `cut at ${cut}`);
    }
  });

  test(`${name}: damaged messages never throw and break the protocol by a known name`, () => {
    const samples = [...opening, login, accepted, refused, ask('SELECT a FROM b')].map(({ bytes }) => bytes);
    for (const bytes of mutations(samples, 3_000, 3306))
      for (const one of talk(dissector, [...opening, request(bytes), response(bytes), request(bytes)]).violations())
        assert.ok(one in violations, one);
  });
}

test('first messages are certain on any port, commands only on their own', () => {
  const identified: readonly [Dissector, Uint8Array, Confidence][] = [
    [mysql, written.mysql.greeting(), Confidence.Certain],
    [mysql, written.mysql.greeting('5.5.5-10.6.1-MariaDB'), Confidence.Certain],
    [mysql, written.mysql.command(3, 'SELECT 1'), Confidence.Possible],
    [postgresql, written.postgresql.startup('eve'), Confidence.Certain],
    [postgresql, hex('00000008 04d2162f'), Confidence.Certain],
    [postgresql, written.postgresql.query('SELECT 1'), Confidence.Possible],
    [tds, written.tds.preLogin(), Confidence.Certain],
    [tds, written.tds.batch('SELECT 1'), Confidence.Possible],
    [mysql, written.tds.preLogin(), Confidence.No],
    [tds, written.postgresql.startup('eve'), Confidence.No],
    [postgresql, written.mysql.greeting(), Confidence.No],
  ];
  for (const [dissector, bytes, expected] of identified)
    assert.equal(
      dissector.identify?.(bytes, 0, bytes.length, true),
      expected,
      `${dissector.protocol.id} ${Buffer.from(bytes).toString('hex').slice(0, 40)}`,
    );
});

test('PostgreSQL: TLS that is asked for and granted is read as TLS; refused, the session goes on in clear', () => {
  const hello = hex(`16 0301 0031 01 00002d 0303 ${'11'.repeat(32)} 00 0002 1301 01 00 0002 0000`);
  const granted = talk(postgresql, [request('00000008 04d2162f'), response('53'), request(hello)]);
  assert.deepEqual(granted.messages.at(-1)?.protocol, 'tls');
  const refused = talk(postgresql, [request('00000008 04d2162f'), response('4e'), SIDES[1].login]);
  assert.equal(refused.of('login')[0]?.user, 'eve');
});
