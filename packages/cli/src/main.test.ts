import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { host } from '@annunciator/testkit/host';
import * as modbus from '@annunciator/testkit/modbus';
import { pcap } from '@annunciator/testkit/pcap-writer';
import { Timeline } from '@annunciator/testkit/timeline';
import { explain } from './failure.ts';
import { annunciator, COMMAND } from './run-command.ts';

const BIN = resolve(import.meta.dirname, '../bin/annunciator.mjs');

let folder = '';
const file = (name: string): string => join(folder, name);

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'annunciator-cli-'));
  const timeline = new Timeline();
  modbus.session(timeline, host('hmi', '10.0.0.9'), host('plc', '10.0.0.5')).readHoldingRegisters(0, 4);
  await writeFile(file('good.pcap'), pcap(timeline.packets));
  await writeFile(file('empty.pcap'), '');
  await writeFile(file('notes.txt'), 'This is a letter and not a capture.\n');
  await mkdir(file('folder'));
});

after(() => rm(folder, { recursive: true, force: true }));

describe('FILEs that cannot be read', { concurrency: 2 }, () => {
  for (const [name, sentence] of [
    ['absent.pcap', /absent\.pcap does not exist/],
    ['folder', /folder is a directory/],
    ['empty.pcap', /empty\.pcap is empty/],
    ['notes.txt', /notes\.txt is no pcap or pcapng capture/],
  ] as const) {
    test(`${name} alone gives 3, one sentence and no output`, async () => {
      const { code, stdout, stderr } = await annunciator(['analyze', file(name), '--format', 'json']);
      assert.equal(code, 3);
      assert.equal(stdout, '');
      assert.match(stderr, sentence);
      assert.equal(stderr.trimEnd().split('\n').length, 1);
    });

    test(`${name} beside a capture gives 3 and the rest is read`, async () => {
      const { code, stdout, stderr } = await annunciator(['analyze', file(name), file('good.pcap'), '--format', 'json']);
      assert.equal(code, 3);
      assert.deepEqual(JSON.parse(stdout).capture.files, [file('good.pcap')]);
      assert.match(stderr, sentence);
    });
  }

  test('a --learn capture that cannot be read gives 3', async () => {
    const { code, stderr } = await annunciator(['analyze', '--learn', file('absent.pcap'), file('good.pcap')]);
    assert.equal(code, 3);
    assert.match(stderr, /absent\.pcap does not exist/);
  });
});

describe('command lines that cannot be understood', { concurrency: 2 }, () => {
  for (const [args, sentence] of [
    [['analyze'], /missing required argument 'file'/],
    [['analyze', '--learn', 'only.pcap'], /missing required argument 'file'/],
    [['analyze', 'x.pcap', '--format', 'xml'], /Allowed choices are text, json, csv, eve, ocsf/],
    [['analyze', 'x.pcap', '--focus', 'it'], /Allowed choices are ot, any/],
    [['analyze', 'x.pcap', '--learn-until', '150%'], /share of the packets such as 50%/],
    [['analyze', 'x.pcap', '--learn-until', 'noon'], /share of the packets such as 50%/],
    [['analyze', 'x.pcap', '--bogus'], /unknown option '--bogus'/],
    [['analyze', 'x.pcap', '--out'], /argument missing/],
    [['analyze', 'x.pcap', '--threats', '/absent.json'], /threat list .*cannot be read/],
    [['bogus'], /unknown command 'bogus'/],
  ] as const)
    test(`annunciator ${args.join(' ')} gives 2 and says why`, async () => {
      const { code, stdout, stderr } = await annunciator(args);
      assert.equal(code, 2);
      assert.equal(stdout, '');
      assert.match(stderr, /^annunciator: /);
      assert.match(stderr, sentence);
      assert.doesNotMatch(stderr, /\n {4}at /);
    });
});

describe('the command', { concurrency: 2 }, () => {
  test('prints its version and its help', async () => {
    const version = await annunciator(['version']);
    assert.equal(version.code, 0);
    assert.match(version.stdout, /^annunciator \d+\.\d+\.\d+ \(Node v\d+/);
    const help = await annunciator(['--help']);
    assert.equal(help.code, 0);
    assert.match(help.stdout, /analyze .*\n[^]*Examples:/);
    const analyze = await annunciator(['analyze', '--help']);
    assert.match(analyze.stdout, /--learn-until <point>[^]*Exit code: 0/);
  });

  test('ends quietly when nobody reads on', async () => {
    const child = spawn(process.execPath, [...COMMAND.slice(1), 'analyze', file('good.pcap')], { stdio: 'pipe' });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const [code] = await once(child, 'close');
    assert.equal(stderr, '');
    assert.equal(code, 0);
  });

  test('keeps progress to itself where no person looks', async () => {
    const { stderr } = await annunciator(['analyze', file('good.pcap')]);
    assert.equal(stderr, '');
  });

  test('passes output and exit code through its launcher', async () => {
    const good = await annunciator(['analyze', file('good.pcap')], [BIN]);
    assert.equal(good.code, 0);
    assert.match(good.stdout, /^1 capture:/);
    assert.equal((await annunciator(['analyze', file('folder')], [BIN])).code, 3);
  });

  test('refuses to write where it may not, in one sentence', async () => {
    const { code, stderr } = await annunciator(['analyze', file('good.pcap'), '--out', join(file('notes.txt'), 'below')]);
    assert.equal(code, 1);
    assert.match(stderr, /^annunciator: .*below is below a file .*\(ENOTDIR\)\.\n$/);
  });

  test('examines the machine', async () => {
    const good = await annunciator(['doctor', '--data', file('data')]);
    assert.equal(good.code, 0);
    assert.match(good.stdout, /^good +data +.*data can be made\.$/m);
    const bad = await annunciator(['doctor', '--data', join(file('notes.txt'), 'data')]);
    assert.equal(bad.code, 1);
    assert.match(bad.stdout, /^missing +data +.*notes\.txt is a file/m);
  });
});

describe('explanations', () => {
  for (const [error, sentence, exitCode] of [
    [new TypeError('x is undefined'), /^this is a fault in Annunciator \(TypeError\): x is undefined\./, 1],
    [Object.assign(new Error('Give a file.'), { code: 'USAGE' }), /^Give a file\.$/, 2],
    [
      Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: 'open', path: '/x' }),
      /^\/x cannot be written because the disk is full.*\(ENOSPC\)\.$/,
      1,
    ],
    [new Error('Give either this or that.'), /^Give either this or that\.$/, 1],
    ['thrown text', /thrown text/, 1],
  ] as const)
    test(`${String(error)} is told with exit code ${exitCode}`, () => {
      const told = explain(error);
      assert.match(told.sentence, sentence);
      assert.equal(told.exitCode, exitCode);
    });
});
