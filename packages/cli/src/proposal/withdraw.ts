import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand } from '../command.ts';
import { fetchProposal, parseProposal } from './views.ts';

interface Flags extends CommonFlags {
  readonly wallet: string;
}

/** `cairn proposal withdraw` */
export function createProposalWithdrawCommand(cli: Cli): Command {
  return defineCommand({
    name: 'withdraw',
    help: 'Takes a vote back. Its deposit returns, and its stake is free when its conviction is over.',
    examples: ['proposal withdraw 1 --wallet savings'],
    node: true,
    spends: true,
  })
    .argument('<proposal>', 'number of the proposal')
    .requiredOption('--wallet <wallet>', 'whose vote: a name from wallet list')
    .action(async (given: string, flags: Flags) => {
      const proposal = parseProposal(given);
      const { connectNode } = await import('../connect.ts');
      const { spend } = await import('../spend.ts');
      const connection = await connectNode(cli, flags);
      const { title, state } = await fetchProposal(connection, proposal);
      await spend(cli, flags, connection, flags.wallet, {
        message: 'governance.withdrawVote',
        value: { proposal, voter: null },
        what: `Withdraw the vote on proposal ${proposal}: ${title}`,
        amount: 0n,
        details: [
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
