/** `annunciator analyze`: what happened in captures. */
import { parseInstant } from '@annunciator/core/time';
import { type AnalysisOptions, analyse, type LearnUntil } from '@annunciator/sensor/analysis/analysis';
import { analysisDocument } from '@annunciator/sensor/analysis/document';
import { ThreatIntelligence } from '@annunciator/sensor/engines/threats';
import { Command, InvalidArgumentError, Option } from 'commander';

/** Exit codes (docs/reference/analyze.md). */
const UNREADABLE = 3;

const FORMATS = ['text', 'json'] as const;

interface AnalyzeFlags {
  learn: string[];
  learnUntil?: LearnUntil;
  enableAll: boolean;
  focus: 'ot' | 'any';
  format: (typeof FORMATS)[number];
  fields: boolean;
  threats?: string;
}

function readLearnUntil(text: string): LearnUntil {
  const share = /^(\d{1,3})%$/.exec(text);
  if (share && Number(share[1]) <= 100) return { share: Number(share[1]) / 100 };
  const time = parseInstant(text);
  if (time !== undefined) return { time };
  throw new InvalidArgumentError('Give a share of the packets such as 50%, or a time such as 2026-11-21T09:00:00Z.');
}

export function analyzeCommand(): Command {
  return new Command('analyze')
    .description('print what happened in captures (pcap or pcapng, also gzip-compressed)')
    .argument('<file...>', 'captures; several are read as one timeline, ordered by packet time')
    .option('--learn <file...>', 'learn the baseline from these captures first', [])
    .option('--learn-until <point>', 'learn up to this share of the packets (50%) or this time, then judge', readLearnUntil)
    .option('--enable-all', 'also raise the alert types that are off by default', false)
    .addOption(new Option('--focus <what>', 'alert only where OT takes part, or anywhere').choices(['ot', 'any']).default('ot'))
    .addOption(new Option('--format <format>', 'how to print').choices(FORMATS).default('text'))
    .option('--fields', 'count the fields of all messages (json)', false)
    .option('--threats <file>', 'threat-intelligence list (JSON)')
    .action(async (files: string[], flags: AnalyzeFlags) => {
      const options: AnalysisOptions = {
        settings: { enableAll: flags.enableAll, focus: flags.focus },
        learn: flags.learn,
        fields: flags.fields,
        ...(flags.learnUntil ? { learnUntil: flags.learnUntil } : {}),
        ...(flags.threats ? { threats: ThreatIntelligence.read(flags.threats) } : {}),
      };
      const { analysis, errors } = await analyse(files, options);
      for (const error of errors) console.error(error.message);
      if (errors.length > 0) process.exitCode = UNREADABLE;
      if (analysis.summary.files.length === 0) return;
      process.stdout.write(`${JSON.stringify(analysisDocument(analysis, flags.fields), null, 1)}\n`);
    });
}
