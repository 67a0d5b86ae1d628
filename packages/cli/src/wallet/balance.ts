import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { exactCairn, formatCairn, formatCount, shorten } from '../terminal/format.ts';
import { printable } from '../terminal/printable.ts';
import { padToWidth } from '../terminal/width.ts';
import type { Balance, TokenBalance } from './belongings.ts';

/** `cairn wallet balance` */
export function createWalletBalanceCommand(cli: Cli): Command {
  return defineCommand({
    name: 'balance',
    help: 'Shows all that an account has: to spend, in channels, staked, on its way out of stake, tokens and what they are worth, deposits, and what votes lock.',
    examples: ['wallet balance', 'wallet balance miner-1', 'wallet balance cairn1… --json'],
    node: true,
  })
    .argument('[wallet]', 'a name from wallet list, or an address', 'gateway')
    .action(async (wallet: string, flags: CommonFlags) => {
      const { connectNode } = await import('../connect.ts');
      const { resolveAccount } = await import('../sender.ts');
      const { fetchBalance } = await import('./belongings.ts');
      const connection = await connectNode(cli, flags);
      const balance = await fetchBalance(connection, await resolveAccount(cli, connection, wallet));
      outputOf(cli, flags).result(balance, () => renderBalance(balance));
    });
}

function renderBalance(balance: Balance): string[] {
  const { kept, unbonding, dissolved, slot } = balance;
  const amounts = (
    [
      ['spendable', balance.spendable],
      ['in channels', balance.inChannels],
      ['staked', balance.staked],
      ...(kept === 0n ? [] : [['kept stake', kept] as const]),
      ...(unbonding === 0n ? [] : [['unbonding', unbonding] as const]),
      ...(dissolved === 0n ? [] : [['to claim', dissolved] as const]),
      ['total', balance.total],
    ] as const
  ).map(([name, amount]) => [name, formatCairn(amount, 9)] as const);
  const width = Math.max(...amounts.map(([, amount]) => amount.length));
  const when = (until: bigint) =>
    until > slot ? `from slot ${formatCount(until)} on, in ${formatCount(until - slot)}` : 'now';
  return [
    printable(`${balance.name === null ? '' : `${balance.name}  `}${balance.address}`),
    ...amounts.map(
      ([name, amount]) => `  ${padToWidth(name, 11)}  ${padToWidth(amount, width, 'right')} CAIRN`,
    ),
    ...balance.tokens.map(renderTokens),
    ...balance.departures.map(
      ({ hotkey, amount, freeSlot }) =>
        `  Unbonding from ${shorten(hotkey)}: ${exactCairn(amount)}, paid ${when(freeSlot)}.`,
    ),
    ...balance.claims.map(
      ({ netuid, amount }) =>
        `  Subnet ${netuid} was dissolved: ${exactCairn(amount)} to claim, see subnet claim.`,
    ),
    ...balance.locks.map(
      ({ hotkey, amount, votes, untilSlot }) =>
        `  Locked at ${shorten(hotkey)}: ${exactCairn(amount)} behind ${votes} votes${votes > 0 ? '' : `, free ${when(untilSlot)}`}.`,
    ),
    `  Refundable deposits of the account and its ${recordsOf(balance)}: ${formatCairn(balance.deposits, 9)} CAIRN.`,
  ];
}

/** Whose deposits are added up, in words. */
function recordsOf({ staked, tokens, locks }: Balance): string {
  const names = [
    'channels',
    ...(staked > 0n || tokens.some((token) => token.staked > 0n) ? ['stake'] : []),
    ...(tokens.some(({ held }) => held > 0n) ? ['tokens'] : []),
    ...(locks.length > 0 ? ['votes'] : []),
  ];
  return names.length === 1 ? names[0]! : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function renderTokens({ netuid, held, staked, claimable, worth, price }: TokenBalance): string {
  const more = claimable === 0n ? '' : `, ${formatCairn(claimable, 9)} to claim`;
  const value =
    worth === null || price === null
      ? ''
      : `; worth ${formatCairn(worth, 9)} CAIRN at ${formatCairn(price, 9)}`;
  return `  tokens of subnet ${netuid}: ${formatCairn(held, 9)} held, ${formatCairn(staked, 9)} staked${more}${value}`;
}
