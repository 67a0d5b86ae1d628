import { addressToAccountId } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { defineSending } from '../sending.ts';

/** `cairn delegate remove` */
export function createDelegateRemoveCommand(cli: Cli): Command {
  return defineSending(cli, {
    name: 'remove',
    help: 'Takes a delegate its rights, and drops what it announced.',
    examples: ['delegate remove gateway --wallet owner'],
    words: [['<delegate>', 'a name from wallet list, or an address']],
    async build({ connection, words: [given = ''] }) {
      const { resolveAccount } = await import('../sender.ts');
      const { address } = await resolveAccount(cli, connection, given);
      return {
        message: 'accounts.removeProxy',
        value: { delegate: addressToAccountId(address) },
        what: 'Remove a delegate',
        amount: 0n,
        deposit: 0n,
        details: [['delegate', address]],
        plan: { delegate: address },
      };
    },
  });
}
