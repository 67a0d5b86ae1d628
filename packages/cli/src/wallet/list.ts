import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { printable } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';

/** `cairn wallet list` */
export function createWalletListCommand(cli: Cli): Command {
  return defineCommand({
    name: 'list',
    help: 'Lists the wallets of this folder, and the keys of its node that you may spend with.',
    examples: ['wallet list'],
    data: true,
  }).action(async (flags: CommonFlags) => {
    const { connectNodeIfRunning } = await import('../connect.ts');
    const { findNodeWallets } = await import('../node-views.ts');
    const { dataFolderOf } = await import('../settings.ts');
    const { listWallets } = await import('./wallet-store.ts');
    const connection = await connectNodeIfRunning(cli, flags);
    const wallets = [
      ...(await listWallets(await dataFolderOf(cli, flags))).map((wallet) => ({
        ...wallet,
        kind: 'keystore',
      })),
      ...(connection === null ? [] : await findNodeWallets(connection)).map(({ name, address }) => ({
        name,
        address,
        kind: 'node',
      })),
    ];
    const output = outputOf(cli, flags);
    if (connection === null) output.note('No node runs on this folder: keys of the node are not listed.');
    output.result({ wallets }, () => {
      if (wallets.length === 0) return ['There is no wallet yet. Make one with ./cairn wallet create NAME.'];
      return renderTable(
        [{ header: 'NAME', cut: true }, { header: 'ADDRESS', cut: true }, { header: 'KEPT IN' }],
        wallets.map(({ name, address, kind }) => [
          printable(name),
          printable(address),
          kind === 'node' ? 'the running node' : 'a keystore',
        ]),
        output.columns,
      );
    });
  });
}
