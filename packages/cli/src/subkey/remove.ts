import { addressToAccountId } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { defineSending, type SendingFlags } from '../sending.ts';

type Flags = SendingFlags & { readonly owner?: string };

/** `cairn subkey remove` */
export function createSubkeyRemoveCommand(cli: Cli): Command {
  return defineSending<Flags>(cli, {
    name: 'remove',
    help: 'Ends the right of a key to spend for an owner. Both of them can.',
    examples: ['subkey remove agent --wallet savings'],
    words: [['<key>', 'a name from wallet list, or an address']],
    options: [['--owner <account>', 'for whom it may spend (default: who signs)']],
    async build({ connection, payer, words: [given = ''], flags }) {
      const { resolveAccount } = await import('../sender.ts');
      const { address: key } = await resolveAccount(cli, connection, given);
      const owner =
        flags.owner === undefined
          ? payer.address
          : (await resolveAccount(cli, connection, flags.owner)).address;
      return {
        message: 'accounts.removeSubKey',
        value: { owner: addressToAccountId(owner), key: addressToAccountId(key) },
        what: 'Remove a sub-key',
        amount: 0n,
        deposit: 0n,
        details: [
          ['owner', owner],
          ['key', key],
        ],
        plan: { owner, key },
      };
    },
  });
}
