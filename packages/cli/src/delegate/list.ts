import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { formatCairn, formatCount } from '../terminal/format.ts';
import { printable } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';

/** `cairn delegate list` */
export function createDelegateListCommand(cli: Cli): Command {
  return defineCommand({
    name: 'list',
    help: 'Lists the delegates of an account, and the calls they announced.',
    examples: ['delegate list owner', 'delegate list cairn1… --json'],
    node: true,
  })
    .argument('<account>', 'a name from wallet list, or an address')
    .action(async (given: string, flags: CommonFlags) => {
      const { connectNode } = await import('../connect.ts');
      const { resolveAccount } = await import('../sender.ts');
      const { fetchDelegates } = await import('./delegates.ts');
      const connection = await connectNode(cli, flags);
      const { address } = await resolveAccount(cli, connection, given);
      const delegates = await fetchDelegates(connection, address);
      const output = outputOf(cli, flags);
      output.result({ account: address, delegates }, () =>
        delegates.length === 0
          ? [`${address} has no delegates.`]
          : [
              ...renderTable(
                [
                  { header: 'DELEGATE', cut: true },
                  { header: 'PURPOSE' },
                  { header: 'DELAY SLOTS', align: 'right' },
                  { header: 'DEPOSIT CAIRN', align: 'right' },
                  { header: 'ANNOUNCED', align: 'right' },
                ],
                delegates.map(({ delegate, purpose, delaySlots, deposit, announced }) => [
                  delegate,
                  printable(purpose),
                  formatCount(delaySlots),
                  formatCairn(deposit),
                  formatCount(announced.length),
                ]),
                output.columns,
              ),
              ...delegates.flatMap(({ delegate, announced }) =>
                announced.map(
                  ({ callHash, slot }) => `${delegate} announced ${callHash} in slot ${formatCount(slot)}.`,
                ),
              ),
            ],
      );
    });
}
