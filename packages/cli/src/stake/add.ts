import { addressToAccountId, parseAmount } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand } from '../command.ts';
import { parseNetuid } from '../subnet/netuid.ts';
import { tokensOf } from '../token/sell.ts';

interface Flags extends CommonFlags {
  readonly wallet: string;
  readonly subnet?: string;
}

/** `cairn stake add` */
export function createStakeAddCommand(cli: Cli): Command {
  return defineCommand({
    name: 'add',
    help: "Stakes CAIRN on root, or with --subnet a subnet's tokens, to a hotkey. What it earns is shared by stake.",
    examples: [
      'stake add cairn1… 100 --wallet savings',
      'stake add validator-1 100 --wallet owner --yes',
      'stake add savings/1 2.5 --subnet 1 --wallet savings --dry-run',
    ],
    node: true,
    spends: true,
  })
    .argument('<hotkey>', 'an address, a role of the node, or savings/1: the first hotkey of wallet savings')
    .argument('<amount>', 'CAIRN, or tokens with --subnet')
    .option('--subnet <netuid>', 'stake tokens of this subnet instead of CAIRN')
    .requiredOption('--wallet <wallet>', 'who stakes: a name from wallet list')
    .action(async (given: string, text: string, flags: Flags) => {
      const wanted = parseAmount(text);
      const netuid = flags.subnet === undefined ? null : parseNetuid(flags.subnet);
      const { depositOfRecord, fetchParameters } = await import('@cairn/sdk');
      const { connectNode } = await import('../connect.ts');
      const { associateFirst, resolveHotkey } = await import('../hotkey/named-hotkey.ts');
      const { findPayer } = await import('../sender.ts');
      const { spend } = await import('../spend.ts');
      const { exactTokens } = await import('../terminal/format.ts');
      const connection = await connectNode(cli, flags);
      const named = await resolveHotkey(cli, connection, given);
      const hotkey = addressToAccountId(named.address);
      const payer = await findPayer(cli, connection, flags.wallet);
      const before = await associateFirst(connection, payer.address, named);
      const parameters = await fetchParameters(connection.ledger);
      const deposit =
        depositOfRecord(parameters, 'position') +
        (before.length === 0 ? 0n : depositOfRecord(parameters, 'hotkey'));
      const address = `${named.address}${before.length === 0 ? '' : ' (new: the wallet is made its owner first)'}`;
      if (netuid === null) {
        await spend(cli, flags, connection, payer, {
          message: 'staking.stake',
          value: { hotkey, amount: wanted },
          before,
          what: 'Stake CAIRN on root',
          amount: wanted,
          deposit,
          details: [['hotkey', address]],
        });
        return;
      }
      const amount = await tokensOf(connection, payer.address, netuid, wanted);
      await spend(cli, flags, connection, payer, {
        message: 'staking.stakeTokens',
        value: { netuid, hotkey, amount },
        before,
        what: `Stake tokens of subnet ${netuid}`,
        amount: null,
        deposit,
        details: [
          ['tokens', exactTokens(amount)],
          ['hotkey', address],
        ],
        plan: { netuid, tokens: amount },
      });
    });
}
