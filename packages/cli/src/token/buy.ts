import { parseAmount } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand } from '../command.ts';
import { parseNetuid } from '../subnet/netuid.ts';
import { addBoundOptions, type BoundFlags, parseBounds } from './bounds.ts';

interface Flags extends CommonFlags, BoundFlags {
  readonly wallet: string;
}

/** `cairn token buy` */
export function createTokenBuyCommand(cli: Cli): Command {
  const command = defineCommand({
    name: 'buy',
    help: "Buys a subnet's token with CAIRN, at the one price of all swaps of the block.",
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
  return addBoundOptions(command, 'most CAIRN to pay for one token').action(
    async (subnet: string, given: string, flags: Flags) => {
      const netuid = parseNetuid(subnet);
      const amount = parseAmount(given);
      const bounds = parseBounds(flags);
      const { connectNode } = await import('../connect.ts');
      const { fetchMarket } = await import('../answer/market.ts');
      const { spend } = await import('../spend.ts');
      const { describeTrade, planTrade, tradeJson } = await import('./plan-trade.ts');
      const { describeCleared, findCleared } = await import('./cleared.ts');
      const connection = await connectNode(cli, flags);
      const market = await fetchMarket(connection, netuid);
      const plan = await planTrade(connection, market, { side: 'buy', amountIn: amount, bounds });
      const { limitPrice, isPartialAllowed } = bounds;
      await spend(cli, flags, connection, flags.wallet, {
        message: 'pools.buy',
        value: { netuid, amount, limitPrice, minOut: plan.minOut, isPartialAllowed },
        what: `Buy tokens of subnet ${netuid} (${market.name})`,
        amount,
        details: describeTrade(plan),
        plan: tradeJson(plan),
        outcome: async ({ height }, { address }) =>
          describeCleared(
            'buy',
            await findCleared(connection, height, { netuid, side: 'buy', owner: address, amountIn: amount }),
          ),
      });
    },
  );
}
