/** The `annunciator` command. */
import { Command } from 'commander';
import { analyzeCommand } from './analyze.ts';

const program = new Command('annunciator').description('security alerts for industrial networks and IoT devices').exitOverride();
program.addCommand(analyzeCommand());

await program.parseAsync();
