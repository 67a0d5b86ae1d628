import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { usage } from '../errors.ts';
import { parseNetuid } from '../subnet/netuid.ts';
import { formatCairn, shorten } from '../terminal/format.ts';
import { printable } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';

interface Flags extends CommonFlags {
  readonly subnet?: string;
}

/** `cairn stake locks` */
export function createStakeLocksCommand(cli: Cli): Command {
  return defineCommand({
    name: 'locks',
    help: 'Lists the locked stake of an account, or with --subnet what all have locked at each hotkey, most conviction first.',
    examples: ['stake locks savings', 'stake locks --subnet 1 --json'],
    node: true,
  })
    .argument('[wallet]', 'a name from wallet list, or an address')
    .option('--subnet <netuid>', 'hotkeys of this subnet instead of the locks of an account')
    .action(async (wallet: string | undefined, flags: Flags) => {
      if ((wallet === undefined) === (flags.subnet === undefined))
        throw usage('Name either an account or --subnet: stake locks savings, or stake locks --subnet 1.');
      const { connectNode } = await import('../connect.ts');
      const { findNodeStatus } = await import('../node-views.ts');
      const { resolveAccount } = await import('../sender.ts');
      const { fetchConvictions, fetchLocks } = await import('./locked.ts');
      const connection = await connectNode(cli, flags);
      const status = await findNodeStatus(connection);
      const names = new Map(status?.roles.map((role) => [role.address, role.name]) ?? []);
      const nameOf = (hotkey: string) => printable(names.get(hotkey) ?? shorten(hotkey));
      const output = outputOf(cli, flags);
      if (wallet === undefined) {
        const netuid = parseNetuid(flags.subnet!);
        const hotkeys = await fetchConvictions(connection, netuid);
        output.result({ netuid, hotkeys }, () =>
          hotkeys.length === 0
            ? [`Nobody has locked tokens of subnet ${netuid}.`]
            : renderTable(
                [
                  { header: 'HOTKEY', cut: true },
                  { header: 'CONVICTION TOKENS', align: 'right' },
                  { header: 'LOCKED TOKENS', align: 'right' },
                  { header: 'LOCKS', align: 'right' },
                ],
                hotkeys.map(({ hotkey, conviction, locked, locks }) => [
                  nameOf(hotkey),
                  formatCairn(conviction, 9),
                  formatCairn(locked, 9),
                  String(locks),
                ]),
                output.columns,
              ),
        );
        return;
      }
      const { address } = await resolveAccount(cli, connection, wallet);
      const locks = await fetchLocks(connection, address);
      output.result({ account: address, locks }, () =>
        locks.length === 0
          ? [`${address} has locked nothing. See ./cairn stake lock --help.`]
          : renderTable(
              [
                { header: 'SUBNET', align: 'right' },
                { header: 'HOTKEY', cut: true },
                { header: 'STAKED TOKENS', align: 'right' },
                { header: 'LOCKED', align: 'right' },
                { header: 'FREE', align: 'right' },
                { header: 'CONVICTION', align: 'right' },
                { header: 'KIND' },
              ],
              locks.map(({ netuid, hotkey, staked, locked, free, conviction, isPerpetual }) => [
                String(netuid),
                nameOf(hotkey),
                formatCairn(staked, 9),
                formatCairn(locked, 9),
                formatCairn(free, 9),
                formatCairn(conviction, 9),
                isPerpetual ? 'perpetual' : 'decaying',
              ]),
              output.columns,
            ),
      );
    });
}
