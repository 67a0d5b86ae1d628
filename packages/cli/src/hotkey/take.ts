import { addressToAccountId } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import type { Connection } from '../connect.ts';
import { usage } from '../errors.ts';
import { formatBps, parseBps } from '../percent.ts';
import { defineSending, type SendingFlags } from '../sending.ts';
import { parseNetuid } from '../subnet/netuid.ts';
import { HOTKEY_WORD, SUBNET_REQUIRED } from '../words.ts';

/** `cairn hotkey take` */
export function createHotkeyTakeCommand(cli: Cli): Command {
  return defineSending(cli, {
    name: 'take',
    help: "Sets the share of its stakers' dividends that the owner of a hotkey keeps.",
    examples: ['hotkey take savings/1 9% --wallet savings --dry-run'],
    words: [HOTKEY_WORD, ['<percent>', 'what the owner keeps: 9%']],
    async build({ cli, connection, words: [given = '', percent = ''] }) {
      const takeBps = parseBps(percent, 'A take');
      const { fetchHotkey } = await import('../answer/staking.ts');
      const { resolveHotkey } = await import('./named-hotkey.ts');
      const { address } = await resolveHotkey(cli, connection, given);
      const { takeBps: before } = await fetchHotkey(connection, address);
      const waits = await readWait(connection, 'maxTakeBps', takeBps);
      return {
        message: 'staking.setTake',
        value: { hotkey: addressToAccountId(address), takeBps },
        what: 'Set the take of a hotkey',
        amount: 0n,
        deposit: 0n,
        details: [
          ['hotkey', address],
          ['take', `from ${formatBps(before)} to ${formatBps(takeBps)} of its stakers' dividends`],
          ...(takeBps > before ? [waits] : []),
        ],
        plan: { hotkey: address, takeBps, takeBpsBefore: before },
      };
    },
  });
}

/** `cairn hotkey child-take` */
export function createHotkeyChildTakeCommand(cli: Cli): Command {
  return defineSending<SendingFlags & { readonly subnet: string }>(cli, {
    name: 'child-take',
    help: 'Sets the share that a hotkey keeps of the dividends it earns for those who lend to it on a subnet.',
    examples: ['hotkey child-take savings/1 5% --subnet 1 --wallet savings'],
    words: [HOTKEY_WORD, ['<percent>', 'what the hotkey keeps: 5%']],
    required: [SUBNET_REQUIRED],
    async build({ cli, connection, words: [given = '', percent = ''], flags }) {
      const takeBps = parseBps(percent, 'A take');
      const netuid = parseNetuid(flags.subnet);
      const { depositOfRecord, fetchParameters } = await import('@cairn/sdk');
      const { fetchLending } = await import('../answer/staking.ts');
      const { resolveHotkey } = await import('./named-hotkey.ts');
      const { address } = await resolveHotkey(cli, connection, given);
      const { takeBps: before, parents } = await fetchLending(connection, netuid, address);
      const waits = await readWait(connection, 'maxChildTakeBps', takeBps);
      return {
        message: 'staking.setChildTake',
        value: { netuid, hotkey: addressToAccountId(address), takeBps },
        what: `Set the child take of a hotkey on subnet ${netuid}`,
        amount: 0n,
        deposit: depositOfRecord(await fetchParameters(connection.ledger), 'lending'),
        details: [
          ['hotkey', address],
          ['child take', `from ${formatBps(before)} to ${formatBps(takeBps)}`],
          ['lent by', `${parents.length} hotkeys`],
          ...(takeBps > before ? [waits] : []),
        ],
        plan: { netuid, hotkey: address, takeBps, takeBpsBefore: before },
      };
    },
  });
}

/** Checks a take against its bound, and says how long the next raise waits. @throws CliError `USAGE` */
async function readWait(
  connection: Connection,
  bound: 'maxTakeBps' | 'maxChildTakeBps',
  takeBps: number,
): Promise<[name: string, text: string]> {
  const { fetchParameters } = await import('@cairn/sdk');
  const parameters = await fetchParameters(connection.ledger);
  const most = parameters[bound];
  if (BigInt(takeBps) > most)
    throw usage(`A take is at most ${formatBps(most)} here, not ${formatBps(takeBps)}.`);
  return [
    'raise',
    `once in ${parameters.takeRaiseSlots} slots; lowering is free, and cannot be undone sooner`,
  ];
}
