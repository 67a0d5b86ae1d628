import type { Cli } from '../cli.ts';
import { CliError, usage } from '../errors.ts';

/**
 * The passphrase of a wallet: from `CAIRN_PASSPHRASE`, else typed without showing.
 *
 * @throws CliError `PASSPHRASE_NEEDED` when there is nobody to ask
 */
export async function askPassphrase(cli: Cli, name: string): Promise<string> {
  const given = cli.environment.CAIRN_PASSPHRASE;
  if (given !== undefined && given !== '') return given;
  requirePerson(cli);
  return (await cli.terminal.ask(`Passphrase of wallet ${name}: `, { hidden: true })) ?? '';
}

/** A new passphrase, typed twice. */
export async function askNewPassphrase(cli: Cli, name: string): Promise<string> {
  const given = cli.environment.CAIRN_PASSPHRASE;
  if (given !== undefined && given !== '') return given;
  requirePerson(cli);
  const first = (await cli.terminal.ask(`New passphrase for wallet ${name}: `, { hidden: true })) ?? '';
  const second = (await cli.terminal.ask('The same again: ', { hidden: true })) ?? '';
  if (first === second) return first;
  throw usage('The two passphrases differ. Nothing was written; try again.');
}

function requirePerson(cli: Cli): void {
  if (cli.terminal.canAsk) return;
  throw new CliError(
    { code: 'PASSPHRASE_NEEDED' },
    'A passphrase is needed and there is no terminal to ask on. Set CAIRN_PASSPHRASE.',
  );
}
