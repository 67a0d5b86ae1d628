import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { usage } from '../errors.ts';

interface Flags extends CommonFlags {
  readonly words: string;
  readonly showSecret?: true;
}

/** `cairn wallet create` */
export function createWalletCreateCommand(cli: Cli): Command {
  return defineCommand({
    name: 'create',
    help: 'Makes a wallet and locks it with a passphrase. Shows its words once: they are the only way back.',
    examples: ['wallet create savings', 'wallet create savings --words 12'],
    data: true,
  })
    .argument('<name>', 'what to call it')
    .option('--words <count>', 'words of the mnemonic: 12 or 24', '24')
    .option('--show-secret', 'print the words even where there is no terminal, and in JSON')
    .action(async (name: string, flags: Flags) => {
      const { dataFolderOf } = await import('../settings.ts');
      const { systemRandom } = await import('@cairn/node');
      const { createWallet } = await import('@cairn/sdk');
      const { requireFreeName, requireWalletName, saveWallet } = await import('./wallet-store.ts');
      const { askNewPassphrase } = await import('./passphrase.ts');
      requireWalletName(name);
      const words = flags.words === '12' ? 12 : flags.words === '24' ? 24 : undefined;
      if (words === undefined) throw usage(`A mnemonic has 12 or 24 words, not ${flags.words}.`);
      const data = await dataFolderOf(cli, flags);
      await requireFreeName(data, name);
      const passphrase = await askNewPassphrase(cli, name);
      const wallet = await createWallet({ random: systemRandom }, { words });
      const { keystoreWorkFactor } = cli;
      const lock =
        keystoreWorkFactor === undefined ? { passphrase } : { passphrase, workFactor: keystoreWorkFactor };
      const saved = await saveWallet(data, name, wallet, lock);
      const mnemonic = wallet.revealMnemonic();
      const output = outputOf(cli, flags);
      const isShown = cli.terminal.canAsk || flags.showSecret === true;
      if (isShown && !output.isJson) {
        output.note(
          'Write these words down and keep them where nobody else can read them. Whoever has them has',
        );
        output.note('the money. They are not shown again.');
        output.note(`\n  ${mnemonic}\n`);
      } else if (flags.showSecret !== true) {
        output.note(
          'The words were not shown: that wants a terminal or --show-secret. Keep a copy of the keystore.',
        );
      }
      const secret = flags.showSecret === true ? { mnemonic } : {};
      output.result({ ...saved, ...secret }, () => [`Wallet ${saved.name}: ${saved.address}`]);
    });
}
