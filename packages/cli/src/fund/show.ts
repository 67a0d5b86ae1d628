import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { exactCairn, formatCairn, formatCount } from '../terminal/format.ts';
import { renderFields } from '../terminal/output.ts';
import { printable } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';
import type { Fund } from './funds.ts';

/** `cairn fund show` */
export function createFundShowCommand(cli: Cli): Command {
  return defineCommand({
    name: 'show',
    help: 'Shows a fund, or lists all of them.',
    examples: ['fund show', 'fund show 1', 'fund show 1 --json'],
    node: true,
  })
    .argument('[fund]', 'number of the fund (default: all)')
    .action(async (number: string | undefined, flags: CommonFlags) => {
      const { connectNode } = await import('../connect.ts');
      const { fetchFund, fetchFunds, parseFund } = await import('./funds.ts');
      const output = outputOf(cli, flags);
      if (number !== undefined) {
        const wanted = parseFund(number);
        const fund = await fetchFund(await connectNode(cli, flags), wanted);
        output.result(fund, () => renderFund(fund));
        return;
      }
      const funds = await fetchFunds(await connectNode(cli, flags));
      output.result({ funds }, () =>
        funds.length === 0 ? ['No funds. See ./cairn fund open --help.'] : renderFunds(funds, output.columns),
      );
    });
}

const stateOf = ({ netuid, raised, goal }: Fund): string =>
  netuid !== 0 ? `subnet ${netuid}` : raised === goal ? 'goal reached' : 'open';

function renderFund(fund: Fund): string[] {
  return renderFields([
    ['fund', `${fund.fund}  ${printable(fund.name)}`],
    ['state', stateOf(fund)],
    ['raised', `${exactCairn(fund.raised)} of ${exactCairn(fund.goal)}`],
    ['contributors', formatCount(fund.contributors)],
    ['least', `${exactCairn(fund.minContribution)} a contribution`],
    ['until slot', formatCount(fund.endSlot)],
    ['opened by', fund.creator],
    ['subnet owner', fund.owner],
    ['not yet given back', exactCairn(fund.surplus)],
    ['deposit', exactCairn(fund.deposit)],
  ]);
}

function renderFunds(funds: readonly Fund[], columns: number): string[] {
  const right = { align: 'right' } as const;
  return renderTable(
    [
      { header: 'FUND', ...right },
      { header: 'NAME', cut: true },
      { header: 'RAISED CAIRN', ...right },
      { header: 'GOAL CAIRN', ...right },
      { header: 'CONTRIBUTORS', ...right },
      { header: 'UNTIL SLOT', ...right },
      { header: 'STATE' },
    ],
    funds.map((fund) => [
      String(fund.fund),
      printable(fund.name),
      formatCairn(fund.raised, 2),
      formatCairn(fund.goal, 2),
      formatCount(fund.contributors),
      formatCount(fund.endSlot),
      stateOf(fund),
    ]),
    columns,
  );
}
