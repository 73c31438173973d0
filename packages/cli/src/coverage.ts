/** `annunciator coverage`: every type of alert, what raises it, and which techniques of ATT&CK for ICS it shows. */
import { Command, Option } from 'commander';

export const COVERAGE_FORMATS = ['text', 'json', 'csv', 'navigator'] as const;
export type CoverageFormat = (typeof COVERAGE_FORMATS)[number];

const EXAMPLES = `
Examples:
  annunciator coverage                                    what is detected, by engine
  annunciator coverage --format csv > coverage.csv        one row for each type of alert
  annunciator coverage --format navigator > layer.json    a layer for the ATT&CK Navigator (ICS)`;

export function coverageCommand(): Command {
  return new Command('coverage')
    .description('list the types of alert: what raises each, and which ATT&CK for ICS techniques it shows')
    .addOption(new Option('--format <format>', 'how to print it').choices(COVERAGE_FORMATS).default('text'))
    .addHelpText('after', EXAMPLES)
    .action(async ({ format }: { format: CoverageFormat }) => {
      const [{ printCoverage }, { writeOut }] = await Promise.all([import('./coverage-formats.ts'), import('./output.ts')]);
      await writeOut(printCoverage(format, process.stdout.columns ?? Number.POSITIVE_INFINITY));
    });
}
