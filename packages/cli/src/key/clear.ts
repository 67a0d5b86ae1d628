import { addressToAccountId } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { defineSending, type SendingFlags } from '../sending.ts';

/** `cairn key clear` */
export function createKeyClearCommand(cli: Cli): Command {
  return defineSending<SendingFlags & { readonly account?: string }>(cli, {
    name: 'clear',
    help: 'Takes back what a wallet announced about its key and guardians, or ends the freeze of any account whose time is over.',
    examples: ['key clear --wallet savings', 'key clear --account cairn1… --wallet gateway'],
    options: [['--account <account>', 'whose freeze is over (default: the account that signs)']],
    async build({ cli, connection, payer, flags }) {
      const { resolveAccount } = await import('../sender.ts');
      const { fetchKeys } = await import('./status.ts');
      const { address } =
        flags.account === undefined ? payer : await resolveAccount(cli, connection, flags.account);
      const account = addressToAccountId(address);
      const { change, recovery, isFrozen } = await fetchKeys(connection, address);
      const next = recovery?.next ?? null;
      return {
        message: 'accounts.clearKeyChange',
        value: { account },
        what: isFrozen ? 'End the freeze of an account' : 'Take back what was announced about the key',
        amount: 0n,
        deposit: 0n,
        details: [
          ['account', address],
          ['change', change === null ? 'none waits' : `to the key of ${change.newKey}, which is dropped`],
          [
            'guardians',
            next === null ? 'no others wait' : `the ${next.guardians.guardians.length} that wait are dropped`,
          ],
          ...(isFrozen
            ? [['frozen', `until slot ${recovery?.frozenUntil ?? 0n}; not before can it be cleared`] as const]
            : []),
        ],
        plan: { account: address, isFrozen },
      };
    },
  });
}
