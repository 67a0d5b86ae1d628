import { addressToAccountId } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand } from '../command.ts';
import { fetchProposal, parseProposal } from './views.ts';

interface Flags extends CommonFlags {
  readonly wallet: string;
  readonly voter?: string;
}

/** `cairn proposal withdraw` */
export function createProposalWithdrawCommand(cli: Cli): Command {
  return defineCommand({
    name: 'withdraw',
    help: 'Takes a vote back. Its deposit returns, and its stake is free when its conviction is over.',
    examples: [
      'proposal withdraw 1 --wallet savings',
      'proposal withdraw 1 --voter cairn1… --wallet gateway --yes',
    ],
    node: true,
    spends: true,
  })
    .argument('<proposal>', 'number of the proposal')
    .requiredOption('--wallet <wallet>', 'who signs: a name from wallet list')
    .option('--voter <account>', 'whose vote, of a proposal that is over (default: who signs)')
    .action(async (given: string, flags: Flags) => {
      const proposal = parseProposal(given);
      const { connectNode } = await import('../connect.ts');
      const { spend } = await import('../spend.ts');
      const connection = await connectNode(cli, flags);
      const { resolveAccount } = await import('../sender.ts');
      const voter =
        flags.voter === undefined ? null : (await resolveAccount(cli, connection, flags.voter)).address;
      const { title, state } = await fetchProposal(connection, proposal);
      await spend(cli, flags, connection, flags.wallet, {
        message: 'governance.withdrawVote',
        value: { proposal, voter: voter === null ? null : addressToAccountId(voter) },
        what: `Withdraw the vote on proposal ${proposal}: ${title}`,
        amount: 0n,
        deposit: 0n,
        details: [
          ...(voter === null ? [] : [['of', voter] as const]),
          [
            'effect',
            state === 'open'
              ? 'it counts no more'
              : `the vote is over, the proposal is ${state}; nothing changes in it`,
          ],
        ],
      });
    });
}
