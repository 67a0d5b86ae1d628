import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { formatCairn } from '../terminal/format.ts';
import { printable } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';

/** `cairn token list` */
export function createTokenListCommand(cli: Cli): Command {
  return defineCommand({
    name: 'list',
    help: 'Lists the tokens of all subnets: prices, what a place costs, reserves.',
    examples: ['token list', 'token list --json'],
    node: true,
  }).action(async (flags: CommonFlags) => {
    const { connectNode } = await import('../connect.ts');
    const { fetchMarkets } = await import('../answer/market.ts');
    const markets = await fetchMarkets(await connectNode(cli, flags));
    const output = outputOf(cli, flags);
    const right = { align: 'right' } as const;
    output.result({ markets }, () =>
      markets.length === 0
        ? ['No subnets yet. See ./cairn subnet create.']
        : renderTable(
            [
              { header: 'SUBNET', ...right },
              { header: 'NAME', cut: true },
              { header: 'PRICE CAIRN', ...right },
              { header: 'AVERAGE CAIRN', ...right },
              { header: 'PLACE CAIRN', ...right },
              { header: 'POOL CAIRN', ...right },
              { header: 'POOL TOKENS', ...right },
              { header: 'OUTSIDE TOKENS', ...right },
            ],
            markets.map((market) => [
              String(market.netuid),
              printable(market.name),
              formatCairn(market.price, 6),
              formatCairn(market.averagePrice, 6),
              formatCairn(market.burnCost),
              formatCairn(market.cairnReserve, 2),
              formatCairn(market.tokenReserve, 2),
              formatCairn(market.outstanding, 2),
            ]),
            output.columns,
          ),
    );
  });
}
