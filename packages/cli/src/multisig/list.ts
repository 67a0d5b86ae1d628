import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { exactCairn, formatCount } from '../terminal/format.ts';
import { renderFields } from '../terminal/output.ts';

/** `cairn multisig list` */
export function createMultisigListCommand(cli: Cli): Command {
  return defineCommand({
    name: 'list',
    help: 'Lists the calls of a multisig account that wait for approvals.',
    examples: ['multisig list cairn1…'],
    node: true,
  })
    .argument('<multisig>', 'its address, from multisig address')
    .action(async (multisig: string, flags: CommonFlags) => {
      const { addressToAccountId } = await import('@cairn/core');
      addressToAccountId(multisig);
      const { connectNode } = await import('../connect.ts');
      const { fetchProposals } = await import('./proposals.ts');
      const proposals = await fetchProposals(await connectNode(cli, flags), multisig);
      outputOf(cli, flags).result({ multisig, proposals }, () =>
        proposals.length === 0
          ? ['Nothing waits for approvals.']
          : proposals.flatMap(({ proposal, callHash, approvals, expirySlot, deposit }) =>
              renderFields([
                ['proposal', proposal],
                ['  call hash', callHash],
                ['  approved by', approvals.join(', ')],
                ['  until slot', formatCount(expirySlot)],
                ['  deposit', exactCairn(deposit)],
              ]),
            ),
      );
    });
}
