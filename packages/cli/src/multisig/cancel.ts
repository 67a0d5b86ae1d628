import { addressToAccountId } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { CliError } from '../errors.ts';
import { defineSending } from '../sending.ts';

/** `cairn multisig cancel` */
export function createMultisigCancelCommand(cli: Cli): Command {
  return defineSending(cli, {
    name: 'cancel',
    help: 'Takes back a proposal of a multisig account: who opened it at any time, anybody after it expired.',
    examples: ['multisig cancel cairn1… 3f2a… --wallet owner'],
    words: [
      ['<multisig>', 'its address, from multisig address'],
      ['<proposal>', 'its id, from multisig list'],
    ],
    async build({ connection, words: [address = '', id = ''] }) {
      const { exactCairn } = await import('../terminal/format.ts');
      const { parseId } = await import('../tx/parse.ts');
      const { fetchProposals } = await import('./proposals.ts');
      const multisig = addressToAccountId(address);
      const proposal = parseId(id, 'A proposal');
      const found = (await fetchProposals(connection, address)).find((entry) => entry.proposal === id);
      if (found === undefined) {
        throw new CliError(
          { code: 'NOT_FOUND', what: `proposal ${id}` },
          `Multisig ${address} has no proposal ${id}. It ran or was cancelled.`,
        );
      }
      const [opener = ''] = found.approvals;
      return {
        message: 'accounts.cancelMultisig',
        value: { multisig, proposal },
        what: `Cancel a proposal of multisig ${address}`,
        amount: 0n,
        deposit: 0n,
        details: [
          ['call hash', found.callHash],
          ['approvals', `${found.approvals.length}, which are dropped`],
          ['opened by', `${opener}, whom the deposit of ${exactCairn(found.deposit)} returns to`],
        ],
        plan: { multisig: address, proposal: id, returned: found.deposit },
      };
    },
  });
}
