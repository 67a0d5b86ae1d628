import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { createOwnValidatorCommand } from './own-validator.ts';

/** `cairn validator unjail` */
export function createValidatorUnjailCommand(cli: Cli): Command {
  return createOwnValidatorCommand(cli, {
    name: 'unjail',
    help: 'Lets a consensus key vote again that was jailed for missing votes, when its time is over.',
    message: 'validators.unjail',
    what: 'Let the validator vote again',
  });
}
