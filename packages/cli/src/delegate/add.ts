import { addressToAccountId } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { usage } from '../errors.ts';
import { defineSending, type SendingFlags } from '../sending.ts';

type Flags = SendingFlags & { readonly purpose: string; readonly delay?: string };

/** `cairn delegate add` */
export function createDelegateAddCommand(cli: Cli): Command {
  return defineSending<Flags>(cli, {
    name: 'add',
    help: 'Names a delegate: another account that may run calls of one purpose for this one.',
    examples: [
      'delegate add gateway --purpose staking --wallet owner',
      'delegate add cairn1… --purpose transfer --delay 600 --wallet savings',
    ],
    words: [['<delegate>', 'a name from wallet list, or an address']],
    required: [['--purpose <purpose>', 'what it may do: see docs/reference/purposes.md']],
    options: [['--delay <slots>', 'slots between announcing a call and running it (default: 0, at once)']],
    async build({ connection, words: [given = ''], flags }) {
      const { PURPOSE_NAMES } = await import('@cairn/sdk');
      const { resolveAccount } = await import('../sender.ts');
      const { parseCount } = await import('../tx/parse.ts');
      const purpose = PURPOSE_NAMES.find((name) => name === flags.purpose);
      if (purpose === undefined)
        throw usage(`A purpose is one of ${PURPOSE_NAMES.join(', ')}, not ${flags.purpose}.`);
      const delaySlots = parseCount(flags.delay ?? '0', 'A delay', 0xffff_ffff);
      const { address } = await resolveAccount(cli, connection, given);
      return {
        message: 'accounts.addProxy',
        value: { delegate: addressToAccountId(address), purpose, delaySlots },
        what: 'Name a delegate',
        amount: 0n,
        details: [
          ['delegate', address],
          ['may run', purpose === 'any' ? 'everything' : `calls for ${purpose}`],
          [
            'delay',
            delaySlots === 0 ? 'none: calls run at once' : `${delaySlots} slots after it announced a call`,
          ],
          ['deposit', 'refundable, for the entry'],
        ],
        plan: { delegate: address, purpose, delaySlots },
      };
    },
  });
}
