import { parseAmount } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand } from '../command.ts';
import { parseNetuid } from '../subnet/netuid.ts';
import { addBoundOptions, type BoundFlags, parseBounds } from './bounds.ts';
import { addPlainOption, type PlainFlag } from './plain-option.ts';

interface Flags extends CommonFlags, BoundFlags, PlainFlag {
  readonly wallet: string;
}

/** `cairn token buy` */
export function createTokenBuyCommand(cli: Cli): Command {
  const command = defineCommand({
    name: 'buy',
    help: "Buys a subnet's token with CAIRN, at the one price of all swaps that clear with it.",
    examples: [
      'token buy 1 10 --wallet savings --dry-run',
      'token buy 1 10 --wallet owner --max-slippage 0.5% --yes',
      'token buy 1 500 --wallet owner --limit 1.2 --partial',
    ],
    node: true,
    spends: true,
  })
    .argument('<netuid>', 'number of the subnet')
    .argument('<cairn>', 'CAIRN to pay, the fee of the pool included')
    .requiredOption('--wallet <wallet>', 'who pays: a name from wallet list');
  return addPlainOption(addBoundOptions(command, 'most CAIRN to pay for one token')).action(
    async (subnet: string, given: string, flags: Flags) => {
      const netuid = parseNetuid(subnet);
      const amount = parseAmount(given);
      const bounds = parseBounds(flags);
      const { connectNode } = await import('../connect.ts');
      const { fetchMarket } = await import('../answer/market.ts');
      const { findPayer } = await import('../sender.ts');
      const { spend } = await import('../spend.ts');
      const { describeTrade, planTrade, tradeJson } = await import('./plan-trade.ts');
      const { awaitCleared, describeCleared } = await import('./cleared.ts');
      const { placing } = await import('./place-order.ts');
      const connection = await connectNode(cli, flags);
      const market = await fetchMarket(connection, netuid);
      const plan = await planTrade(connection, market, { side: 'buy', amountIn: amount, bounds });
      const { limitPrice, isPartialAllowed } = bounds;
      const payer = await findPayer(cli, connection, flags.wallet);
      const order = { netuid, amount, limitPrice, minOut: plan.minOut, isPartialAllowed };
      const placed = await placing(
        connection,
        payer.address,
        flags,
        { message: 'pools.buy', value: order },
        { side: 'buy', ...order, nextLeg: null },
      );
      await spend(cli, flags, connection, payer, {
        ...placed,
        what: `Buy tokens of subnet ${netuid} (${market.name})`,
        amount,
        details: [...describeTrade(plan), ...placed.details],
        plan: { ...tradeJson(plan), ...placed.plan },
        outcome: async ({ height }, { address }) =>
          describeCleared(
            'buy',
            await awaitCleared(connection, height, { netuid, side: 'buy', owner: address, amountIn: amount }),
          ),
      });
    },
  );
}
