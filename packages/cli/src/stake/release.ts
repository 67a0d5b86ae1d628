import { addressToAccountId } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { defineSending } from '../sending.ts';

/** `cairn stake release` */
export function createStakeReleaseCommand(cli: Cli): Command {
  return defineSending(cli, {
    name: 'release',
    help: 'Pays unstaked CAIRN that is due. Blocks do it by themselves; this is for when many wait.',
    examples: ['stake release savings --wallet savings', 'stake release cairn1… --wallet gateway --yes'],
    words: [['<account>', 'whose CAIRN is due: a name from wallet list, or an address; anybody may ask']],
    async build({ cli, connection, words: [given = ''] }) {
      const { fetchDepartures } = await import('../answer/staking.ts');
      const { fetchSlot } = await import('../answer/slot.ts');
      const { CliError } = await import('../errors.ts');
      const { resolveAccount } = await import('../sender.ts');
      const { exactCairn } = await import('../terminal/format.ts');
      const { address } = await resolveAccount(cli, connection, given);
      const coldkey = addressToAccountId(address);
      const [departures, slot] = await Promise.all([
        fetchDepartures(connection, address),
        fetchSlot(connection),
      ]);
      const due = departures.filter(({ freeSlot }) => freeSlot <= slot);
      const [next] = departures;
      if (due.length === 0) {
        const when =
          next === undefined
            ? 'Nothing waits.'
            : `The first is due from slot ${next.freeSlot} on, this is ${slot}.`;
        throw new CliError(
          { code: 'NOTHING_TO_CLAIM', what: 'unstaked CAIRN' },
          `No unstaked CAIRN of ${address} is due. ${when}`,
        );
      }
      const paid = due.filter(({ to }) => to === null).reduce((sum, { left }) => sum + left, 0n);
      return {
        message: 'staking.release',
        value: { coldkey },
        what: 'Pay unstaked CAIRN that is due',
        amount: 0n,
        deposit: 0n,
        details: [
          ['account', address],
          ['due', `${due.length} departures, which pay ${exactCairn(paid)}`],
        ],
        plan: { account: address, due: due.length, paid },
      };
    },
  });
}
