import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Confidence } from '../dissector.ts';
import { type Piece, talk } from '../testing/replay.ts';
import { ftp } from './dissector.ts';

const client = (text: string): Piece => ({ toServer: true, bytes: Uint8Array.from(Buffer.from(text, 'latin1')) });
const server = (text: string): Piece => ({ toServer: false, bytes: Uint8Array.from(Buffer.from(text, 'latin1')) });
const logins = (...pieces: Piece[]): string[] =>
  talk(ftp, pieces)
    .of('login')
    .map(({ outcome, user }) => `${outcome} ${user}`);

test('a sign-in is an attempt and what came of it', () => {
  const start = [server('220 ready\r\n'), client('USER bob\r\n'), server('331 password\r\n'), client('PASS secret\r\n')];
  assert.deepEqual(logins(...start, server('530 no\r\n')), ['attempt bob', 'failure bob']);
  assert.deepEqual(logins(...start, server('230 hello\r\n')), ['attempt bob', 'success bob']);
  assert.deepEqual(logins(client('USER bob\r\n'), server('530 not you\r\n')), ['failure bob']);
  assert.ok(!JSON.stringify(talk(ftp, start).facts).includes('secret'));
});

test('a reply of several lines counts once', () => {
  const recorder = talk(ftp, [client('FEAT\r\n'), server('211-Features\r\n EPRT\r\n230 not a reply\r\n'), server('211 End\r\n')]);
  assert.deepEqual(recorder.fields, { 'ftp.request.command': { FEAT: 1 }, 'ftp.response.code': { 211: 1 } });
});

test('files that move are told', () => {
  const recorder = talk(ftp, [client('RETR plan.bin\r\nSTOR fw.bin\r\nLIST\r\n')]);
  assert.deepEqual(
    recorder.of('transfer').map(({ direction, name }) => `${direction} ${name}`),
    ['read plan.bin', 'write fw.bin'],
  );
});

test('after AUTH was accepted nothing is read', () => {
  const recorder = talk(ftp, [client('AUTH TLS\r\n'), server('234 go\r\n'), client('USER x\r\n')]);
  assert.deepEqual(recorder.fields['ftp.request.command'], { AUTH: 1 });
});

test('a very long command line is told', () => {
  const recorder = talk(ftp, [client(`CWD ${'a'.repeat(40_000)}`), client('\r\n')]);
  assert.deepEqual(
    recorder.of('length').map(({ bytes }) => bytes),
    [40_004],
  );
});

test('mail greetings are no FTP, greetings that say FTP are', () => {
  const cases: readonly [string, Confidence][] = [
    ['220 ProFTPD FTP Server\r\n', Confidence.Certain],
    ['220 ready\r\n', Confidence.Possible],
    ['220 mail ESMTP\r\n', Confidence.No],
    ['USER bob\r\n', Confidence.Possible],
    ['EHLO x\r\n', Confidence.No],
    ['GET / HTTP/1.1\r\n', Confidence.No],
  ];
  for (const [text, expected] of cases) assert.equal(ftp.identify?.(Buffer.from(text), 0, text.length, true), expected, text);
});
