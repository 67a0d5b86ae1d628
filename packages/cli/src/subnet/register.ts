import { addressToAccountId, authorize, hexToBytes, parseAmount } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand } from '../command.ts';
import type { Connection } from '../connect.ts';
import { CliError, usage } from '../errors.ts';
import type { SubnetView } from '../node-views.ts';
import type { Sender } from '../sender.ts';
import type { Message } from '../spend.ts';
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
    examples: ['subnet register 1 --wallet savings', 'subnet register 1 --hotkey cairn1… --wallet savings'],
    node: true,
    spends: true,
  })
    .argument('<netuid>', 'number of the subnet')
    .option('--hotkey <address>', 'the key that will work there (default: the first hotkey of the wallet)')
    .requiredOption('--wallet <wallet>', 'who pays: a name from wallet list')
    .option('--limit <cairn>', 'most CAIRN to pay (default: what it costs now)')
    .action(async (given: string, flags: Flags) => {
      const netuid = parseNetuid(given);
      if (flags.hotkey !== undefined) addressToAccountId(flags.hotkey);
      const limit = flags.limit === undefined ? undefined : parseAmount(flags.limit);
      const { connectNode } = await import('../connect.ts');
      const { openSender } = await import('../sender.ts');
      const { spend } = await import('../spend.ts');
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
      const sender = await openSender(cli, connection, flags.wallet);
      const { address, before } = await chooseHotkey(connection, sender, flags.hotkey);
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

/** The hotkey as named, or the wallet's first, with what makes the wallet its owner if it is not yet. */
async function chooseHotkey(
  { ledger }: Connection,
  { name, address: coldkey, wallet }: Sender,
  given: string | undefined,
): Promise<{ readonly address: string; readonly before: readonly Message[] }> {
  if (given !== undefined) return { address: given, before: [] };
  if (wallet === null)
    throw usage(`${name} is a key of the node and has no hotkeys of its own. Name one with --hotkey.`);
  const { hotkeySignBytes } = await import('@cairn/sdk');
  const { addressOf } = await import('../wallet/wallet-store.ts');
  const signer = wallet.hotkey(1);
  const address = addressOf(signer);
  if ((await ledger.query('staking_hotkey', { hotkey: address })) !== null) return { address, before: [] };
  const signed = await authorize(
    signer,
    hotkeySignBytes(hexToBytes(ledger.chainId), addressToAccountId(coldkey)),
  );
  return { address, before: [{ message: 'staking.associateHotkey', value: { hotkey: signed } }] };
}
