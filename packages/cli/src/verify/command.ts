import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { defineNoun } from '../command.ts';
import { createVerifyBalanceCommand } from './balance.ts';
import { createVerifyCalibrateCommand } from './calibrate.ts';
import { createVerifyChecksCommand } from './checks.ts';
import { createVerifyGrantCommand } from './grant.ts';
import { createVerifyModelCommand } from './model.ts';
import { createVerifyProviderCommand } from './provider.ts';
import { createVerifyQuoteCommand } from './quote.ts';
import { createVerifyValueCommand } from './value.ts';

/** `cairn verify` */
export function createVerifyCommand(cli: Cli): Command {
  return defineNoun(
    'verify',
    'Values of the ledger by proof, and what checks of providers came to: no server is trusted.',
    [
      createVerifyBalanceCommand(cli),
      createVerifyModelCommand(cli),
      createVerifyProviderCommand(cli),
      createVerifyGrantCommand(cli),
      createVerifyValueCommand(cli),
      createVerifyCalibrateCommand(cli),
      createVerifyChecksCommand(cli),
      createVerifyQuoteCommand(cli),
    ],
  );
}
