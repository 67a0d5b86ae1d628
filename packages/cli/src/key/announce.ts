import { addressToAccountId } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { defineSending } from '../sending.ts';

/** `cairn key announce` */
export function createKeyAnnounceCommand(cli: Cli): Command {
  return defineSending(cli, {
    name: 'announce',
    help: 'Announces that the key of another wallet will speak for this account. After the delay, key change carries it out.',
    examples: ['key announce fresh --wallet savings'],
    words: [['<new-key>', 'a wallet or an address whose first key it is']],
    async build({ connection, payer, words: [given = ''] }) {
      const { resolveAccount } = await import('../sender.ts');
      const { address } = await resolveAccount(cli, connection, given);
      return {
        message: 'accounts.announceKeyChange',
        value: { newKey: addressToAccountId(address) },
        what: 'Announce a change of key',
        amount: 0n,
        details: [
          ['account', payer.address],
          ['new key', `that of ${address}`],
          ['until then', 'it can be disputed: ./cairn key dispute'],
        ],
        plan: { newKey: address },
      };
    },
  });
}
