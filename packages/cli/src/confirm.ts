import type { Cli } from './cli.ts';
import type { CommonFlags } from './command.ts';
import { CliError } from './errors.ts';

/**
 * Shows what is about to happen and asks. With `--yes` it only shows.
 *
 * @param lines what, how much, to whom and the fee.
 * @throws CliError `CONFIRMATION_NEEDED` when nobody can be asked, `DECLINED`
 */
export async function confirm(cli: Cli, flags: CommonFlags, lines: readonly string[]): Promise<void> {
  for (const line of lines) cli.terminal.err.write(`${line}\n`);
  if (flags.yes === true) return;
  if (!cli.terminal.canAsk) {
    throw new CliError(
      { code: 'CONFIRMATION_NEEDED' },
      'This wants a yes, and there is no terminal to ask on. Repeat it with --yes.',
    );
  }
  const answer = (await cli.terminal.ask('Do it? [y/N] ')) ?? '';
  if (/^\s*y(es)?\s*$/i.test(answer)) return;
  throw new CliError({ code: 'DECLINED' }, 'Nothing was done.');
}
