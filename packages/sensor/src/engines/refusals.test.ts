/** Refused sign-ins and authentications that other engines count: SMB and DNP3. */
import { describe, it } from 'node:test';
import * as dnp3 from '@annunciator/testkit/dnp3';
import { octets } from '@annunciator/testkit/octets';
import { Connection } from '@annunciator/testkit/tcp';
import type { Timeline } from '@annunciator/testkit/timeline';
import { HMI, holdAgainst, PLC, type Row } from '../../tests/sense.ts';

const LOGON_FAILURE = 0xc000006d;

/** A message of SMB 2 (MS-SMB2, 2.2.1) with an empty body behind its NetBIOS length. */
function smb2(command: number, answer: boolean, status: number): Uint8Array {
  const header = octets().u8(0xfe).text('SMB').u16le(64).u16le(0).u32le(status).u16le(command).u16le(1);
  return octets()
    .u32(64)
    .bytes(
      header
        .u32le(answer ? 1 : 0)
        .u32le(0)
        .zeros(40)
        .take(),
    )
    .take();
}

const signIns =
  (count: number, status: number) =>
  (timeline: Timeline): void => {
    const connection = new Connection(timeline, HMI, PLC, 445);
    for (let i = 0; i < count; i++) {
      connection.request(smb2(1, false, 0)).response(smb2(1, true, status));
      timeline.wait(20_000);
    }
    connection.close();
  };

/** An authentication error (group 120 variation 7): sequence, user, association, error code, time, text. */
const authenticationError = (code: number): Uint8Array => {
  const data = octets().u32le(1).u16le(1).u16le(0).u8(code).zeros(6).text('denied').take();
  return octets().u8(120, 7, 0x5b, 1).u16le(data.length).bytes(data).take();
};

const ROWS: readonly Row[] = [
  {
    type: 'excessive-smb-login-attempts',
    see: signIns(10, LOGON_FAILURE),
    source: HMI,
    destination: PLC,
    message: /failed 10 times to sign in to 10\.1\.1\.20 by SMB/,
    innocent: (timeline) => {
      signIns(9, LOGON_FAILURE)(timeline);
      signIns(20, 0)(timeline);
    },
    settings: { focus: 'any', disabledEngines: ['PolicyViolation'] },
  },
  {
    type: 'master-slave-authentication-error',
    learn: (timeline) => dnp3.session(timeline, HMI, PLC).poll().close(),
    see: (timeline) =>
      dnp3.session(timeline, HMI, PLC).poll().exchange(dnp3.Function.Read, dnp3.classes(1), authenticationError(5)).close(),
    source: HMI,
    destination: PLC,
    message: /authentication failed with error 5/,
  },
];

describe('refused sign-ins', () => {
  for (const row of ROWS) it(row.type, () => holdAgainst(row));
});
