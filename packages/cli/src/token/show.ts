import type { Command } from 'commander';
import type { Market } from '../answer/market.ts';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { parseNetuid } from '../subnet/netuid.ts';
import { exactCairn, exactTokens } from '../terminal/format.ts';
import { renderFields } from '../terminal/output.ts';
import { printable } from '../terminal/printable.ts';

/** `cairn token show` */
export function createTokenShowCommand(cli: Cli): Command {
  return defineCommand({
    name: 'show',
    help: 'Shows the token of a subnet: price, pool, supply, flows.',
    examples: ['token show 1', 'token show 1 --json'],
    node: true,
  })
    .argument('<netuid>', 'number of the subnet')
    .action(async (given: string, flags: CommonFlags) => {
      const netuid = parseNetuid(given);
      const { connectNode } = await import('../connect.ts');
      const { fetchMarket } = await import('../answer/market.ts');
      const market = await fetchMarket(await connectNode(cli, flags), netuid);
      outputOf(cli, flags).result(market, () => renderMarket(market));
    });
}

function renderMarket(market: Market): string[] {
  const weight = (Number(market.quoteWeight) / 1e16).toFixed(2);
  return renderFields([
    ['subnet', `${market.netuid}  ${printable(market.name)}`],
    ['price', `${exactCairn(market.price)} for a token`],
    ['average price', exactCairn(market.averagePrice)],
    ['a place costs', exactCairn(market.burnCost)],
    ['pool', `${exactCairn(market.cairnReserve)} and ${exactTokens(market.tokenReserve)}`],
    ['weight of CAIRN', `${weight} %`],
    ['issued', exactTokens(market.issuance)],
    [
      'outside the pool',
      `${exactTokens(market.outstanding)}, ${exactTokens(market.protocolTokens)} of them nobody's`,
    ],
    ['burned', exactTokens(market.burned)],
    ['flow of people', `${exactCairn(market.userFlow)} a slot into the pool, on average`],
    ['flow of emission', `${exactCairn(market.protocolFlow)} a slot`],
    ['burned by claims', `${exactCairn(market.burnCaused)}, not yet paid back by emission`],
  ]);
}
