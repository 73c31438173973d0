import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Confidence } from '../dissector.ts';
import { mutations } from '../testing/mutate.ts';
import { request, response, talk } from '../testing/replay.ts';
import { atg } from './dissector.ts';
import { codeOf } from './names.ts';

const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const ask = (text: string) => request(bytesOf(text));

test('commands are counted by their letter and digits, answers with what was asked', () => {
  const recorder = talk(atg, [
    ask('\x01I20100\r\n'),
    response(bytesOf('\x01\r\nI20100\r\n08/19/22 20:52\r\n')),
    ask('\xff\xf4\x01i10100\r\n'),
  ]);
  assert.deepEqual(
    recorder.messages.map(({ code }) => atg.operationName(0, code)),
    ['In-tank Inventory Report (I201)', 'In-tank Inventory Report (I201)', 'System Status Report (I101)'],
  );
});

test('commands that set are acts', () => {
  assert.deepEqual(talk(atg, [ask('\x01S60201REGULAR\r\n'), ask('\x01S50100\r\n'), ask('\x01I90200\r\n')]).actions(), [
    'configuration.write requested',
    'time.set requested',
    'identity.request requested',
  ]);
  assert.equal(atg.operationName(0, codeOf('S602')), 'Set Tank Label (S602)');
});

test('a command is certain on any port', () => {
  for (const [text, expected] of [
    ['\x01I20100\r\n', Confidence.Certain],
    ['\x01I20', Confidence.More],
    ['\x01X20100\r\n', Confidence.No],
    ['I20100\r\n', Confidence.No],
  ] as const)
    assert.equal(atg.identify?.(bytesOf(text), 0, text.length, true), expected, JSON.stringify(text));
});

test('commands cut in any place read the same, damaged ones never throw', () => {
  const whole = bytesOf('\x01I20100\r\n\x01S60201X\r\n');
  for (let cut = 1; cut < whole.length; cut++)
    assert.equal(talk(atg, [request(whole.subarray(0, cut)), request(whole.subarray(cut))]).messages.length, 2, `cut at ${cut}`);
  for (const bytes of mutations([whole], 2_000, 10_001)) assert.deepEqual(talk(atg, [request(bytes), response(bytes)]).violations(), []);
});
