/** `annunciator analyze`: what happened in captures. The options; the work is in analyze-run.ts. */
import { parseInstant } from '@annunciator/core/time';
import type { LearnUntil } from '@annunciator/sensor/analysis/analysis';
import { Command, InvalidArgumentError, Option } from 'commander';
import { programUrl } from './built.ts';
import { FORMAT_NAMES, type FormatName } from './formats/format.ts';

export interface AnalyzeFlags {
  learn: string[];
  learnUntil?: LearnUntil;
  enableAll: boolean;
  focus: 'ot' | 'any';
  format: FormatName;
  fields: boolean;
  out?: string;
  pcap?: string;
  threats?: string;
}

export function analyzeCommand(): Command {
  return new Command('analyze')
    .description('print what happened in captures (pcap or pcapng, also gzip-compressed)')
    .argument('<file...>', 'captures; several are read as one timeline, ordered by packet time')
    .option('--learn <file>', 'learn the baseline from this capture first; may be repeated', oneMore, [])
    .option('--learn-until <point>', 'learn up to this share of the packets (50%) or this time, then judge', readLearnUntil)
    .option('--enable-all', 'also raise the alert types that are off by default', false)
    .addOption(new Option('--focus <what>', 'alert only where OT takes part, or anywhere').choices(['ot', 'any']).default('ot'))
    .addOption(new Option('--format <format>', 'how to print').choices(FORMAT_NAMES).default('text'))
    .option('--fields', 'count the fields of all messages (json)', false)
    .option('--out <dir>', 'write <name>.<format> there instead of printing; without --format every format')
    .option('--pcap <dir>', 'write the packets of each alert there, as <alert id>.pcapng')
    .option('--threats <file>', 'threat-intelligence list (JSON)')
    .addHelpText('after', NOTES)
    .action(async (files: string[], flags: AnalyzeFlags, command: Command) => {
      const { runAnalyze } = (await import(programUrl('analyze-run').href)) as typeof import('./analyze-run.ts');
      process.exitCode = await runAnalyze(files, flags, command.getOptionValueSource('format') === 'cli');
    });
}

const NOTES = `
Without --learn or --learn-until the baseline is learning: policy alerts (what is new) stay silent.

Exit code: 0 the captures were read, with or without alerts; 2 bad usage; 3 a FILE is missing, a directory,
empty or no capture (with several, the rest is still read).`;

/** Every --learn takes one value, so that it never swallows a FILE. */
function oneMore(value: string, all: readonly string[]): string[] {
  return [...all, value];
}

function readLearnUntil(text: string): LearnUntil {
  const share = /^(\d{1,3}(?:\.\d+)?)%$/.exec(text);
  if (share && Number(share[1]) <= 100) return { share: Number(share[1]) / 100 };
  const time = parseInstant(text);
  if (time !== undefined) return { time };
  throw new InvalidArgumentError('Give a share of the packets such as 50%, or a time such as 2026-11-21T09:00:00Z.');
}
