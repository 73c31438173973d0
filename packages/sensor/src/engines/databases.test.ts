/** Alerts about databases, the same for each of them. */
import { describe, it } from 'node:test';
import * as databases from '@annunciator/testkit/databases';
import type { Timeline } from '@annunciator/testkit/timeline';
import { HMI, holdAgainst, PLC, type Row, STATION } from '../../tests/sense.ts';

const settings = { focus: 'any', disabledTypes: ['new-asset-detected', 'new-port-discovery'] } as const;

function rows(database: databases.Database): Row[] {
  const asks =
    (...statements: readonly string[]) =>
    (timeline: Timeline): void => {
      const session = databases.session(timeline, HMI, PLC, database).signIn('historian');
      for (const statement of statements) session.query(statement);
      session.close();
    };
  const refused =
    (...seconds: readonly number[]) =>
    (timeline: Timeline): void => {
      for (const pause of seconds)
        databases
          .session(timeline.wait(1000 * pause), HMI, PLC, database)
          .signIn('historian', false)
          .close();
    };
  const usual = asks('SELECT value FROM history', 'INSERT INTO history VALUES (1)');
  return [
    {
      type: 'unauthorized-database-login',
      learn: usual,
      see: (timeline) => databases.session(timeline, HMI, PLC, database).signIn('sa').close(),
      source: HMI,
      destination: PLC,
      message: /signed in to the database of .*, new for this pair: user sa/,
      innocent: (timeline) => databases.session(timeline, HMI, PLC, database).signIn('sa', false).close(),
    },
    {
      type: 'unauthorized-database-operation',
      learn: usual,
      see: asks('DROP TABLE history'),
      source: HMI,
      destination: PLC,
      message: /operation DROP TABLE, object history/,
      innocent: asks('SELECT min(value) FROM history WHERE time > 7', 'SET NAMES utf8', 'BEGIN', 'COMMIT'),
    },
    {
      type: 'database-login-failed',
      learn: usual,
      see: refused(0, 200),
      source: HMI,
      destination: PLC,
      message: /refused 2 sign-ins of .* to its database within 5 minutes, the last as historian/,
      innocent: (timeline) => {
        // One slip of each of two people, and another one ten minutes later.
        refused(0, 310)(timeline);
        databases.session(timeline, STATION, PLC, database).signIn('operator', false).close();
      },
    },
  ];
}

for (const database of ['mysql', 'postgresql', 'tds'] as const)
  describe(database, () => {
    for (const row of rows(database))
      it(`raises ${row.type}`, () => holdAgainst({ ...row, settings: { ...settings, enabledTypes: [row.type] } }));
  });
