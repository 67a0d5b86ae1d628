import { addressToAccountId } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { defineSending, type SendingFlags } from '../sending.ts';
import { parseNetuid } from '../subnet/netuid.ts';
import { HOTKEY_WORD, SUBNET_REQUIRED } from '../words.ts';

type Flags = SendingFlags & { readonly subnet: string; readonly to: string };

/** `cairn hotkey lend` */
export function createHotkeyLendCommand(cli: Cli): Command {
  return defineSending<Flags>(cli, {
    name: 'lend',
    help: "Lends parts of a hotkey's stake on a subnet to others, which vote with it and share the dividends. It replaces what was lent before.",
    examples: [
      'hotkey lend savings/1 --subnet 1 --to savings/2=25%,cairn1…=10% --wallet savings',
      'hotkey lend savings/1 --subnet 1 --to none --wallet savings',
    ],
    words: [HOTKEY_WORD],
    required: [SUBNET_REQUIRED, ['--to <list>', 'hotkey=percent, with commas between, at most 5; or none']],
    async build({ cli, connection, words: [given = ''], flags }) {
      const netuid = parseNetuid(flags.subnet);
      const { depositOfRecord, fetchParameters } = await import('@cairn/sdk');
      const { fetchLending } = await import('../answer/staking.ts');
      const { resolveHotkey } = await import('./named-hotkey.ts');
      const { childOf, describeChildren, describeLent, parseChildren } = await import('./children.ts');
      const typed = parseChildren(flags.to);
      const { address } = await resolveHotkey(cli, connection, given);
      const children: { hotkey: string; ppm: bigint }[] = [];
      for (const { name, ppm } of typed)
        children.push({ hotkey: (await resolveHotkey(cli, connection, name)).address, ppm });
      const [before, parameters] = await Promise.all([
        fetchLending(connection, netuid, address),
        fetchParameters(connection.ledger),
      ]);
      return {
        message: 'staking.setChildren',
        value: {
          netuid,
          hotkey: addressToAccountId(address),
          children: children.map(childOf),
        },
        what: `Lend stake of a hotkey on subnet ${netuid}`,
        amount: 0n,
        deposit: depositOfRecord(parameters, 'lending'),
        details: [
          ['hotkey', address],
          ['lends now', describeLent(before.children)],
          ['will lend', describeChildren(children)],
          ['counts', `in ${parameters.childrenDelaySlots} slots; what is lent now goes on until then`],
          ['again', `after ${parameters.childrenRateLimitSlots} slots`],
        ],
        plan: { netuid, hotkey: address, children },
      };
    },
  });
}
