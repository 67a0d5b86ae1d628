import { CairnError } from '@cairn/core';
import { CommanderError } from 'commander';
import type { Cli } from './cli.ts';
import { CommandFailed } from './command-failed.ts';
import { createProgram } from './program.ts';
import { toJson } from './terminal/output.ts';
import { printable } from './terminal/printable.ts';
import type { StartNetwork } from './up/start-network.ts';

/** Exit statuses: the only ones there are. */
const EXIT = { done: 0, failed: 1, misused: 2, interrupted: 130 } as const;

/** Why a command is interrupted when nobody reads its results any more. */
export const READER_GONE = 'reader gone';

/** Causes that lie in what was typed. */
const MISUSES: ReadonlySet<string> = new Set([
  'USAGE',
  'CONFIRMATION_NEEDED',
  'PASSPHRASE_NEEDED',
  'AMOUNT_MALFORMED',
  'ADDRESS_MALFORMED',
  'CONFIG_UNKNOWN_KEY',
  'CONFIG_INVALID',
  'MODEL_SOURCE_UNKNOWN',
  'ENGINE_PACKAGE_UNKNOWN',
  'PASSPHRASE_TOO_SHORT',
  'MNEMONIC_INVALID',
]);

/**
 * Runs one command line and tells its exit status. The one place where errors become words and a status.
 *
 * @param start how `up` starts a network.
 * @param words what follows the name of the program.
 */
export async function runCli(cli: Cli, start: StartNetwork, words: readonly string[]): Promise<number> {
  const program = createProgram(cli, start);
  try {
    await program.parseAsync(words, { from: 'user' });
    return cli.signal.aborted && !isReaderGone(cli) ? EXIT.interrupted : EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
    if (error instanceof CommanderError && error.code === 'commander.help') return EXIT.misused;
    if (error instanceof CommandFailed) return EXIT.failed;
    if (isReaderGone(cli)) return EXIT.done;
    if (isInterrupted(cli, error)) {
      cli.terminal.err.write('cairn: interrupted\n');
      return EXIT.interrupted;
    }
    const problem = describe(error);
    if (words.includes('--json')) {
      cli.terminal.out.write(
        `${toJson({ error: { ...problem.fields, code: problem.code, message: problem.message } })}\n`,
      );
    }
    cli.terminal.err.write(`cairn: ${printable(problem.message)}\n`);
    if (cli.environment.CAIRN_DEBUG === '1') cli.terminal.err.write(`${stacksOf(error)}\n`);
    return problem.exitCode;
  }
}

/** Whoever reads the results has seen enough, as `head` does. */
function isReaderGone({ signal }: Cli): boolean {
  return signal.aborted && signal.reason === READER_GONE;
}

function isInterrupted(cli: Cli, error: unknown): boolean {
  return cli.signal.aborted || (error instanceof CairnError && error.code === 'INTERRUPTED');
}

interface DescribedProblem {
  readonly code: string;
  readonly message: string;
  readonly exitCode: number;
  /** What else is known of the cause, such as the ledger's own code. */
  readonly fields?: object;
}

function describe(error: unknown): DescribedProblem {
  if (error instanceof CommanderError) {
    return { code: 'USAGE', message: sentenceOf(error.message), exitCode: EXIT.misused };
  }
  if (error instanceof CairnError) {
    const exitCode = MISUSES.has(error.code) ? EXIT.misused : EXIT.failed;
    return { code: error.code, message: error.message, exitCode, fields: error.problem };
  }
  const reason = error instanceof Error ? error.message : String(error);
  const message = `${reason} (this was not foreseen: run again with CAIRN_DEBUG=1 and report what it prints)`;
  return { code: 'UNEXPECTED', message, exitCode: EXIT.failed };
}

/** commander writes `error: …` and a suggestion on a line of its own. */
function sentenceOf(message: string): string {
  return message
    .replace(/^error: /, '')
    .replace(/\n\((.*)\)$/s, '. $1')
    .replaceAll('\n', ' ')
    .trim();
}

/** Stacks of an error and its causes, for who asked for them. */
function stacksOf(error: unknown): string {
  const stacks: string[] = [];
  for (let at: unknown = error; at instanceof Error; at = at.cause) stacks.push(at.stack ?? String(at));
  return stacks.join('\ncaused by: ');
}
