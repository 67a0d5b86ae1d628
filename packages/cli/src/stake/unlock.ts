import { addressToAccountId } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand } from '../command.ts';
import { CliError } from '../errors.ts';
import { parseNetuid } from '../subnet/netuid.ts';

interface Flags extends CommonFlags {
  readonly wallet: string;
  readonly subnet: string;
}

/** `cairn stake unlock` */
export function createStakeUnlockCommand(cli: Cli): Command {
  return defineCommand({
    name: 'unlock',
    help: 'Lets a perpetual lock of staked tokens decay from now on; what is free is taken out with stake remove.',
    examples: ['stake unlock validator-1 --subnet 1 --wallet savings'],
    node: true,
    spends: true,
  })
    .argument('<hotkey>', 'an address, a role of the node, or savings/1: the first hotkey of wallet savings')
    .requiredOption('--subnet <netuid>', 'whose tokens')
    .requiredOption('--wallet <wallet>', 'whose stake: a name from wallet list')
    .action(async (given: string, flags: Flags) => {
      const netuid = parseNetuid(flags.subnet);
      const { connectNode } = await import('../connect.ts');
      const { resolveHotkey } = await import('../hotkey/named-hotkey.ts');
      const { findPayer } = await import('../sender.ts');
      const { spend } = await import('../spend.ts');
      const { exactTokens } = await import('../terminal/format.ts');
      const { fetchHalfLife, findLock } = await import('./locked.ts');
      const connection = await connectNode(cli, flags);
      const { address } = await resolveHotkey(cli, connection, given);
      const payer = await findPayer(cli, connection, flags.wallet);
      const [lock, halfLife] = await Promise.all([
        findLock(connection, payer.address, address, netuid),
        fetchHalfLife(connection),
      ]);
      if (lock === undefined) {
        throw new CliError(
          { code: 'NOT_FOUND', what: 'lock' },
          `${payer.address} has no tokens of subnet ${netuid} locked at hotkey ${address}. See ./cairn stake locks.`,
        );
      }
      await spend(cli, flags, connection, payer, {
        message: 'staking.unlock',
        value: { netuid, hotkey: addressToAccountId(address) },
        what: `Unlock staked tokens of subnet ${netuid}`,
        amount: null,
        details: [
          ['hotkey', address],
          ['locked', exactTokens(lock.locked)],
          ['conviction', exactTokens(lock.conviction)],
          ['becomes free', halfLife.text],
        ],
        plan: {
          netuid,
          locked: lock.locked,
          conviction: lock.conviction,
          halfLifeSlots: halfLife.slots,
        },
      });
    });
}
