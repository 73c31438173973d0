/** SMB as the specifications write it: no public capture holds what the attack marks need. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { host } from '@annunciator/testkit/host';
import { octets } from '@annunciator/testkit/octets';
import { pcap } from '@annunciator/testkit/pcap-writer';
import * as writer from '@annunciator/testkit/smb';
import { Timeline } from '@annunciator/testkit/timeline';
import { Aspect } from '../facts.ts';
import { readCapture } from '../testing/capture.ts';
import { mutations } from '../testing/mutate.ts';
import type { Recorder } from '../testing/recorder.ts';
import { replayFrames, request, response, talk } from '../testing/replay.ts';
import { smb } from './dissector.ts';
import { VIOLATIONS } from './names.ts';

const CLIENT = host('client', '10.1.1.10');
const SERVER = host('server', '10.1.1.20');

function seen(write: (session: writer.Session2) => void): Recorder {
  const timeline = new Timeline();
  const session = new writer.Session2(timeline, CLIENT, SERVER);
  write(session);
  return replayFrames(readCapture(pcap(timeline.packets)), [smb]);
}
const told = (recorder: Recorder): string[] =>
  recorder.facts.flatMap((fact) => {
    if (fact.is === 'login') return [`${fact.outcome} ${fact.user}`];
    if (fact.is === 'remote') return [`${fact.what} ${fact.name}${fact.image ? ` = ${fact.image}` : ''}`];
    return fact.is === 'transfer' ? [`${fact.direction} ${fact.name}${fact.content ? ` ${fact.content}` : ''}`] : [];
  });

test('a sign-in names its user, the challenge names the server', () => {
  const recorder = seen((session) => session.signIn('PLANT', 'eve'));
  assert.deepEqual(told(recorder), ['success PLANT\\eve']);
  assert.deepEqual(
    recorder.uses.map(({ aspect, a }) => [aspect === Aspect.SmbLogin, recorder.texts[a]]),
    [[true, 'PLANT\\eve']],
  );
  assert.deepEqual(
    recorder.of('identity').map(({ name, os }) => [name, os]),
    [
      ['SERVER-1', 'Windows 10.0 (build 17763)'],
      ['CLIENT-1', undefined],
    ],
  );
});

test('a refused sign-in is an attempt and a failure of its user', () => {
  assert.deepEqual(told(seen((session) => session.signIn('PLANT', 'eve', writer.Status.LogonFailure))), [
    'attempt PLANT\\eve',
    'failure PLANT\\eve',
  ]);
});

test('written files and read programs are told with the share they lie in', () => {
  const recorder = seen((session) => {
    session.connect('ADMIN$', 7).connect('public', 8);
    session.write(7, session.create(7, 'PSEXESVC.exe'), octets().text('MZ').u8(0x90, 0).zeros(60).take());
    const plan = session.create(8, 'docs\\plan.txt');
    session.write(8, plan, octets().text('Pumps').take()).write(8, plan, octets().text(' and valves').take(), 5);
    session.read(8, session.create(8, 'docs\\readme.txt'), octets().text('Read me').take());
    session.read(8, session.create(8, 'docs\\readme.pdf'), octets().u8(0x7f).text('ELF').zeros(4).take());
  });
  assert.deepEqual(told(recorder), ['write ADMIN$\\PSEXESVC.exe PE', 'write public\\docs\\plan.txt', 'read public\\docs\\readme.pdf ELF']);
});

test('services that are made and started through a pipe are told by name', () => {
  const timeline = new Timeline();
  writer.runService(timeline, CLIENT, SERVER, 'PSEXESVC', '%SystemRoot%\\PSEXESVC.exe');
  const recorder = replayFrames(readCapture(pcap(timeline.packets)), [smb]);
  assert.deepEqual(told(recorder).slice(1), [
    'pipe svcctl',
    'service-create PSEXESVC = %SystemRoot%\\PSEXESVC.exe',
    'service-start PSEXESVC',
  ]);
  assert.deepEqual(recorder.fields['dcerpc.opnum'], { 12: 2, 19: 2 });
  assert.deepEqual(recorder.violations(), []);
});

test('a call that is cut into two writes is read from its first piece, and nothing after it is lost', () => {
  const create = writer.rpc.request(12, writer.service.create('Updater', 'C:\\updater.exe'), 2);
  for (let cut = 24; cut < create.length; cut += 7) {
    const recorder = seen((session) => {
      session.connect('IPC$', 5);
      const pipe = session.create(5, 'svcctl');
      session.write(5, pipe, writer.rpc.bind(writer.SVCCTL)).read(5, pipe, writer.rpc.bindAck());
      session.write(5, pipe, create.subarray(0, cut)).write(5, pipe, create.subarray(cut));
      session.read(5, pipe, writer.rpc.response(writer.service.created('Updater'), 2));
      session.write(5, pipe, writer.rpc.request(19, writer.service.start('Updater'), 3));
    });
    assert.equal(recorder.fields['dcerpc.opnum'][12], 2, `cut at ${cut}`);
    assert.equal(recorder.fields['dcerpc.opnum'][19], 1, `cut at ${cut}`);
  }
});

test('scheduled tasks are told with the command they run', () => {
  const recorder = seen((session) => {
    session.connect('IPC$', 5);
    const pipe = session.create(5, 'atsvc');
    session.write(5, pipe, writer.rpc.bind(writer.TASKS)).read(5, pipe, writer.rpc.bindAck());
    session.write(5, pipe, writer.rpc.request(1, writer.registerTask('\\Backup', 'C:\\tools\\backup.cmd'), 2));
  });
  assert.deepEqual(told(recorder), ['pipe atsvc', 'task \\Backup = C:\\tools\\backup.cmd']);
});

const ask = (message: Uint8Array) => request(writer.framed(message));
const reply = (message: Uint8Array) => response(writer.framed(message));
const implant = (multiplex: number) =>
  reply(writer.message1(0x32, { answer: true, multiplex, status: writer.Status.NotImplemented }, octets().take()));
const ntTrans = (multiplex: number, total: number): Uint8Array => {
  const words = octets().u8(0).u16le(0).u32le(0).u32le(total).u32le(0).u32le(0).u32le(0).u32le(0).u32le(8).u32le(80).u8(0).u16le(0).take();
  return writer.message1(0xa0, { multiplex }, words, octets().zeros(16).take());
};
const secondary = (command: number, multiplex: number): Uint8Array => writer.message1(command, { multiplex }, octets().zeros(18).take());
const setup = (words: number, flags2: number, blob: number): Uint8Array =>
  writer.message1(
    0x73,
    { flags2 },
    octets()
      .u8(0xff, 0)
      .u16le(0)
      .zeros(10)
      .u16le(blob)
      .zeros(2 * words - 16)
      .take(),
    octets().zeros(40).take(),
  );

const marks: readonly [string, ReturnType<typeof ask>[], string[]][] = [
  ['DoublePulsar answers with another multiplex id', [ask(writer.transaction2(14, 65)), implant(81)], ['smb.implant-answer']],
  ['a server that knows no Trans2 Session Setup says so with the id that was asked', [ask(writer.transaction2(14, 65)), implant(65)], []],
  ['another Trans2 may be answered by an earlier id', [ask(writer.transaction2(5, 65)), implant(81)], []],
  ['an NT Trans that goes on with a Trans2 Secondary', [ask(ntTrans(64, 66_000)), ask(secondary(0x33, 64))], ['smb.transaction-sequence']],
  ['an NT Trans that goes on with its own secondary', [ask(ntTrans(64, 66_000)), ask(secondary(0xa1, 64))], []],
  ['a Trans2 that holds more than it says', [ask(writer.transaction2(5, 65, 12, 4))], ['smb.parameter-length']],
  ['a Trans2 whose parts fit', [ask(writer.transaction2(5, 65, 12, 12))], []],
  ['a session set-up of 12 words without extended security', [ask(setup(12, 0xc007, 8))], ['smb.parameter-length']],
  ['a session set-up of 12 words with it', [ask(setup(12, 0xc807, 8))], []],
  ['a blob longer than its message', [ask(setup(12, 0xc807, 4000))], ['smb.parameter-length']],
  ['a session set-up of 11 words', [ask(setup(11, 0xc807, 0))], ['smb.parameter-length']],
];
for (const [name, pieces, expected] of marks) test(`SMB 1: ${name}`, () => assert.deepEqual(talk(smb, pieces).violations(), expected));

test('damaged messages never throw and break the protocol by a known name', () => {
  const timeline = new Timeline();
  writer.runService(timeline, CLIENT, SERVER, 'PSEXESVC', 'C:\\PSEXESVC.exe');
  const frames = [...readCapture(pcap(timeline.packets))].filter(({ payload }) => payload.length > 0);
  const samples = [...frames.map(({ payload }) => payload), writer.framed(ntTrans(64, 66_000)), writer.framed(setup(13, 0xc807, 8))];
  const opening = frames.slice(0, 6).map(({ payload }, index) => ({ toServer: index % 2 === 0, bytes: payload }));
  for (const bytes of mutations(samples, 4_000, 445)) {
    for (const name of talk(smb, [...opening, request(bytes), response(bytes)]).violations())
      assert.ok(name in VIOLATIONS || name.startsWith('dcerpc.'), name);
  }
});
