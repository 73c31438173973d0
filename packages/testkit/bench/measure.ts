/** Runs a program once and tells what it cost: CPU seconds of user and system, peak memory. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Cost {
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  readonly peakMebibytes: number;
  readonly status: number;
  /** Last lines of standard error, for a run that failed. */
  readonly complaint: string;
}

export function installed(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v "${program}"`]).status === 0;
}

/** GNU time knows the figures of the kernel's wait4; the `time` of other systems has no format option. */
const GNU_TIME = existsSync('/usr/bin/time') && spawnSync('/usr/bin/time', ['-f', '%U', 'true']).status === 0;

export const MEASURED_BY = GNU_TIME ? 'GNU time (wait4)' : 'bash time and samples of VmHWM every 10 ms';

/** Runs `command` pinned to one core when `core` is given; its standard output is thrown away. */
export async function measure(command: readonly string[], core?: number): Promise<Cost> {
  const pinned = core === undefined ? command : ['taskset', '-c', String(core), ...command];
  const folder = mkdtempSync(join(tmpdir(), 'annunciator-measure-'));
  const report = join(folder, 'report');
  // CPU of user and system in seconds, peak in KiB where known.
  const wrapped = GNU_TIME
    ? ['/usr/bin/time', '-q', '-o', report, '-f', '%U %S %M', ...pinned]
    : ['bash', '-c', 'report="$1"; shift; TIMEFORMAT="%3U %3S 0"; { time "$@" 2>&3; } 3>&2 2>"$report"', 'measure', report, ...pinned];
  try {
    const began = performance.now();
    const child = spawn(wrapped[0], wrapped.slice(1), { stdio: ['ignore', 'ignore', 'pipe'] });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint = (complaint + text).slice(-600)));
    let sampled = 0;
    const sampler = GNU_TIME ? undefined : setInterval(() => (sampled = Math.max(sampled, peakOfChildren(child.pid ?? 0))), 10);
    const status = await new Promise<number>((resolve, reject) => child.once('error', reject).once('close', (code) => resolve(code ?? -1)));
    clearInterval(sampler);
    const [user, system, peak] = (readFileSync(report, 'utf8').trim().split('\n').at(-1) ?? '').split(' ').map(Number);
    return {
      cpuSeconds: user + system,
      wallSeconds: (performance.now() - began) / 1000,
      peakMebibytes: Math.max(peak, sampled) / 1024,
      status,
      complaint,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Largest peak (KiB) among the processes below `parent`, from /proc; 0 where there is none. */
function peakOfChildren(parent: number): number {
  try {
    const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
    const own = children.map((child) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child}/status`, 'utf8'))?.[1] ?? 0));
    return Math.max(0, ...own, ...children.map(peakOfChildren));
  } catch {
    // The process has just ended.
    return 0;
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
