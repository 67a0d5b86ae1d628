import type { Command } from 'commander';
import { askNode } from '../answer/ask-node.ts';
import {
  asCount,
  asList,
  asNullable,
  asNumber,
  asObject,
  asSigned,
  asText,
  asU16,
  type Checked,
} from '../answer/checks.ts';
import type { Cli } from '../cli.ts';
import { defineCommand, outputOf } from '../command.ts';
import { formatCairn, formatCount, formatTime, shorten } from '../terminal/format.ts';
import { printable } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';
import { moreLines, type PageFlags, pageParams, withPageOptions } from './page-options.ts';

const asFlowPage = asObject({
  flows: asList(
    asObject({
      height: asCount,
      timeMs: asNullable(asNumber),
      purse: asText,
      token: asU16,
      kind: asText,
      amount: asSigned,
      balance: asSigned,
      counterparty: asNullable(asText),
    }),
  ),
  next: asNullable(asText),
});

/** `cairn account history` */
export function createAccountHistoryCommand(cli: Cli): Command {
  const command = defineCommand({
    name: 'history',
    help: 'Shows what an account was paid and what it paid, from the index.',
    examples: ['account history gateway', 'account history cairn1… --oldest --limit 100 --json'],
    node: true,
  }).argument('[account]', 'a name from wallet list, or an address', 'gateway');
  return withPageOptions(command).action(async (wallet: string, flags: PageFlags) => {
    const params = pageParams(flags);
    const { connectNode } = await import('../connect.ts');
    const { resolveAccount } = await import('../sender.ts');
    const connection = await connectNode(cli, flags);
    const { address } = await resolveAccount(cli, connection, wallet);
    const page = await askNode(connection, 'index_accountHistory', { address, ...params }, asFlowPage);
    const output = outputOf(cli, flags);
    output.result({ address, ...page }, () => [
      printable(address),
      '',
      ...(page.flows.length === 0 ? ['Nothing in this part of history.'] : renderFlows(page, output.columns)),
      ...moreLines(page.next),
      '',
      'SUM adds up what events and fees name. Deposits for records, tips and what genesis gave are not in it.',
    ]);
  });
}

function renderFlows({ flows }: Checked<typeof asFlowPage>, columns: number): string[] {
  return renderTable(
    [
      { header: 'BLOCK', align: 'right' },
      { header: 'TIME', cut: true },
      { header: 'WHAT' },
      { header: 'PURSE' },
      { header: 'TOKEN', align: 'right' },
      { header: 'AMOUNT', align: 'right' },
      { header: 'SUM', align: 'right' },
      { header: 'WITH', cut: true },
    ],
    flows.map((flow) => [
      formatCount(flow.height),
      flow.timeMs === null ? '' : formatTime(flow.timeMs),
      printable(flow.kind),
      printable(flow.purse),
      flow.token === 0 ? 'CAIRN' : `subnet ${flow.token}`,
      formatCairn(flow.amount, 9),
      formatCairn(flow.balance, 9),
      flow.counterparty === null ? '' : printable(shorten(flow.counterparty)),
    ]),
    columns,
  );
}
