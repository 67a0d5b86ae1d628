import { addressToAccountId } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand } from '../command.ts';
import { parseNetuid } from '../subnet/netuid.ts';
import { parseTokens } from '../token/sell.ts';

interface Flags extends CommonFlags {
  readonly wallet: string;
  readonly subnet?: string;
}

/** `cairn stake remove` */
export function createStakeRemoveCommand(cli: Cli): Command {
  return defineCommand({
    name: 'remove',
    help: 'Takes CAIRN, or with --subnet tokens, out of a hotkey, with what they earned.',
    examples: [
      'stake remove cairn1… all --wallet savings',
      'stake remove validator-1 2.5 --subnet 1 --wallet owner --yes',
    ],
    node: true,
    spends: true,
  })
    .argument('<hotkey>', 'an address, a role of the node, or savings/1: the first hotkey of wallet savings')
    .argument('<amount>', 'CAIRN, or tokens with --subnet; all: everything')
    .option('--subnet <netuid>', 'tokens of this subnet instead of CAIRN')
    .requiredOption('--wallet <wallet>', 'whose stake: a name from wallet list')
    .action(async (given: string, text: string, flags: Flags) => {
      const amount = parseTokens(text);
      const netuid = flags.subnet === undefined ? null : parseNetuid(flags.subnet);
      const { depositOfRecord, fetchParameters } = await import('@cairn/sdk');
      const { connectNode } = await import('../connect.ts');
      const { resolveHotkey } = await import('../hotkey/named-hotkey.ts');
      const { findPayer } = await import('../sender.ts');
      const { spend } = await import('../spend.ts');
      const { exactCairn, exactTokens } = await import('../terminal/format.ts');
      const { findStake } = await import('./positions.ts');
      const connection = await connectNode(cli, flags);
      const { address } = await resolveHotkey(cli, connection, given);
      const hotkey = addressToAccountId(address);
      const payer = await findPayer(cli, connection, flags.wallet);
      const parameters = await fetchParameters(connection.ledger);
      const waits = netuid === null && parameters.unbondingSlots > 0n;
      const staked = await findStake(connection, payer.address, address, netuid);
      const exact = netuid === null ? exactCairn : exactTokens;
      await spend(cli, flags, connection, payer, {
        message: netuid === null ? 'staking.unstake' : 'staking.unstakeTokens',
        value: netuid === null ? { hotkey, amount } : { netuid, hotkey, amount },
        what: netuid === null ? 'Take CAIRN out of stake' : `Take tokens of subnet ${netuid} out of stake`,
        amount: null,
        deposit: waits ? depositOfRecord(parameters, 'departure') : 0n,
        details: [
          ['hotkey', address],
          ['staked', exact(staked)],
          ['to take', amount === null ? 'all of it' : exact(amount)],
          ...(waits
            ? [
                [
                  'paid',
                  `after ${parameters.unbondingSlots} slots, in which it earns nothing and answers for the hotkey`,
                ] as const,
              ]
            : []),
        ],
        plan: { netuid, staked, taken: amount },
      });
    });
}
