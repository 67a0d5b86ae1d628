import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand } from '../command.ts';
import { usage } from '../errors.ts';
import { parseNetuid } from '../subnet/netuid.ts';
import { addSlippageOption, parseSlippage } from './bounds.ts';
import { addPlainOption, type PlainFlag } from './plain-option.ts';
import { parseTokens, tokensOf } from './sell.ts';

interface Flags extends CommonFlags, PlainFlag {
  readonly wallet: string;
  readonly maxSlippage: string;
}

/** `cairn token swap` */
export function createTokenSwapCommand(cli: Cli): Command {
  const command = defineCommand({
    name: 'swap',
    help: "Moves from one subnet's token to another's: sells in one block, buys in the next.",
    examples: [
      'token swap 1 2 all --wallet savings',
      'token swap 1 2 2.5 --wallet owner --max-slippage 3% --yes',
    ],
    node: true,
    spends: true,
  })
    .argument('<from>', 'subnet whose token is sold')
    .argument('<to>', 'subnet whose token is bought')
    .argument('<tokens>', 'tokens to sell; all: what the account holds now')
    .requiredOption('--wallet <wallet>', 'whose tokens: a name from wallet list');
  return addPlainOption(addSlippageOption(command)).action(
    async (first: string, second: string, given: string, flags: Flags) => {
      const [from, to] = [parseNetuid(first), parseNetuid(second)];
      if (from === to) throw usage(`Both sides name subnet ${from}. Name two subnets.`);
      const wanted = parseTokens(given);
      const slippagePpm = parseSlippage(flags.maxSlippage);
      const { connectNode } = await import('../connect.ts');
      const { findPayer } = await import('../sender.ts');
      const { spend } = await import('../spend.ts');
      const { describeSwap, planSwap, swapJson } = await import('./plan-swap.ts');
      const { followSwap } = await import('./follow-swap.ts');
      const { placing } = await import('./place-order.ts');
      const connection = await connectNode(cli, flags);
      const payer = await findPayer(cli, connection, flags.wallet);
      const amount = await tokensOf(connection, payer.address, from, wanted);
      const plan = await planSwap(connection, { from, to, amount, slippagePpm });
      const [minProceeds, minOut] = [plan.sale.minOut, plan.purchase.minOut];
      const placed = await placing(
        connection,
        payer.address,
        flags,
        { message: 'pools.swap', value: { from, to, amount, minProceeds, minOut } },
        {
          ...{ side: 'sell', netuid: from, amount, limitPrice: null, minOut: minProceeds },
          ...{ isPartialAllowed: false, nextLeg: { netuid: to, minOut } },
        },
      );
      await spend(cli, flags, connection, payer, {
        ...placed,
        what: `Swap tokens of subnet ${from} for tokens of subnet ${to}`,
        amount: null,
        details: [...describeSwap(plan), ...placed.details],
        plan: { ...swapJson(plan), ...placed.plan },
        outcome: ({ height }, { address }) => followSwap(connection, plan, address, height),
      });
    },
  );
}
