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
      const { depositOfRecord, fetchParameters } = await import('@cairn/sdk');
      const { fetchLockCost } = await import('../answer/subnets.ts');
      const { connectNode } = await import('../connect.ts');
      const { spend } = await import('../spend.ts');
      const { exactCairn } = await import('../terminal/format.ts');
      const connection = await connectNode(cli, flags);
      const [{ lockCost, count }, parameters] = await Promise.all([
        fetchLockCost(connection),
        fetchParameters(connection.ledger),
      ]);
      const isFull = parameters.subnetLimit > 0n && BigInt(count) >= parameters.subnetLimit;
      const lockLimit = limit ?? lockCost;
      await spend(cli, flags, connection, flags.wallet, {
        message: 'subnets.create',
        value: { name, lockLimit },
        what: `Create subnet ${name}`,
        amount: lockCost,
        deposit: depositOfRecord(parameters, 'subnet'),
        details: [
          ...(isFull
            ? [
                [
                  'challenge',
                  `all ${count} places are taken: the weakest subnet has ${parameters.evictionNoticeSlots} slots to match what you lock, which waits until then`,
                ] as const,
              ]
            : []),
          ['reserve', `now ${exactCairn(lockCost)}, at most ${exactCairn(lockLimit)}`],
        ],
      });
    });
}
