import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import type { Connection } from '../connect.ts';
import type { AccountView, ChannelView, HoldingView } from '../node-views.ts';
import { formatCairn } from '../terminal/format.ts';
import { printable } from '../terminal/printable.ts';
import { padToWidth } from '../terminal/width.ts';

/** What an account has of one subnet's token, in 1e-9 token. */
export interface TokenBalance {
  readonly netuid: number;
  readonly held: bigint;
  readonly staked: bigint;
}

export interface Balance {
  readonly name: string | null;
  readonly address: string;
  /** Pebbles. */
  readonly spendable: bigint;
  /** Paid into channels and not spent yet. What receipts owe counts as spent, claimed or not. */
  readonly inChannels: bigint;
  readonly staked: bigint;
  /** The three together. */
  readonly total: bigint;
  /** Tokens of subnets, in 1e-9 token. */
  readonly tokens: readonly TokenBalance[];
  /** Comes back with the records it is held for: the account and its channels. */
  readonly deposits: bigint;
}

/** `cairn wallet balance` */
export function createWalletBalanceCommand(cli: Cli): Command {
  return defineCommand({
    name: 'balance',
    help: 'Shows what an account has: to spend, in channels and staked.',
    examples: ['wallet balance', 'wallet balance miner-1', 'wallet balance cairn1… --json'],
    node: true,
  })
    .argument('[wallet]', 'a name from wallet list, or an address', 'gateway')
    .action(async (wallet: string, flags: CommonFlags) => {
      const { connectNode } = await import('../connect.ts');
      const { resolveAccount } = await import('../sender.ts');
      const connection = await connectNode(cli, flags);
      const balance = await fetchBalance(connection, await resolveAccount(cli, connection, wallet));
      outputOf(cli, flags).result(balance, () => renderBalance(balance));
    });
}

async function fetchBalance(
  connection: Connection,
  { name, address }: { readonly name: string | null; readonly address: string },
): Promise<Balance> {
  const { askAllPages } = await import('../answer/ask-node.ts');
  const { asChannelView, asPositionView, findNodeChannels } = await import('../node-views.ts');
  const { ledger } = connection;
  const [account, channels, positions, tokens, books] = await Promise.all([
    ledger.query<AccountView | null>('accounts_get', { address }),
    askAllPages(connection, 'channels_list', { party: address }, asChannelView, ({ id }) => id),
    askAllPages(
      connection,
      'staking_positions',
      { coldkey: address },
      asPositionView,
      ({ hotkey }) => hotkey,
    ),
    fetchTokens(connection, address),
    findNodeChannels(connection),
  ]);
  // The payees claim every few blocks; the node's own books know at once.
  const settled = new Map(books.map((book) => [book.channel, BigInt(book.settled)]));
  const spent = ({ id, claimed }: ChannelView) => {
    const owed = settled.get(id) ?? 0n;
    return owed > BigInt(claimed) ? owed : BigInt(claimed);
  };
  const paidFor = channels.filter(({ payer }) => payer === address);
  const sum = (amounts: readonly bigint[]) => amounts.reduce((left, right) => left + right, 0n);
  const spendable = BigInt(account?.spendable ?? '0');
  const inChannels = sum(paidFor.map((channel) => BigInt(channel.deposited) - spent(channel)));
  const staked = sum(positions.map(({ amount }) => BigInt(amount)));
  const deposits =
    BigInt(account?.deposit ?? '0') + sum(paidFor.map(({ recordDeposit }) => BigInt(recordDeposit)));
  const total = spendable + inChannels + staked;
  return { name, address, spendable, inChannels, staked, total, tokens, deposits };
}

async function fetchTokens(connection: Connection, address: string): Promise<TokenBalance[]> {
  const { askAllPages } = await import('../answer/ask-node.ts');
  const { asTokenPositionView } = await import('../node-views.ts');
  const [holdings, positions] = await Promise.all([
    connection.ledger.query<HoldingView[]>('pools_holdings', { account: address }),
    askAllPages(
      connection,
      'staking_tokenPositions',
      { coldkey: address },
      asTokenPositionView,
      ({ netuid, hotkey }) => ({ netuid, hotkey }),
    ),
  ]);
  const netuids = [...new Set([...holdings, ...positions].map(({ netuid }) => netuid))].sort((a, b) => a - b);
  const sum = (rows: readonly HoldingView[], netuid: number) =>
    rows.filter((row) => row.netuid === netuid).reduce((amount, row) => amount + BigInt(row.amount), 0n);
  return netuids.map((netuid) => ({
    netuid,
    held: sum(holdings, netuid),
    staked: sum(positions, netuid),
  }));
}

function renderBalance(balance: Balance): string[] {
  const amounts = (
    [
      ['spendable', balance.spendable],
      ['in channels', balance.inChannels],
      ['staked', balance.staked],
      ['total', balance.total],
    ] as const
  ).map(([name, amount]) => [name, formatCairn(amount, 9)] as const);
  const width = Math.max(...amounts.map(([, amount]) => amount.length));
  return [
    printable(`${balance.name === null ? '' : `${balance.name}  `}${balance.address}`),
    ...amounts.map(
      ([name, amount]) => `  ${padToWidth(name, 11)}  ${padToWidth(amount, width, 'right')} CAIRN`,
    ),
    ...balance.tokens.map(
      ({ netuid, held, staked }) =>
        `  tokens of subnet ${netuid}: ${formatCairn(held, 9)} held, ${formatCairn(staked, 9)} staked`,
    ),
    `  Refundable deposits of the account and its channels: ${formatCairn(balance.deposits, 9)} CAIRN.`,
  ];
}
