/** `annunciator rules ...`: custom alert rules as text. The options; the work is in rules-run.ts. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { dataOption } from './up/commands.ts';

export interface RuleTestFlags {
  capture?: string[];
  data: string;
  sensor?: string;
  limit: number;
  format: 'text' | 'json';
}

export function rulesCommand(): Command {
  const command = new Command('rules').description('custom alert rules: check them, try them, bring them into a system');

  command
    .command('check')
    .description('say what is wrong with a text of rules, and where')
    .argument('<file>', 'text of rules, /dev/stdin for standard input')
    .action(async (file: string) => (await run()).checkRules(file));

  command
    .command('test')
    .description('say when the rules of a text would have held, in captures or in the packets that a sensor still has')
    .argument('<file>', 'text of rules, /dev/stdin for standard input')
    .option('--capture <file...>', 'captures (pcap or pcapng), read as one timeline; without it the packets that a sensor has')
    .option('--limit <number>', 'how many times are listed for each rule', wholeNumber, 10)
    .option('--sensor <name>', 'whose packets; needed when there are several sensors')
    .addOption(dataOption())
    .addOption(new Option('--format <format>', 'how to print').choices(['text', 'json']).default('text'))
    .addHelpText('after', '\nExit code: 0 the captures were read; 2 the rules cannot be used; 3 a capture cannot be read.')
    .action(async (file: string, flags: RuleTestFlags) => {
      process.exitCode = await (await run()).testRules(file, flags);
    });

  command
    .command('list')
    .description('list the rules of a system')
    .addOption(dataOption())
    .action(async (flags: { data: string }) => (await system()).listRules(flags.data));

  command
    .command('export')
    .description('print the rules of a system as text')
    .option('--out <file>', 'write them there instead of printing')
    .addOption(dataOption())
    .action(async (flags: { data: string; out?: string }) => (await system()).exportRules(flags.data, flags.out));

  command
    .command('import')
    .description('make the rules of a system what a text says')
    .argument('<file>', 'text of rules, /dev/stdin for standard input')
    .option('--dry-run', 'say what it would do, and do nothing', false)
    .addOption(dataOption())
    .action(async (file: string, flags: { data: string; dryRun: boolean }) => (await system()).importRules(file, flags));

  command
    .command('fields')
    .description('list what rules can ask of a protocol')
    .argument('[protocol]', 'id of a protocol; the list of all protocols when absent')
    .action(async (protocol: string | undefined) => (await run()).listFields(protocol));
  return command;
}

const system = (): Promise<typeof import('./up/rules-run.ts')> => import('./up/rules-run.ts');
const run = (): Promise<typeof import('./rules-run.ts')> => import('./rules-run.ts');

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Give a whole number.');
}
