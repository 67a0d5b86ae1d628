import { addressToAccountId } from '@cairn/core';
import type { Command } from 'commander';
import { askNode } from '../answer/ask-node.ts';
import {
  asAddress,
  asAmount,
  asCount,
  asList,
  asNullable,
  asObject,
  type Checked,
} from '../answer/checks.ts';
import type { Cli } from '../cli.ts';
import type { Connection } from '../connect.ts';
import { CliError, usage } from '../errors.ts';
import { defineSending, type SendingFlags } from '../sending.ts';

type Flags = SendingFlags & { readonly conviction?: string; readonly hotkey?: readonly string[] };

/** `cairn proposal delegate` */
export function createProposalDelegateCommand(cli: Cli): Command {
  return defineSending<Flags>(cli, {
    name: 'delegate',
    help: 'Lets another account vote with the stake of a wallet, on every proposal on which the wallet does not vote itself.',
    examples: [
      'proposal delegate cairn1… --wallet savings --dry-run',
      'proposal delegate gateway --conviction 2 --wallet savings',
    ],
    words: [['<to>', 'who votes: a name from wallet list, or an address']],
    options: [
      ['--conviction <steps>', 'periods its stake stays locked once this ends, 0 to 6 (default: 0)'],
      ['--hotkey <address...>', 'where its stake is (default: all its stake, 16 hotkeys at most)'],
    ],
    async build({ cli, connection, payer, words: [given = ''], flags }) {
      const { resolveAccount } = await import('../sender.ts');
      const { fetchParameters } = await import('@cairn/sdk');
      const { exactCairn } = await import('../terminal/format.ts');
      const { chooseStakes, depositOfStakes, parseConviction } = await import('./stakes.ts');
      const conviction = parseConviction(flags.conviction ?? '0');
      const { address } = await resolveAccount(cli, connection, given);
      const to = addressToAccountId(address);
      if (address === payer.address) throw usage('Your stake is your own to vote with. Just vote.');
      const stakes = await chooseStakes(connection, payer.address, flags.hotkey);
      if (stakes.length === 0) throw usage(`${payer.address} has no CAIRN on root to vote with.`);
      const stake = stakes.reduce((sum, { amount }) => sum + amount, 0n);
      const { convictionSlots } = await fetchParameters(connection.ledger);
      return {
        message: 'governance.delegateVotes',
        value: { to, conviction, hotkeys: stakes.map(({ hotkey }) => addressToAccountId(hotkey)) },
        what: 'Delegate votes',
        amount: 0n,
        deposit: await depositOfStakes(connection, 'delegation', stakes.length),
        details: [
          ['to', address],
          ['stake', `${exactCairn(stake)} at ${stakes.length} hotkeys`],
          ['weighs', `${conviction === 0 ? '0.1' : conviction} times`],
          [
            'locked',
            `until proposal undelegate${conviction === 0 ? '' : `, and for ${BigInt(conviction) * convictionSlots} slots after it`}`,
          ],
        ],
        plan: { to: address, conviction, stake, hotkeys: stakes.map(({ hotkey }) => hotkey) },
      };
    },
  });
}

/** `cairn proposal undelegate` */
export function createProposalUndelegateCommand(cli: Cli): Command {
  return defineSending(cli, {
    name: 'undelegate',
    help: 'Ends the delegation of votes of a wallet. Its stake is free when its conviction is over.',
    examples: ['proposal undelegate --wallet savings'],
    async build({ connection, payer }) {
      const { exactCairn } = await import('../terminal/format.ts');
      const { delegation } = await fetchVoter(connection, payer.address);
      if (delegation === null) {
        throw new CliError(
          { code: 'NOT_FOUND', what: 'delegation' },
          `${payer.address} has not delegated its votes.`,
        );
      }
      const { delegate, lockSlots, power, deposit } = delegation;
      return {
        message: 'governance.undelegateVotes',
        value: { from: addressToAccountId(delegate) },
        what: 'End the delegation of votes',
        amount: 0n,
        deposit: 0n,
        details: [
          ['to', delegate],
          ['stake', `${exactCairn(power.capital)}, which counts no more on open proposals`],
          ['locked', lockSlots === 0n ? 'no more' : `for ${lockSlots} slots from now`],
          ['comes back', `the deposit, ${exactCairn(deposit)}`],
        ],
        plan: { delegate, lockSlots, stake: power.capital },
      };
    },
  });
}

const asVotingPower = asObject({ capital: asAmount, weight: asAmount });
const asVoter = asObject({
  delegation: asNullable(
    asObject({
      delegate: asAddress,
      conviction: asCount,
      lockSlots: asAmount,
      power: asVotingPower,
      deposit: asAmount,
    }),
  ),
  lent: asVotingPower,
  delegators: asCount,
  locks: asList(
    asObject({
      hotkey: asAddress,
      shares: asAmount,
      holds: asCount,
      untilSlot: asAmount,
      deposit: asAmount,
    }),
  ),
});

/** What an account has delegated, and the stake that votes lock. */
export const fetchVoter = (connection: Connection, voter: string): Promise<Checked<typeof asVoter>> =>
  askNode(connection, 'governance_voter', { voter }, asVoter);
