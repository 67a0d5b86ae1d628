import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { createOwnValidatorCommand } from './own-validator.ts';

/** `cairn validator leave` */
export function createValidatorLeaveCommand(cli: Cli): Command {
  return createOwnValidatorCommand(cli, {
    name: 'leave',
    help: 'Takes a consensus key off the roster: its power goes with the next updates, then its deposit comes back.',
    message: 'validators.leave',
    what: 'Leave the validators',
  });
}
