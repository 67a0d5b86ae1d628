import { addressToAccountId, compareBytes } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { usage } from '../errors.ts';
import { defineSending } from '../sending.ts';

/** Most guardians of an account. */
const MOST_GUARDIANS = 9;

/** `cairn key guard` */
export function createKeyGuardCommand(cli: Cli): Command {
  return defineSending(cli, {
    name: 'guard',
    help: 'Names guardians that together can give this account another key. They take over after a delay.',
    examples: ['key guard cairn1…,cairn1…,gateway 2 --wallet savings', 'key guard none 0 --wallet savings'],
    words: [
      ['<guardians>', 'names from wallet list or addresses, with commas between, at most 9; none: nobody'],
      ['<threshold>', 'how many of them have to agree'],
    ],
    async build({ cli, connection, payer, words: [list = '', given = ''] }) {
      const { depositOfRecord, fetchParameters } = await import('@cairn/sdk');
      const { resolveAccount } = await import('../sender.ts');
      const { parseCount, splitList } = await import('../tx/parse.ts');
      const threshold = parseCount(given, 'A threshold', MOST_GUARDIANS);
      const names = list === 'none' ? [] : splitList(list);
      if (names.length > MOST_GUARDIANS)
        throw usage(`An account has at most ${MOST_GUARDIANS} guardians, not ${names.length}.`);
      if (threshold > names.length || (threshold === 0) !== (names.length === 0))
        throw usage(`${threshold} of ${names.length} guardians cannot agree. Choose another threshold.`);
      const addresses: string[] = [];
      for (const name of names) addresses.push((await resolveAccount(cli, connection, name)).address);
      if (new Set(addresses).size < addresses.length) throw usage('Name each guardian once.');
      if (addresses.includes(payer.address)) throw usage('An account cannot guard itself.');
      const parameters = await fetchParameters(connection.ledger);
      return {
        message: 'accounts.setRecovery',
        value: { guardians: addresses.map(addressToAccountId).sort(compareBytes), threshold },
        what: addresses.length === 0 ? 'Have no guardians' : 'Name guardians of this account',
        amount: 0n,
        deposit: depositOfRecord(parameters, 'recovery'),
        details: [
          ...addresses.map((address) => ['guardian', address] as const),
          ...(addresses.length === 0
            ? []
            : [['they need', `${threshold} of ${addresses.length} to give it another key`] as const]),
          [
            'in force',
            `in ${parameters.keyChangeDelaySlots} slots; until then the guardians of now stay, and key clear takes it back`,
          ],
        ],
        plan: { guardians: addresses, threshold },
      };
    },
  });
}
