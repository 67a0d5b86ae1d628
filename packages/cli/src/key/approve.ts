import { addressToAccountId } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { CliError } from '../errors.ts';
import { defineSending } from '../sending.ts';
import { ACCOUNT_WORD } from '../words.ts';

/** `cairn key approve` */
export function createKeyApproveCommand(cli: Cli): Command {
  return defineSending(cli, {
    name: 'approve',
    help: 'Votes, as a guardian, for the key that shall speak for an account.',
    examples: ['key approve cairn1… fresh --wallet savings'],
    words: [ACCOUNT_WORD, ['<new-key>', 'a wallet or an address whose first key shall speak']],
    async build({ cli, connection, payer, words: [given = '', key = ''] }) {
      const { depositOfRecord, fetchParameters } = await import('@cairn/sdk');
      const { resolveAccount } = await import('../sender.ts');
      const { fetchKeys } = await import('./status.ts');
      const { address } = await resolveAccount(cli, connection, given);
      const { address: newKey } = await resolveAccount(cli, connection, key);
      const account = addressToAccountId(address);
      const newId = addressToAccountId(newKey);
      const [{ recovery, isFrozen }, parameters] = await Promise.all([
        fetchKeys(connection, address),
        fetchParameters(connection.ledger),
      ]);
      const { guardians, threshold } = recovery?.current ?? { guardians: [], threshold: 0 };
      if (!guardians.includes(payer.address)) {
        throw new CliError(
          { code: 'NOT_FOUND', what: `guardian ${payer.address}` },
          `${payer.address} is no guardian of ${address}. See ./cairn key status.`,
        );
      }
      const others = recovery?.votes.filter((vote) => vote.guardian !== payer.address) ?? [];
      const count = others.filter((vote) => vote.newKey === newKey).length + 1;
      return {
        message: 'accounts.approveRecovery',
        value: { account, newKey: newId },
        what: 'Vote for the key of an account',
        amount: 0n,
        deposit: count >= threshold ? depositOfRecord(parameters, 'key') : 0n,
        details: [
          ['account', address],
          ['new key', newKey === address ? 'its own' : `that of ${newKey}`],
          ['votes', `${count} of ${threshold} with this one`],
          [
            'then',
            isFrozen
              ? 'enough votes are a ruling: key change can carry it out at once'
              : `enough votes start a recovery: key change can carry it out after ${parameters.recoveryDelaySlots} slots, unless the key disputes it`,
          ],
        ],
        plan: { account: address, newKey, votes: count, threshold },
      };
    },
  });
}
