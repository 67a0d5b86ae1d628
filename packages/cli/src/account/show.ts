import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { exactCairn, formatCount } from '../terminal/format.ts';
import { renderFields } from '../terminal/output.ts';

/** `cairn account show` */
export function createAccountShowCommand(cli: Cli): Command {
  return defineCommand({
    name: 'show',
    help: 'Shows an account: what it may spend, its nonce, its deposit and how many records it keeps.',
    examples: ['account show gateway', 'account show cairn1… --json'],
    node: true,
  })
    .argument('<account>', 'a name from wallet list, or an address')
    .action(async (given: string, flags: CommonFlags) => {
      const { addressToAccountId } = await import('@cairn/core');
      if (given.startsWith('cairn1')) addressToAccountId(given);
      const { connectNode } = await import('../connect.ts');
      const { resolveAccount } = await import('../sender.ts');
      const { fetchAccount } = await import('../answer/accounts.ts');
      const connection = await connectNode(cli, flags);
      const { address } = await resolveAccount(cli, connection, given);
      const account = await fetchAccount(connection, address);
      outputOf(cli, flags).result({ address, ...account }, () =>
        renderFields([
          ['account', address],
          ['spendable', exactCairn(account.spendable)],
          ['deposit', exactCairn(account.deposit)],
          ['sent', `${formatCount(account.nonce)} transactions`],
          ['records', formatCount(account.records)],
          ['state', account.isFrozen ? 'frozen until its guardians decide, see key status' : 'open'],
        ]),
      );
    });
}
