import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Confidence } from '../dissector.ts';
import { mutations } from '../testing/mutate.ts';
import { type Piece, request, response, talk } from '../testing/replay.ts';
import { fox } from './dissector.ts';
import { VIOLATIONS } from './names.ts';

const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const client = (text: string): Piece => request(bytesOf(text));
const server = (text: string): Piece => response(bytesOf(text));
const HELLO = 'fox a 1 -1 fox hello\n{\nfox.version=s:1.0\nhostName=s:desk-7\napp.name=s:Workbench\nos.name=s:Windows 10\n};;\n';
const STATION =
  'fox a 0 -1 fox hello\n{\napp.name=s:Station\napp.version=s:3.5.41.1\nos.name=s:QNX\nos.version=s:6.3.2\nstation.name=s:Legion\nhostId=s:Qnx-NPM6-0000-1490-C30C\nsysInfo=o:bog 3[<a>\n]\n};;\n';
const CHALLENGE = 'fox a 1 -1 fox challenge\n{\nmethod=s:digest-md5\nnonce=b:4[a};b]\n};;\n';
const LOGIN = 'fox a 2 1 fox login\n{\nresponse=b:4[abcd]\n};;\n';

test('both sides say who they are, and the station asks for a sign-in', () => {
  const recorder = talk(fox, [client(HELLO), server(STATION + CHALLENGE), client(LOGIN)]);
  assert.deepEqual(recorder.talk(), ['fox 1 request', 'fox 1 response', 'fox 2 notification', 'fox 3 request']);
  assert.deepEqual(recorder.actions(), ['identity.request requested']);
  assert.deepEqual(
    recorder.of('identity').map(({ name, model, firmware, os, type }) => [name, model, firmware, os, type]),
    [
      ['desk-7', undefined, undefined, 'Windows 10', undefined],
      ['Legion', 'NPM6', '3.5.41.1', 'QNX 6.3.2', 'HVAC'],
    ],
  );
  assert.deepEqual(
    recorder.of('login').map(({ outcome }) => outcome),
    ['attempt'],
  );
  assert.deepEqual(recorder.violations(), []);
});

test('messages cut in any place, and with the line ends of Windows, read the same', () => {
  const bytes = bytesOf(STATION + CHALLENGE.replaceAll('\n', '\r\n'));
  for (let cut = 1; cut < bytes.length; cut += 3) {
    const recorder = talk(fox, [response(bytes.subarray(0, cut)), response(bytes.subarray(cut))]);
    assert.deepEqual(recorder.talk(), ['fox 1 response', 'fox 2 notification'], `cut at ${cut}`);
  }
});

test('other channels are told apart, unknown commands are not lost', () => {
  const recorder = talk(fox, [client('fox s 9 -1 station open\n{\n};;\nfox s 10 -1 fox dance\n{\n};;\nfox s 11\n{\n};;\n')]);
  assert.deepEqual(
    recorder.messages.map(({ code }) => fox.operationName(0, code)),
    ['Channel station', 'Other session command', 'Other channel'],
  );
  assert.deepEqual(recorder.violations(), ['fox.first-line']);
});

test('the first line is certain on any port', () => {
  for (const [text, expected] of [
    [HELLO, Confidence.Certain],
    ['fox a', Confidence.More],
    ['fox jumps over', Confidence.No],
    ['GET / HTTP/1.1', Confidence.No],
  ] as const)
    assert.equal(fox.identify?.(bytesOf(text), 0, text.length, true), expected, text);
});

test('damaged messages never throw and break the protocol by a known name', () => {
  for (const bytes of mutations([HELLO, STATION, CHALLENGE].map(bytesOf), 5_000, 1911))
    for (const name of talk(fox, [request(bytes), response(bytes)]).violations()) assert.ok(name in VIOLATIONS, name);
});
