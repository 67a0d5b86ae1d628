import { addressToAccountId } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { CliError } from '../errors.ts';
import { defineSending } from '../sending.ts';

/** `cairn delegate reject` */
export function createDelegateRejectCommand(cli: Cli): Command {
  return defineSending(cli, {
    name: 'reject',
    help: 'Drops a call that a delegate announced: the owner rejects it, or the delegate takes it back.',
    examples: [
      'delegate reject owner gateway 3f2a… --wallet owner',
      'delegate reject savings gateway 3f2a… --wallet gateway',
    ],
    words: [
      ['<owner>', 'for whom it was announced: a name from wallet list, or an address'],
      ['<delegate>', 'who announced it'],
      ['<call-hash>', 'its hash, from delegate list'],
    ],
    async build({ cli, connection, words: [given = '', named = '', hash = ''] }) {
      const { resolveAccount } = await import('../sender.ts');
      const { exactCairn } = await import('../terminal/format.ts');
      const { parseId } = await import('../tx/parse.ts');
      const { fetchDelegates } = await import('./delegates.ts');
      const callHash = parseId(hash, 'A call');
      const owner = (await resolveAccount(cli, connection, given)).address;
      const delegate = (await resolveAccount(cli, connection, named)).address;
      const delegates = await fetchDelegates(connection, owner);
      const announced = delegates
        .find((entry) => entry.delegate === delegate)
        ?.announced.find((entry) => entry.callHash === hash);
      if (announced === undefined) {
        throw new CliError(
          { code: 'NOT_FOUND', what: `call ${hash}` },
          `${delegate} has announced no call ${hash} for ${owner}. See ./cairn delegate list.`,
        );
      }
      return {
        message: 'accounts.rejectProxyCall',
        value: { owner: addressToAccountId(owner), delegate: addressToAccountId(delegate), callHash },
        what: 'Drop an announced call',
        amount: 0n,
        deposit: 0n,
        details: [
          ['owner', owner],
          ['delegate', `${delegate}, whom the deposit of ${exactCairn(announced.deposit)} returns to`],
          ['announced', `in slot ${announced.slot}`],
        ],
        plan: { owner, delegate, callHash: hash, returned: announced.deposit },
      };
    },
  });
}
