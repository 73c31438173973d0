import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { Confidence } from '../dissector.ts';
import { hex, request, response, talk } from '../testing/replay.ts';
import { ssh } from './dissector.ts';

const line = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const packet = (code: string): string => `0000000c 04 ${code} 000000000000 00000000`;

test('banners and the key exchange are read, what follows is passed over', () => {
  const recorder = talk(ssh, [
    response(line('SSH-2.0-OpenSSH_9.6 Ubuntu-3\r\n')),
    request(line('SSH-2.0-PuTTY\r\n')),
    request(packet('14') + packet('15')),
    request('ffffffff ffffffff ffff'),
    response(packet('14') + packet('15')),
  ]);
  assert.deepEqual(recorder.talk(), [
    'ssh 0 response',
    'ssh 0 request',
    'ssh 20 request',
    'ssh 21 request',
    'ssh 20 response',
    'ssh 21 response',
  ]);
  assert.deepEqual(recorder.fields, { 'ssh.message_code': { 20: 2, 21: 2 } });
  assert.deepEqual(
    recorder.of('login').map(({ outcome }) => outcome),
    ['attempt'],
  );
  assert.deepEqual(
    recorder.of('identity').map(({ os }) => os),
    ['Ubuntu'],
  );
  assert.deepEqual(recorder.skipped, {});
});

test('a server may send lines before its banner, a client may not', () => {
  assert.deepEqual(talk(ssh, [response(line('hello\r\nSSH-2.0-x\r\n'))]).talk(), ['ssh 0 response']);
  assert.deepEqual(talk(ssh, [request(line('hello\r\nSSH-2.0-x\r\n'))]).talk(), []);
});

test('only the banner tells SSH', () => {
  const cases: readonly [Uint8Array, Confidence][] = [
    [line('SSH-2.0-x\r\n'), Confidence.Certain],
    [line('SSH-1.99-x'), Confidence.Certain],
    [line('SS'), Confidence.More],
    [line('SSH-9.0-x'), Confidence.No],
    [line('SSTP'), Confidence.No],
    [hex('0300 0016'), Confidence.No],
  ];
  for (const [bytes, expected] of cases) assert.equal(ssh.identify?.(bytes, 0, bytes.length, true), expected);
});

test('an offer of algorithms is a fingerprint of its side: MD5 of the lists that concern it', () => {
  const lists = ['kex', 'host-key', 'cipher-out', 'cipher-in', 'mac-out', 'mac-in', 'none', 'zlib', '', ''];
  const body = lists.map((list) => list.length.toString(16).padStart(8, '0') + Buffer.from(list).toString('hex')).join('');
  const payload = `14 ${'cc'.repeat(16)} ${body} 00 00000000`.replaceAll(' ', '');
  const offer = `${(payload.length / 2 + 5).toString(16).padStart(8, '0')} 04 ${payload} 00000000`;
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
  const recorder = talk(ssh, [
    request(line('SSH-2.0-PuTTY\r\n')),
    response(line('SSH-2.0-OpenSSH_9.6\r\n')),
    request(offer.slice(0, 60)),
    request(offer.slice(60)),
    response(offer),
  ]);
  assert.deepEqual(
    recorder.of('fingerprint').map(({ kind, value, about }) => [kind, value, about]),
    [
      ['hassh', md5('kex;cipher-out;mac-out;none'), 'PuTTY'],
      ['hassh-server', md5('kex;cipher-in;mac-in;zlib'), 'OpenSSH_9.6'],
    ],
  );
  assert.deepEqual(recorder.skipped, {});
});
