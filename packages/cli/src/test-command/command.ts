import { Command } from 'commander';
import { runTests } from './run-tests.ts';

interface Flags {
  all?: true;
  require?: true;
  again?: true;
  shard?: string;
  json?: true;
}

/** `cairn test`, for the table of commands. Sets `process.exitCode`. */
export function createTestCommand(): Command {
  return new Command('test')
    .description('Checks and tests this checkout: types, lint, unused code, every test.')
    .argument('[filters...]', 'run only test files whose path contains one of these, and no checks')
    .option('--all', 'run the long suites too, in shards that a second run does not repeat')
    .option('--require', 'count every skipped test as a failure')
    .option('--again', 'run files that failed once more, one at a time, and name what passes then')
    .option('--shard <i/n>', 'run one part of the test files')
    .option('--json', 'print one object instead of a line')
    .addHelpText(
      'after',
      `
Examples:
  $ ./cairn test
  $ ./cairn test channels
  $ ./cairn test --all --shard 2/8`,
    )
    .action(async (filters: string[], flags: Flags) => {
      process.exitCode = await runTests({ ...flags, filters });
    });
}
