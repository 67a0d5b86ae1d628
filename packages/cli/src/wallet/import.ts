import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';

const MAX_MNEMONIC_LENGTH = 4096;

/** `cairn wallet import` */
export function createWalletImportCommand(cli: Cli): Command {
  return defineCommand({
    name: 'import',
    help: 'Brings a wallet back from its words, which are asked for or read from standard input.',
    examples: ['wallet import savings', 'wallet import savings < words.txt'],
    data: true,
  })
    .argument('<name>', 'what to call it')
    .action(async (name: string, flags: CommonFlags) => {
      const { dataFolderOf } = await import('../settings.ts');
      const { importWallet } = await import('@cairn/sdk');
      const { requireFreeName, requireWalletName, saveWallet } = await import('./wallet-store.ts');
      const { askNewPassphrase } = await import('./passphrase.ts');
      requireWalletName(name);
      const data = await dataFolderOf(cli, flags);
      await requireFreeName(data, name);
      const words = cli.terminal.canAsk
        ? ((await cli.terminal.ask('The words, in order: ', { hidden: true })) ?? '')
        : await cli.terminal.readAll(MAX_MNEMONIC_LENGTH);
      const wallet = await importWallet(words);
      const passphrase = await askNewPassphrase(cli, name);
      const { keystoreWorkFactor } = cli;
      const lock =
        keystoreWorkFactor === undefined ? { passphrase } : { passphrase, workFactor: keystoreWorkFactor };
      const saved = await saveWallet(data, name, wallet, lock);
      outputOf(cli, flags).result(saved, () => [`Wallet ${saved.name}: ${saved.address}`]);
    });
}
