/** The `annunciator` command. Only the tree of commands is loaded here; what a command does is imported when it runs. */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { analyzeCommand } from './analyze.ts';
import { coverageCommand } from './coverage.ts';
import { doctorCommand } from './doctor.ts';
import { ExitCode } from './exit-codes.ts';
import { explain } from './failure.ts';
import { endQuietlyWithoutReader } from './output.ts';
import { hubCommand } from './hub/commands.ts';
import { alertCommand, sensorCommand, tokenCommand, upCommand, userCommand } from './up/commands.ts';
import { rulesCommand } from './rules.ts';
import { baselineCommand } from './up/baseline-command.ts';
import { VERSION, versionCommand } from './version.ts';

const EXAMPLES = `
Examples:
  annunciator up                                        sensor, store and portal, with a demo plant
  annunciator up --interface eth1                       the same, watching a network
  annunciator sensor --interface eth1                   a sensor with a console of its own, without a portal
  annunciator analyze plant.pcap                        what happened in a capture
  annunciator analyze --learn normal.pcap today.pcap    what is new against a normal day
  annunciator analyze plant.pcap --format json          the same as one JSON document
  annunciator hub --host hub.plant.example              the IoT hub for devices with stock Azure IoT SDKs
  annunciator coverage                                  which alerts there are, and what raises each
  annunciator doctor                                    can this machine do everything?`;

/** Commands in the order of the help. */
const COMMANDS: readonly (() => Command)[] = [
  upCommand,
  sensorCommand,
  analyzeCommand,
  alertCommand,
  hubCommand,
  coverageCommand,
  baselineCommand,
  rulesCommand,
  tokenCommand,
  userCommand,
  doctorCommand,
  versionCommand,
];

function program(): Command {
  const root = new Command('annunciator')
    .description('Security alerts for industrial networks and IoT devices.')
    .version(VERSION, '-V, --version', 'print the version')
    .configureHelp({ helpWidth: process.stdout.columns ? Math.min(process.stdout.columns, 120) : 100 })
    .configureOutput({ outputError: (text, write) => write(`annunciator: ${text.replace(/^error: /, '')}`) })
    .addHelpText('after', EXAMPLES)
    .exitOverride();
  for (const make of COMMANDS) adopt(root, make());
  hint(root);
  return root;
}

/** A command that is made on its own behaves as the root does, and so do those below it. */
function adopt(parent: Command, command: Command): void {
  parent.addCommand(command.copyInheritedSettings(parent));
  for (const child of command.commands) child.copyInheritedSettings(command);
}

/** Every refusal names the help that would have told. */
function hint(command: Command, path = command.name()): void {
  command.showHelpAfterError(`Run "${path} --help" to see what can be given.`);
  for (const child of command.commands) hint(child, `${path} ${child.name()}`);
}

// For this process, where the starting script has set it for those that it starts.
enableCompileCache(join(import.meta.dirname, '../../../node_modules/.cache/annunciator'));
endQuietlyWithoutReader();
try {
  await program().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has written its sentence or the help already.
    process.exitCode = error.exitCode === 0 ? ExitCode.Done : ExitCode.Usage;
  } else {
    const { sentence, exitCode } = explain(error);
    console.error(`annunciator: ${sentence}`);
    process.exitCode = exitCode;
  }
}
