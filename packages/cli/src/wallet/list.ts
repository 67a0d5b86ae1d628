import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { printable } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';

const KEPT_IN = { keystore: 'a keystore', node: 'the running node', role: 'the folder of the node' };

/** `cairn wallet list` */
export function createWalletListCommand(cli: Cli): Command {
  return defineCommand({
    name: 'list',
    help: 'Lists the wallets of this folder, the keys of its node that you may spend with, and the hotkeys of its roles.',
    examples: ['wallet list'],
    data: true,
  }).action(async (flags: CommonFlags) => {
    const { connectNodeIfRunning } = await import('../connect.ts');
    const { findNodeWallets } = await import('../node-views.ts');
    const { dataFolderOf } = await import('../settings.ts');
    const { listWallets } = await import('./wallet-store.ts');
    const connection = await connectNodeIfRunning(cli, flags);
    const data = await dataFolderOf(cli, flags);
    const wallets = [
      ...(await listWallets(data)).map((wallet) => ({
        ...wallet,
        kind: 'keystore' as const,
      })),
      ...(connection === null ? [] : await findNodeWallets(connection)).map(({ name, address }) => ({
        name,
        address,
        kind: 'node' as const,
      })),
      ...(await listRoleHotkeys(data)),
    ];
    const output = outputOf(cli, flags);
    if (connection === null) output.note('No node runs on this folder: keys of the node are not listed.');
    output.result({ wallets }, () => {
      if (wallets.length === 0) return ['There is no wallet yet. Make one with ./cairn wallet create NAME.'];
      return renderTable(
        [{ header: 'NAME', cut: true }, { header: 'ADDRESS', cut: true }, { header: 'KEPT IN' }],
        wallets.map(({ name, address, kind }) => [printable(name), printable(address), KEPT_IN[kind]]),
        output.columns,
      );
    });
  });
}

/** Hotkeys of roles, which sign as `role:validator-1`. */
async function listRoleHotkeys(data: string) {
  const { createPureCrypto } = await import('@cairn/core');
  const { findRoleHotkey, listRoles } = await import('@cairn/node');
  const { ROLE_HOTKEY } = await import('../sender.ts');
  const crypto = createPureCrypto();
  const found = await Promise.all(
    (await listRoles(data)).map(async (role) => ({ role, key: await findRoleHotkey(data, crypto, role) })),
  );
  return found.flatMap(({ role, key }) =>
    key === null ? [] : [{ name: `${ROLE_HOTKEY}${role}`, address: key.address, kind: 'role' as const }],
  );
}
