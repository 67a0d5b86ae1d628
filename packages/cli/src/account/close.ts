import { addressToAccountId } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { usage } from '../errors.ts';
import { defineSending } from '../sending.ts';

/** `cairn account close` */
export function createAccountCloseCommand(cli: Cli): Command {
  return defineSending(cli, {
    name: 'close',
    help: 'Empties and closes an account without records; its deposit goes to another account with the rest.',
    examples: ['account close gateway --wallet savings --dry-run'],
    words: [['<beneficiary>', 'who gets what is left: a name from wallet list, or an address']],
    async build({ cli, connection, payer, words: [given = ''] }) {
      const { fetchAccount } = await import('../answer/accounts.ts');
      const { resolveAccount } = await import('../sender.ts');
      const { exactCairn } = await import('../terminal/format.ts');
      const { address } = await resolveAccount(cli, connection, given);
      const beneficiary = addressToAccountId(address);
      if (address === payer.address) throw usage('Name another account: this one is closed.');
      const { spendable, deposit, records, isKeyChanged } = await fetchAccount(connection, payer.address);
      if (records > 0) {
        throw usage(
          `${payer.address} still has ${records} records, such as stake, tokens, channels or hotkeys. ./cairn wallet balance lists what is in them; close them first.`,
        );
      }
      if (isKeyChanged) throw usage(`${payer.address} has a changed key, so it cannot be closed.`);
      return {
        message: 'accounts.close',
        value: { beneficiary },
        what: 'Close an account',
        amount: null,
        deposit: 0n,
        details: [
          ['closes', payer.address],
          ['to', address],
          ['gives', `${exactCairn(spendable)} less the fee, and the deposit of ${exactCairn(deposit)}`],
        ],
        plan: { beneficiary: address, spendable, returned: deposit },
      };
    },
  });
}
