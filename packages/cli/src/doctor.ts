/** `annunciator doctor`: can this machine do what the commands need? Looks only, changes nothing. */
import { Command } from 'commander';
import { ExitCode } from './exit-codes.ts';

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('check what this machine has of what the commands need')
    .option('--data <dir>', 'the data directory to check (ANNUNCIATOR_DATA, else ~/.annunciator)')
    .action(async (flags: { data?: string }) => {
      const { examine } = await import('./doctor-checks.ts');
      const findings = await examine(flags.data);
      for (const { state, subject, sentence } of findings) console.log(`${state.padEnd(7)}  ${subject.padEnd(10)}  ${sentence}`);
      process.exitCode = findings.some(({ state }) => state === 'missing') ? ExitCode.Failed : ExitCode.Done;
    });
}
