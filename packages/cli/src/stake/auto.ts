import { addressToAccountId } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { defineSending } from '../sending.ts';
import { parseNetuid } from '../subnet/netuid.ts';
import { NETUID_WORD } from '../words.ts';

/** `cairn stake auto` */
export function createStakeAutoCommand(cli: Cli): Command {
  return defineSending(cli, {
    name: 'auto',
    help: "Stakes what a wallet's hotkeys earn as miners of a subnet to a hotkey from now on, or with none to nobody.",
    examples: ['stake auto 1 validator-1 --wallet savings', 'stake auto 1 none --wallet savings'],
    words: [
      NETUID_WORD,
      [
        '<hotkey>',
        'an address, a role of the node, role:validator-1, savings/1; none: it stays in the account',
      ],
    ],
    async build({ cli, connection, payer, words: [subnet = '', given = ''] }) {
      const netuid = parseNetuid(subnet);
      const { depositOfRecord, fetchParameters } = await import('@cairn/sdk');
      const { fetchAutoStakes } = await import('../answer/staking.ts');
      const { resolveHotkey } = await import('../hotkey/named-hotkey.ts');
      const hotkey = given === 'none' ? null : (await resolveHotkey(cli, connection, given)).address;
      const known = (await fetchAutoStakes(connection, payer.address)).find(
        (entry) => entry.netuid === netuid,
      );
      const isNew = hotkey !== null && known === undefined;
      return {
        message: 'staking.setAutoStake',
        value: { netuid, hotkey: hotkey === null ? null : addressToAccountId(hotkey) },
        what: `Say where income as a miner of subnet ${netuid} is staked`,
        amount: 0n,
        deposit: isNew ? depositOfRecord(await fetchParameters(connection.ledger), 'autoStake') : 0n,
        details: [
          ['now', known?.hotkey ?? 'nowhere'],
          ['from now on', hotkey ?? 'nowhere: it stays in the account'],
        ],
        plan: { netuid, hotkey, hotkeyBefore: known?.hotkey ?? null },
      };
    },
  });
}
