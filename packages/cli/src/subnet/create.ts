import { parseAmount } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand } from '../command.ts';

interface Flags extends CommonFlags {
  readonly wallet: string;
  readonly limit?: string;
}

/** `cairn subnet create` */
export function createSubnetCreateCommand(cli: Cli): Command {
  return defineCommand({
    name: 'create',
    help: 'Opens a subnet. What it costs becomes the CAIRN reserve of its token.',
    examples: [
      'subnet create weather --wallet savings',
      'subnet create weather --wallet owner --limit 100 --yes',
    ],
    node: true,
    spends: true,
  })
    .argument('<name>', 'what to call it')
    .requiredOption('--wallet <wallet>', 'who owns it and pays: a name from wallet list')
    .option('--limit <cairn>', 'most CAIRN it may cost (default: what it costs now)')
    .action(async (name: string, flags: Flags) => {
      const limit = flags.limit === undefined ? undefined : parseAmount(flags.limit);
      const { connectNode } = await import('../connect.ts');
      const { spend } = await import('../spend.ts');
      const { exactCairn } = await import('../terminal/format.ts');
      const connection = await connectNode(cli, flags);
      const { lockCost } = await connection.ledger.query<{ lockCost: string }>('subnets_list', {
        after: null,
        limit: 1,
      });
      const lockLimit = limit ?? BigInt(lockCost);
      await spend(cli, flags, connection, flags.wallet, {
        message: 'subnets.create',
        value: { name, lockLimit },
        what: `Create subnet ${name}`,
        amount: BigInt(lockCost),
        details: [
          ['reserve', `now ${exactCairn(BigInt(lockCost))}, at most ${exactCairn(lockLimit)}`],
          ['deposit', 'refundable, for the bytes of its records'],
        ],
      });
    });
}
