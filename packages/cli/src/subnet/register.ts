import { addressToAccountId, parseAmount } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand } from '../command.ts';
import type { Connection } from '../connect.ts';
import { usage } from '../errors.ts';
import type { NamedHotkey } from '../hotkey/named-hotkey.ts';
import type { Sender } from '../sender.ts';
import { parseNetuid } from './netuid.ts';

interface Flags extends CommonFlags {
  readonly wallet: string;
  readonly hotkey?: string;
  readonly limit?: string;
}

/** `cairn subnet register` */
export function createSubnetRegisterCommand(cli: Cli): Command {
  return defineCommand({
    name: 'register',
    help: 'Buys a hotkey a place on a subnet. The price is burned.',
    examples: ['subnet register 1 --wallet savings', 'subnet register 1 --hotkey savings/2 --wallet savings'],
    node: true,
    spends: true,
  })
    .argument('<netuid>', 'number of the subnet')
    .option(
      '--hotkey <hotkey>',
      'an address, or savings/2: the second hotkey of wallet savings (default: the first of the wallet)',
    )
    .requiredOption('--wallet <wallet>', 'who pays: a name from wallet list')
    .option('--limit <cairn>', 'most CAIRN to pay (default: what it costs now)')
    .action(async (given: string, flags: Flags) => {
      const netuid = parseNetuid(given);
      if (flags.hotkey?.startsWith('cairn1')) addressToAccountId(flags.hotkey);
      const limit = flags.limit === undefined ? undefined : parseAmount(flags.limit);
      const { fetchSubnet } = await import('../answer/subnets.ts');
      const { connectNode } = await import('../connect.ts');
      const { associateFirst } = await import('../hotkey/named-hotkey.ts');
      const { openSender } = await import('../sender.ts');
      const { spend } = await import('../spend.ts');
      const { exactCairn } = await import('../terminal/format.ts');
      const connection = await connectNode(cli, flags);
      const subnet = await fetchSubnet(connection, netuid);
      const price = BigInt(subnet.price);
      const burnLimit = limit ?? price;
      const sender = await openSender(cli, connection, flags.wallet);
      const hotkey = await chooseHotkey(cli, connection, sender, flags.hotkey);
      const { address } = hotkey;
      const before = await associateFirst(connection, sender.address, hotkey);
      await spend(cli, flags, connection, sender, {
        message: 'subnets.registerNeuron',
        value: { netuid, hotkey: addressToAccountId(address), burnLimit },
        before,
        what: `Register a neuron on subnet ${netuid} (${subnet.name})`,
        amount: price,
        details: [
          ['hotkey', `${address}${before.length === 0 ? '' : ' (new: the wallet is made its owner first)'}`],
          ['burned', `now ${exactCairn(price)}, at most ${exactCairn(burnLimit)}`],
        ],
      });
    });
}

/** The hotkey as named, or the wallet's first. @throws CliError `USAGE` for a key of the node, which has none */
async function chooseHotkey(
  cli: Cli,
  connection: Connection,
  { name, wallet }: Sender,
  given: string | undefined,
): Promise<NamedHotkey> {
  const { resolveHotkey } = await import('../hotkey/named-hotkey.ts');
  if (given !== undefined) return resolveHotkey(cli, connection, given);
  if (wallet === null)
    throw usage(`${name} is a key of the node and has no hotkeys of its own. Name one with --hotkey.`);
  return resolveHotkey(cli, connection, `${wallet.name}/1`);
}
