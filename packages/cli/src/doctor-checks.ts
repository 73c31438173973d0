/** What `annunciator doctor` looks at. */
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { silentSinceSchema, silentText } from '@annunciator/server/sites/health-view';
import { z } from 'zod';
import { defaultData } from './up/commands.ts';

export interface Finding {
  /** `missing` is what nothing works without; `limited` takes one ability away. */
  readonly state: 'good' | 'limited' | 'missing';
  readonly subject: string;
  readonly sentence: string;
}

/** Bit of CAP_NET_RAW in the masks of /proc/self/status (capabilities(7)). */
const CAP_NET_RAW = 1n << 13n;

export async function examine(data: string | undefined): Promise<Finding[]> {
  const directory = resolve(data ?? defaultData());
  const tcpdump = await find('tcpdump');
  const right = await mayCapture();
  return [
    nodeVersion(),
    await sqlite(),
    await dataDirectory(directory),
    await ringFinding(right),
    tcpdumpFinding(tcpdump),
    await captureRight(right, tcpdump),
    ...(await runningSystem(directory)),
  ];
}

/** A Node that is too old does not come this far: the launcher refuses it. */
function nodeVersion(): Finding {
  return { state: 'good', subject: 'node', sentence: `${process.version} runs Annunciator.` };
}

async function sqlite(): Promise<Finding> {
  try {
    const { DatabaseSync } = await import('node:sqlite');
    const database = new DatabaseSync(':memory:');
    const row = database.prepare('SELECT sqlite_version() AS version').get();
    database.close();
    return { state: 'good', subject: 'store', sentence: `SQLite ${String(row?.['version'])} opens.` };
  } catch (error) {
    return {
      state: 'missing',
      subject: 'store',
      sentence: `SQLite does not open: ${error instanceof Error ? error.message : String(error)}.`,
    };
  }
}

/** Writable as it is, or its nearest parent that exists is, so that it can be made. */
async function dataDirectory(directory: string): Promise<Finding> {
  const subject = 'data';
  let existing = directory;
  for (;;) {
    const found = await stat(existing).catch(() => undefined);
    if (found && !found.isDirectory())
      return { state: 'missing', subject, sentence: `${existing} is a file where the data directory should be; name another with --data.` };
    if (found || existing === dirname(existing)) break;
    existing = dirname(existing);
  }
  try {
    await access(existing, constants.W_OK | constants.X_OK);
  } catch {
    return { state: 'missing', subject, sentence: `${existing} may not be written by you; name another directory with --data.` };
  }
  return { state: 'good', subject, sentence: existing === directory ? `${directory} can be written.` : `${directory} can be made.` };
}

function tcpdumpFinding(path: string | undefined): Finding {
  return path
    ? { state: 'good', subject: 'tcpdump', sentence: `${path} is there for live capture.` }
    : {
        state: 'limited',
        subject: 'tcpdump',
        sentence: 'tcpdump is not installed; captures can be analysed, interfaces not watched (apt-get install tcpdump).',
      };
}

/** Whether this process may open packet sockets; null where that is not known. */
async function mayCapture(): Promise<boolean | null> {
  if (process.platform !== 'linux') return null;
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
  const mask = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  return mask !== undefined && (BigInt(`0x${mask}`) & CAP_NET_RAW) !== 0n;
}

async function ringFinding(right: boolean | null): Promise<Finding> {
  const subject = 'ring';
  const { loadLibc } = await import('@annunciator/packet/live/libc');
  const why = await loadLibc().then(
    () => (right ? '' : 'this user has no right to it (CAP_NET_RAW)'),
    (error: Error) => error.message,
  );
  return why === ''
    ? { state: 'good', subject, sentence: "Interfaces are read from the kernel's ring of packets." }
    : { state: 'limited', subject, sentence: `Interfaces are read through tcpdump, not from the kernel's ring of packets: ${why}.` };
}

async function captureRight(right: boolean | null, tcpdump: string | undefined): Promise<Finding> {
  const subject = 'capture';
  if (right === null) return { state: 'limited', subject, sentence: 'Live capture is checked on Linux only.' };
  if (right) return { state: 'good', subject, sentence: 'You may capture from interfaces.' };
  if (tcpdump && (await hasFileCapability(tcpdump)))
    return { state: 'good', subject, sentence: 'tcpdump may capture from interfaces for you.' };
  return {
    state: 'limited',
    subject,
    sentence: `You may not capture from interfaces; run as root, or give the right: setcap cap_net_raw,cap_net_admin=eip ${tcpdump ?? 'tcpdump'}.`,
  };
}

const statusSchema = z.object({
  sensors: z.array(
    z.object({
      name: z.string(),
      health: z.object({ findings: z.array(z.object({ sentence: z.string(), silentSince: silentSinceSchema })) }).nullable(),
    }),
  ),
});

/** What the sensors of a system that runs on the data directory say about their health. */
async function runningSystem(directory: string): Promise<Finding[]> {
  const { findRunning } = await import('./up/running.ts');
  const running = await findRunning(directory);
  if (!running) return [];
  const { ask } = await import('./up/ask-running.ts');
  let answer: unknown;
  try {
    answer = await ask(running, 'GET', '/api/status');
  } catch (error) {
    return [{ state: 'limited', subject: 'running', sentence: error instanceof Error ? error.message : String(error) }];
  }
  return statusSchema.parse(answer).sensors.flatMap(({ name, health }): Finding[] => {
    const findings = health?.findings ?? [];
    if (findings.length === 0) return [{ state: 'good', subject: 'sensor', sentence: `${name} sees what it is meant to see.` }];
    return findings.map(({ sentence, silentSince }) => ({
      state: 'limited',
      subject: 'sensor',
      sentence: `${name}: ${sentence}${silentText(silentSince)}`,
    }));
  });
}

async function hasFileCapability(path: string): Promise<boolean> {
  try {
    const { stdout } = await promisify(execFile)('getcap', [path]);
    return stdout.includes('cap_net_raw');
  } catch {
    return false;
  }
}

async function find(program: string): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, program);
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  return undefined;
}
