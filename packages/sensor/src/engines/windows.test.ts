/** Windows machines used from afar. The traffic is written from the specifications: no public capture of the project holds it. */
import { describe, it } from 'node:test';
import { octets } from '@annunciator/testkit/octets';
import * as smb from '@annunciator/testkit/smb';
import type { Timeline } from '@annunciator/testkit/timeline';
import { HMI, holdAgainst, PLC, type Row, STATION } from '../../tests/sense.ts';

const PROGRAM = octets().text('MZ').u8(0x90, 0).zeros(60).take();
/** The focus of OT is not the matter here. */
const settings = { focus: 'any', disabledTypes: ['new-asset-detected', 'new-port-discovery'] } as const;
const RPC = 'new-activity-detected-unauthorized-rpc-message-type';
const SERVICES = 'suspicion-of-remote-windows-service-management';

const copies =
  (share: string, name: string) =>
  (timeline: Timeline): void => {
    const session = new smb.Session2(timeline, HMI, PLC).signIn('PLANT', 'admin').connect(share, 7);
    session.write(7, session.create(7, name), PROGRAM).close();
  };
const runs =
  (name: string, image: string) =>
  (timeline: Timeline): void =>
    smb.runService(timeline, HMI, PLC, name, image).close();
const says =
  (...pieces: readonly (readonly [toServer: boolean, message: Uint8Array])[]) =>
  (timeline: Timeline): void => {
    const { connection } = new smb.Session2(timeline, HMI, PLC).signIn('PLANT', 'admin');
    for (const [toServer, message] of pieces)
      if (toServer) connection.request(smb.framed(message));
      else connection.response(smb.framed(message));
  };
const implantAnswers = (multiplex: number): Uint8Array =>
  smb.message1(0x32, { answer: true, multiplex, status: smb.Status.NotImplemented }, new Uint8Array(0));
const ntTrans = smb.message1(
  0xa0,
  { multiplex: 64 },
  octets().u8(0).u16le(0).u32le(0).u32le(66_000).u32le(0).u32le(0).u32le(0).u32le(0).u32le(8).u32le(80).u8(0).u16le(0).take(),
  octets().zeros(16).take(),
);
const secondary = (command: number): Uint8Array => smb.message1(command, { multiplex: 64 }, octets().zeros(18).take());

const ROWS: readonly Row[] = [
  {
    type: 'unauthorized-smb-login',
    learn: copies('public', 'plan.txt'),
    see: (timeline) => new smb.Session2(timeline, HMI, PLC).signIn('PLANT', 'eve').close(),
    source: HMI,
    destination: PLC,
    message: /signed in by SMB to .*, new for this pair: user PLANT\\eve/,
    // A sign-in that the server refuses is none.
    innocent: (timeline) => new smb.Session2(timeline, HMI, PLC).signIn('PLANT', 'eve', smb.Status.LogonFailure).close(),
  },
  {
    type: 'unauthorized-windows-service',
    learn: runs('Updater', 'C:\\updater.exe'),
    see: runs('Helper', 'C:\\updater.exe'),
    source: HMI,
    destination: PLC,
    message: /created the service Helper \(C:\\updater\.exe\) on .*, where it was not known/,
    holds: smb.wide('Helper'),
  },
  {
    type: 'unauthorized-windows-process',
    learn: runs('Updater', 'C:\\updater.exe'),
    see: runs('Updater', 'C:\\Temp\\x.exe'),
    source: HMI,
    destination: PLC,
    message: /C:\\Temp\\x\.exe/,
    holds: smb.wide('C:\\Temp\\x.exe'),
  },
  {
    type: 'suspicion-of-remote-code-execution-with-psexec',
    by: 'the file',
    learn: copies('ADMIN$', 'notes.txt'),
    see: copies('ADMIN$', 'PSEXESVC.exe'),
    source: HMI,
    destination: PLC,
    message: /wrote ADMIN\$\\PSEXESVC\.exe on .*, as PsExec does/,
    // The program itself, kept in an ordinary share.
    innocent: copies('tools', 'PSEXESVC.exe'),
  },
  {
    type: 'suspicion-of-remote-code-execution-with-psexec',
    by: 'the service',
    learn: runs('Updater', 'C:\\updater.exe'),
    see: runs('PSEXESVC', '%SystemRoot%\\PSEXESVC.exe'),
    also: ['unauthorized-windows-service', 'unauthorized-windows-process'],
    source: HMI,
    destination: PLC,
    message: /created the service PSEXESVC/,
    holds: smb.wide('PSEXESVC'),
  },
  {
    type: 'suspicion-of-notpetya-malware-illegal-smb-transaction-detected',
    by: 'the file',
    learn: copies('ADMIN$', 'notes.txt'),
    see: copies('ADMIN$', 'perfc.dat'),
    source: HMI,
    destination: PLC,
    message: /wrote ADMIN\$\\perfc\.dat on .*, as NotPetya does/,
    innocent: copies('public', 'perfc.dat'),
  },
  {
    type: 'suspicion-of-notpetya-malware-illegal-smb-transaction-detected',
    by: 'the transaction',
    learn: says(),
    see: says([true, ntTrans], [true, secondary(0x33)]),
    source: HMI,
    destination: PLC,
    message: /The NT Trans with multiplex id 64 goes on with a Trans2 Secondary/,
    innocent: says([true, ntTrans], [true, secondary(0xa1)]),
  },
  {
    type: 'suspicion-of-notpetya-malware-illegal-smb-parameters-detected',
    learn: says(),
    see: says([true, smb.transaction2(5, 65, 12, 4)]),
    source: HMI,
    destination: PLC,
    message: /holds 12 and 0 bytes where it says 4 and 0 in all/,
    innocent: says([true, smb.transaction2(5, 65, 12, 12)]),
  },
  {
    type: 'invalid-smb-message-doublepulsar-backdoor-implant',
    learn: says(),
    see: says([true, smb.transaction2(14, 65)], [false, implantAnswers(81)]),
    source: PLC,
    destination: HMI,
    message: /A Trans2 Session Setup with multiplex id 65 was answered with 81/,
    innocent: says([true, smb.transaction2(14, 65)], [false, implantAnswers(65)]),
  },
  {
    type: SERVICES,
    by: 'through a pipe',
    learn: copies('public', 'plan.txt'),
    see: runs('Updater', 'C:\\updater.exe'),
    also: [RPC, 'unauthorized-windows-service', 'unauthorized-windows-process'],
    source: HMI,
    destination: PLC,
    message: /CreateService|StartService/,
    innocent: (timeline) => new smb.Session2(timeline, STATION, PLC).signIn('PLANT', 'admin').close(),
  },
];

describe('Windows machines used from afar', () => {
  for (const row of ROWS)
    it(`raises ${row.type}${row.by ? ` (${row.by})` : ''}`, () =>
      holdAgainst({ ...row, settings: { ...settings, enabledTypes: [row.type] } }));
});
