import { addressToAccountId } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand } from '../command.ts';
import { usage } from '../errors.ts';
import { exactCairn } from '../terminal/format.ts';
import { chooseStakes, depositOfStakes, parseConviction } from './stakes.ts';
import { fetchProposal, parseProposal } from './views.ts';

interface Flags extends CommonFlags {
  readonly wallet: string;
  readonly conviction: string;
  readonly hotkey?: readonly string[];
}

/** `cairn proposal vote` */
export function createProposalVoteCommand(cli: Cli): Command {
  return defineCommand({
    name: 'vote',
    help: 'Votes with the stake of a wallet, which stays locked while the vote stands, and with conviction beyond it.',
    examples: [
      'proposal vote 1 for --wallet savings',
      'proposal vote 1 against --conviction 3 --wallet savings',
    ],
    node: true,
    spends: true,
  })
    .argument('<proposal>', 'number of the proposal')
    .argument('<side>', 'for or against')
    .requiredOption('--wallet <wallet>', 'whose stake: a name from wallet list')
    .option('--conviction <steps>', 'periods its stake stays locked if this side prevails, 0 to 6', '0')
    .option('--hotkey <address...>', 'where its stake is (default: all its stake, 16 hotkeys at most)')
    .action(async (given: string, side: string, flags: Flags) => {
      const proposal = parseProposal(given);
      if (side !== 'for' && side !== 'against') throw usage(`Vote for or against, not ${side}.`);
      const conviction = parseConviction(flags.conviction);
      const { connectNode } = await import('../connect.ts');
      const { resolveAccount } = await import('../sender.ts');
      const { spend } = await import('../spend.ts');
      const connection = await connectNode(cli, flags);
      const { title } = await fetchProposal(connection, proposal);
      const { address } = await resolveAccount(cli, connection, flags.wallet);
      const stakes = await chooseStakes(connection, address, flags.hotkey);
      const stake = stakes.reduce((total, { amount }) => total + amount, 0n);
      const hotkeys = stakes.map(({ hotkey }) => addressToAccountId(hotkey));
      await spend(cli, flags, connection, flags.wallet, {
        message: 'governance.vote',
        value: { proposal, side, conviction, hotkeys },
        what: `Vote ${side} proposal ${proposal}: ${title}`,
        amount: 0n,
        deposit: await depositOfStakes(connection, 'vote', stakes.length),
        details: [
          ['stake', `${exactCairn(stake)} at ${stakes.length} hotkeys, locked while the vote stands`],
          ['weighs', `${conviction === 0 ? '0.1' : conviction} times`],
          [
            'conviction',
            conviction === 0
              ? 'none: free once the vote is withdrawn'
              : `locked for ${conviction} periods after the vote if this side prevails`,
          ],
        ],
      });
    });
}
