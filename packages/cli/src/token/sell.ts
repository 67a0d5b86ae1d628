import { formatAmount, parseAmount } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand } from '../command.ts';
import type { Connection } from '../connect.ts';
import { CliError } from '../errors.ts';
import { parseNetuid } from '../subnet/netuid.ts';
import { addBoundOptions, type BoundFlags, parseBounds } from './bounds.ts';
import { addPlainOption, type PlainFlag } from './plain-option.ts';

interface Flags extends CommonFlags, BoundFlags, PlainFlag {
  readonly wallet: string;
}

/** `cairn token sell` */
export function createTokenSellCommand(cli: Cli): Command {
  const command = defineCommand({
    name: 'sell',
    help: "Sells a subnet's token for CAIRN, at the one price of all swaps that clear with it.",
    examples: [
      'token sell 1 2.5 --wallet savings',
      'token sell 1 all --wallet miner-1 --limit 0.8 --partial --yes',
    ],
    node: true,
    spends: true,
  })
    .argument('<netuid>', 'number of the subnet')
    .argument('<tokens>', 'tokens to sell, the fee of the pool included; all: what the account holds now')
    .requiredOption('--wallet <wallet>', 'who sells: a name from wallet list');
  return addPlainOption(addBoundOptions(command, 'least CAIRN to get for one token')).action(
    async (subnet: string, given: string, flags: Flags) => {
      const netuid = parseNetuid(subnet);
      const wanted = parseTokens(given);
      const bounds = parseBounds(flags);
      const { connectNode } = await import('../connect.ts');
      const { fetchMarket } = await import('../answer/market.ts');
      const { findPayer } = await import('../sender.ts');
      const { spend } = await import('../spend.ts');
      const { exactTokens } = await import('../terminal/format.ts');
      const { describeTrade, planTrade, tradeJson } = await import('./plan-trade.ts');
      const { awaitCleared, describeCleared } = await import('./cleared.ts');
      const { placing } = await import('./place-order.ts');
      const connection = await connectNode(cli, flags);
      const market = await fetchMarket(connection, netuid);
      const payer = await findPayer(cli, connection, flags.wallet);
      const amount = await tokensOf(connection, payer.address, netuid, wanted);
      const plan = await planTrade(connection, market, { side: 'sell', amountIn: amount, bounds });
      const { limitPrice, isPartialAllowed } = bounds;
      const order = { netuid, amount, limitPrice, minOut: plan.minOut, isPartialAllowed };
      const placed = await placing(
        connection,
        payer.address,
        flags,
        { message: 'pools.sell', value: order },
        { side: 'sell', ...order, nextLeg: null },
      );
      await spend(cli, flags, connection, payer, {
        ...placed,
        what: `Sell tokens of subnet ${netuid} (${market.name})`,
        amount: null,
        details: [['tokens', exactTokens(amount)], ...describeTrade(plan), ...placed.details],
        plan: { ...tradeJson(plan), ...placed.plan },
        outcome: async ({ height }, { address }) =>
          describeCleared(
            'sell',
            await awaitCleared(connection, height, {
              netuid,
              side: 'sell',
              owner: address,
              amountIn: amount,
            }),
          ),
      });
    },
  );
}

/** Tokens as typed; null for all. */
export function parseTokens(text: string): bigint | null {
  return text === 'all' ? null : parseAmount(text);
}

/**
 * The tokens that are meant, if the account holds them unstaked.
 *
 * @throws CliError `TOKENS_TOO_FEW`
 */
export async function tokensOf(
  connection: Connection,
  account: string,
  netuid: number,
  wanted: bigint | null,
): Promise<bigint> {
  const { fetchHolding } = await import('../answer/market.ts');
  const has = await fetchHolding(connection, account, netuid);
  if (has > 0n && (wanted === null || wanted <= has)) return wanted ?? has;
  throw new CliError(
    { code: 'TOKENS_TOO_FEW', netuid, has, needs: wanted ?? 1n },
    `${account} holds ${formatAmount(has)} tokens of subnet ${netuid} that are not staked${wanted === null ? '' : `, not ${formatAmount(wanted)}`}. Buy some, or take some out of stake.`,
  );
}
