import { addressToAccountId } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand } from '../command.ts';
import { parseNetuid } from '../subnet/netuid.ts';
import { parseTokens } from '../token/sell.ts';

interface Flags extends CommonFlags {
  readonly wallet: string;
  readonly subnet: string;
  readonly perpetual?: boolean;
}

/** `cairn stake lock` */
export function createStakeLockCommand(cli: Cli): Command {
  return defineCommand({
    name: 'lock',
    help: "Locks staked tokens of a subnet at their hotkey, which gain conviction with time. They become free little by little over months, with --perpetual only after 'stake unlock'.",
    examples: [
      'stake lock validator-1 100 --subnet 1 --wallet savings --dry-run',
      'stake lock validator-1 all --subnet 1 --wallet savings --perpetual',
    ],
    node: true,
    spends: true,
  })
    .argument('<hotkey>', 'an address, a role of the node, or savings/1: the first hotkey of wallet savings')
    .argument('<tokens>', 'staked tokens to lock, on top of what is; all: all that is staked there')
    .requiredOption('--subnet <netuid>', 'whose tokens')
    .requiredOption('--wallet <wallet>', 'whose stake: a name from wallet list')
    .option('--perpetual', 'keep all of the lock until it is unlocked')
    .action(async (given: string, text: string, flags: Flags) => {
      const wanted = parseTokens(text);
      const netuid = parseNetuid(flags.subnet);
      const isPerpetual = flags.perpetual === true;
      const { connectNode } = await import('../connect.ts');
      const { resolveHotkey } = await import('../hotkey/named-hotkey.ts');
      const { findPayer } = await import('../sender.ts');
      const { spend } = await import('../spend.ts');
      const { exactTokens } = await import('../terminal/format.ts');
      const { fetchHalfLife, findLock } = await import('./locked.ts');
      const { findStake } = await import('./positions.ts');
      const connection = await connectNode(cli, flags);
      const { address } = await resolveHotkey(cli, connection, given);
      const payer = await findPayer(cli, connection, flags.wallet);
      const staked = await findStake(connection, payer.address, address, netuid);
      const [lock, halfLife] = await Promise.all([
        findLock(connection, payer.address, address, netuid),
        fetchHalfLife(connection),
      ]);
      const locked = lock?.locked ?? 0n;
      const amount = wanted ?? (staked > locked ? staked - locked : 0n);
      await spend(cli, flags, connection, payer, {
        message: 'staking.lockStake',
        value: { netuid, hotkey: addressToAccountId(address), amount, isPerpetual },
        what: `Lock staked tokens of subnet ${netuid}`,
        amount: null,
        details: [
          ['hotkey', address],
          ['staked', exactTokens(staked)],
          ['locked so far', exactTokens(locked)],
          ['to lock', exactTokens(amount)],
          ['becomes free', isPerpetual ? `from 'stake unlock' on: ${halfLife.text}` : halfLife.text],
        ],
        plan: { netuid, staked, locked, tokens: amount, isPerpetual, halfLifeSlots: halfLife.slots },
      });
    });
}
