import { addressToAccountId, parseAmount } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand } from '../command.ts';
import { CliError } from '../errors.ts';
import type { SubnetView } from '../node-views.ts';
import { parseNetuid } from './netuid.ts';

interface Flags extends CommonFlags {
  readonly wallet: string;
  readonly hotkey: string;
  readonly limit?: string;
}

/** `cairn subnet register` */
export function createSubnetRegisterCommand(cli: Cli): Command {
  return defineCommand({
    name: 'register',
    help: 'Buys a hotkey a place on a subnet. The price is burned.',
    examples: ['subnet register 1 --hotkey cairn1… --wallet savings'],
    node: true,
    spends: true,
  })
    .argument('<netuid>', 'number of the subnet')
    .requiredOption('--hotkey <address>', 'the key that will work there; it has to belong to the wallet')
    .requiredOption('--wallet <wallet>', 'who pays: a name from wallet list')
    .option('--limit <cairn>', 'most CAIRN to pay (default: what it costs now)')
    .action(async (given: string, flags: Flags) => {
      const netuid = parseNetuid(given);
      const hotkey = addressToAccountId(flags.hotkey);
      const limit = flags.limit === undefined ? undefined : parseAmount(flags.limit);
      const { connectNode } = await import('../connect.ts');
      const { spend } = await import('../sender.ts');
      const { exactCairn } = await import('../terminal/format.ts');
      const connection = await connectNode(cli, flags);
      const subnet = await connection.ledger.query<SubnetView | null>('subnets_get', { netuid });
      if (subnet === null) {
        throw new CliError(
          { code: 'NOT_FOUND', what: `subnet ${netuid}` },
          `There is no subnet ${netuid}. See ./cairn subnet list.`,
        );
      }
      const price = BigInt(subnet.price);
      const burnLimit = limit ?? price;
      await spend(cli, flags, connection, flags.wallet, {
        message: 'subnets.registerNeuron',
        value: { netuid, hotkey, burnLimit },
        what: `Register a neuron on subnet ${netuid} (${subnet.name})`,
        amount: price,
        details: [
          ['hotkey', flags.hotkey],
          ['burned', `now ${exactCairn(price)}, at most ${exactCairn(burnLimit)}`],
        ],
      });
    });
}
