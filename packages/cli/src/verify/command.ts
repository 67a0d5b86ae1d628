import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { defineNoun } from '../command.ts';
import { createVerifyBalanceCommand } from './balance.ts';
import { createVerifyGrantCommand } from './grant.ts';
import { createVerifyModelCommand } from './model.ts';
import { createVerifyValueCommand } from './value.ts';

/** `cairn verify` */
export function createVerifyCommand(cli: Cli): Command {
  return defineNoun('verify', 'Values of the ledger, by proof: no server is trusted.', [
    createVerifyBalanceCommand(cli),
    createVerifyModelCommand(cli),
    createVerifyGrantCommand(cli),
    createVerifyValueCommand(cli),
  ]);
}
