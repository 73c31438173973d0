/** Runs `annunciator analyze`: reads the captures, then prints or writes the result. */
import { mkdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type AnalysisOptions, analyse } from '@annunciator/sensor/analysis/analysis';
import { analysisDocument } from '@annunciator/sensor/analysis/document';
import { ThreatIntelligence } from '@annunciator/sensor/engines/threats';
import type { AnalyzeFlags } from './analyze.ts';
import { ExitCode, UsageError } from './exit-codes.ts';
import { FORMAT_NAMES, type FormatName, loadFormat, type Report } from './formats/format.ts';
import { writeFile, writeOut } from './output.ts';
import { progressOn } from './progress.ts';

/** Width of text that no terminal limits. */
const TEXT_WIDTH = 116;

/**
 * Analyses FILEs and gives the exit code. `formatChosen` is false when the format is only the default.
 * @throws UsageError when options contradict the FILEs
 */
export async function runAnalyze(files: readonly string[], flags: AnalyzeFlags, formatChosen: boolean): Promise<number> {
  await refuseSecondReading(files, flags);
  for (const folder of [flags.out, flags.pcap]) if (folder !== undefined) await mkdir(folder, { recursive: true });
  if (flags.fields && flags.format !== 'json' && (formatChosen || flags.out === undefined))
    console.error('--fields adds to the JSON document only; give --format json with it.');
  const progress = progressOn(process.stderr);
  const options: AnalysisOptions = {
    settings: { enableAll: flags.enableAll, focus: flags.focus },
    learn: flags.learn,
    fields: flags.fields,
    progress: progress.step,
    ...(flags.pcap === undefined ? {} : { pcap: flags.pcap }),
    ...(flags.learnUntil ? { learnUntil: flags.learnUntil } : {}),
    ...(flags.threats ? { threats: ThreatIntelligence.read(flags.threats) } : {}),
  };
  const { analysis, errors, pcapFiles } = await analyse(files, options);
  progress.end();
  for (const error of errors) console.error(error.message);
  const exitCode = errors.length > 0 ? ExitCode.Unreadable : ExitCode.Done;
  const { summary, sensor } = analysis;
  if (summary.files.length === 0) return exitCode;
  if (flags.pcap !== undefined) console.error(`The packets of ${pcapFiles} alerts are in ${flags.pcap}.`);

  const report: Report = {
    document: analysisDocument(analysis, flags.fields),
    damages: summary.damages,
    baseline: baseline(flags, sensor.learning),
    decimals: summary.decimals,
    width: process.stdout.isTTY && flags.out === undefined ? Math.min(Math.max(process.stdout.columns, 80), 160) : TEXT_WIDTH,
    colour: flags.out === undefined && process.stdout.isTTY && !process.env['NO_COLOR'],
  };
  if (flags.out === undefined) {
    // The text tells damages itself; documents for programs do not, a person still should know.
    if (flags.format !== 'text') for (const damage of summary.damages) console.error(damage);
    await writeOut((await loadFormat(flags.format))(report));
    return exitCode;
  }
  for (const name of formatChosen ? [flags.format] : FORMAT_NAMES) {
    const path = join(flags.out, outputName(summary.files, name));
    await writeFile(path, (await loadFormat(name))(report));
    console.log(path);
  }
  return exitCode;
}

function baseline(flags: AnalyzeFlags, learning: boolean): Report['baseline'] {
  if (flags.learn.length > 0) return 'learned before';
  if (flags.learnUntil === undefined) return 'learning';
  return learning ? 'not yet operational' : 'learned within';
}

/** `<name>.<format>`: the name of the first FILE without its endings, and how many more there were. */
function outputName(files: readonly string[], format: FormatName): string {
  const first = basename(files[0] ?? 'capture').replace(/(\.(pcap|pcapng|cap|gz))+$/i, '') || 'capture';
  return `${first}${files.length > 1 ? `-and-${files.length - 1}-more` : ''}.${format}`;
}

/** A share of the packets needs their number first, so the FILEs are read twice; what flows through a pipe is gone after once. */
async function refuseSecondReading(files: readonly string[], flags: AnalyzeFlags): Promise<void> {
  if (flags.learnUntil === undefined || !('share' in flags.learnUntil)) return;
  for (const file of files) {
    const found = await stat(file).catch(() => undefined);
    if (found?.isFIFO() || found?.isSocket() || found?.isCharacterDevice())
      throw new UsageError(
        `${file} is a pipe and can be read once, but a share of its packets needs two readings; give --learn-until a time, or save the capture to a file.`,
      );
  }
}
