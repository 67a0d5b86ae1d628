import { addressToAccountId, parseAmount } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand } from '../command.ts';

interface Flags extends CommonFlags {
  readonly from: string;
}

/** `cairn wallet send` */
export function createWalletSendCommand(cli: Cli): Command {
  return defineCommand({
    name: 'send',
    help: 'Sends CAIRN to a wallet or an address.',
    examples: ['wallet send cairn1… 1.5 --from savings', 'wallet send miner-1 0.25 --from gateway --yes'],
    node: true,
    spends: true,
  })
    .argument('<to>', 'a name from wallet list, or an address')
    .argument('<amount>', 'CAIRN, with at most nine decimals')
    .requiredOption('--from <wallet>', 'who pays: a name from wallet list')
    .action(async (to: string, given: string, flags: Flags) => {
      const amount = parseAmount(given);
      if (to.startsWith('cairn1')) addressToAccountId(to);
      const { connectNode } = await import('../connect.ts');
      const { resolveAccount } = await import('../sender.ts');
      const { spend } = await import('../spend.ts');
      const connection = await connectNode(cli, flags);
      const payee = await resolveAccount(cli, connection, to);
      await spend(cli, flags, connection, flags.from, {
        message: 'accounts.transfer',
        value: { to: addressToAccountId(payee.address), amount },
        what: 'Send CAIRN',
        amount,
        details: [['to', `${payee.name === null ? '' : `${payee.name} `}${payee.address}`]],
      });
    });
}
