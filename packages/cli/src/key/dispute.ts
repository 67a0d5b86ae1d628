import { addressToAccountId } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { defineSending } from '../sending.ts';

/** `cairn key dispute` */
export function createKeyDisputeCommand(cli: Cli): Command {
  return defineSending(cli, {
    name: 'dispute',
    help: 'Stops a waiting change of the own key. An account with guardians freezes until they decide.',
    examples: ['key dispute --wallet savings'],
    async build({ payer }) {
      return {
        message: 'accounts.disputeKeyChange',
        value: { account: addressToAccountId(payer.address) },
        what: 'Dispute a change of key',
        amount: 0n,
        deposit: 0n,
        details: [
          ['account', payer.address],
          ['then', 'the change is dropped; with guardians nothing leaves the account until they decide'],
        ],
      };
    },
  });
}
