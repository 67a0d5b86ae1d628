import { addressToAccountId } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand } from '../command.ts';
import type { Connection } from '../connect.ts';
import { usage } from '../errors.ts';
import { exactCairn } from '../terminal/format.ts';
import { fetchProposal, parseProposal } from './views.ts';

interface Flags extends CommonFlags {
  readonly wallet: string;
  readonly conviction: string;
  readonly hotkey?: readonly string[];
}

/** Hotkeys whose stake one vote names. */
const MOST_HOTKEYS = 16;

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
      if (!/^[0-6]$/.test(flags.conviction))
        throw usage(`Conviction goes from 0 to 6, not ${flags.conviction}.`);
      const conviction = Number(flags.conviction);
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
        details: [
          ['stake', `${exactCairn(stake)} at ${stakes.length} hotkeys, locked while the vote stands`],
          ['weighs', `${conviction === 0 ? '0.1' : conviction} times`],
          [
            'conviction',
            conviction === 0
              ? 'none: free once the vote is withdrawn'
              : `locked for ${conviction} periods after the vote if this side prevails`,
          ],
          ['deposit', 'refundable, for the bytes of its record'],
        ],
      });
    });
}

/** Positions of the account: those named, or the largest. */
async function chooseStakes(
  connection: Connection,
  coldkey: string,
  named: readonly string[] | undefined,
): Promise<readonly { readonly hotkey: string; readonly amount: bigint }[]> {
  const { fetchPositions } = await import('../stake/positions.ts');
  const { root: all } = await fetchPositions(connection, coldkey);
  if (named !== undefined) {
    return named.map((hotkey) => {
      const found = all.find((position) => position.hotkey === hotkey);
      if (found === undefined) throw usage(`This wallet has no stake at ${hotkey}.`);
      return found;
    });
  }
  const largest = (a: { amount: bigint }, b: { amount: bigint }) => (a.amount < b.amount ? 1 : -1);
  return [...all].sort(largest).slice(0, MOST_HOTKEYS);
}
