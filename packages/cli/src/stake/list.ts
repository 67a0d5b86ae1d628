import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { formatCairn, shorten } from '../terminal/format.ts';
import { printable } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';

/** `cairn stake list` */
export function createStakeListCommand(cli: Cli): Command {
  return defineCommand({
    name: 'list',
    help: 'Lists what an account has staked: CAIRN on root and tokens of subnets.',
    examples: ['stake list validator-1', 'stake list cairn1… --json'],
    node: true,
  })
    .argument('<wallet>', 'a name from wallet list, or an address')
    .action(async (wallet: string, flags: CommonFlags) => {
      const { connectNode } = await import('../connect.ts');
      const { findRoles } = await import('../node-views.ts');
      const { resolveAccount } = await import('../sender.ts');
      const { fetchPositions } = await import('./positions.ts');
      const connection = await connectNode(cli, flags);
      const { address } = await resolveAccount(cli, connection, wallet);
      const [positions, roles] = await Promise.all([
        fetchPositions(connection, address),
        findRoles(connection),
      ]);
      const names = new Map(roles.map((role) => [role.address, role.name]));
      const rows = [
        ...positions.root.map((entry) => ({ ...entry, what: 'CAIRN on root' })),
        ...positions.tokens.map((entry) => ({ ...entry, what: `tokens of subnet ${entry.netuid}` })),
      ];
      const output = outputOf(cli, flags);
      output.result({ account: address, ...positions }, () =>
        rows.length === 0
          ? [`${address} has nothing staked. See ./cairn stake add --help.`]
          : renderTable(
              [
                { header: 'STAKED' },
                { header: 'AMOUNT', align: 'right' },
                { header: 'HOTKEY', cut: true },
                { header: 'DEPOSIT CAIRN', align: 'right' },
              ],
              rows.map(({ what, amount, hotkey, deposit }) => [
                what,
                formatCairn(amount, 9),
                printable(names.get(hotkey) ?? shorten(hotkey)),
                formatCairn(deposit),
              ]),
              output.columns,
            ),
      );
    });
}
