import { addressToAccountId } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { usage } from '../errors.ts';
import { defineSending, type SendingFlags } from '../sending.ts';
import { parseNetuid } from '../subnet/netuid.ts';
import { HOTKEY_WORD, SUBNET_TOKENS } from '../words.ts';

type Flags = SendingFlags & { readonly subnet?: string };

/** `cairn stake move` */
export function createStakeMoveCommand(cli: Cli): Command {
  return defineSending<Flags>(cli, {
    name: 'move',
    help: 'Moves CAIRN, or with --subnet tokens, from one hotkey to another. Nothing is swapped and nothing waits.',
    examples: [
      'stake move validator-1 validator-2 all --wallet savings',
      'stake move cairn1… cairn1… 2.5 --subnet 1 --wallet savings --dry-run',
    ],
    words: [
      ['<from>', HOTKEY_WORD[1]],
      ['<to>', 'the hotkey it goes to, named likewise'],
      ['<amount>', 'CAIRN, or tokens with --subnet; all: everything there'],
    ],
    options: [SUBNET_TOKENS],
    async build({ cli, connection, payer, words: [from = '', to = '', text = ''], flags }) {
      const netuid = flags.subnet === undefined ? null : parseNetuid(flags.subnet);
      const { parseTokens } = await import('../token/sell.ts');
      const { depositOfRecord, fetchParameters } = await import('@cairn/sdk');
      const { resolveHotkey } = await import('../hotkey/named-hotkey.ts');
      const { exactCairn, exactTokens } = await import('../terminal/format.ts');
      const { fetchPositions, requireStake } = await import('./positions.ts');
      const amount = parseTokens(text);
      const source = (await resolveHotkey(cli, connection, from)).address;
      const target = (await resolveHotkey(cli, connection, to)).address;
      if (source === target) throw usage(`Both are ${source}. Name two hotkeys.`);
      const [positions, parameters] = await Promise.all([
        fetchPositions(connection, payer.address),
        fetchParameters(connection.ledger),
      ]);
      const staked = requireStake(positions, payer.address, { hotkey: source, netuid, amount });
      const listed =
        netuid === null ? positions.root : positions.tokens.filter((row) => row.netuid === netuid);
      const isNew = !listed.some(({ hotkey }) => hotkey === target);
      const answers = netuid === null && parameters.unbondingSlots > 0n;
      const exact = netuid === null ? exactCairn : exactTokens;
      return {
        message: 'staking.moveStake',
        value: {
          netuid: netuid ?? 0,
          from: addressToAccountId(source),
          to: addressToAccountId(target),
          amount,
        },
        what:
          netuid === null
            ? 'Move CAIRN to another hotkey'
            : `Move tokens of subnet ${netuid} to another hotkey`,
        amount: 0n,
        deposit:
          (isNew ? depositOfRecord(parameters, 'position') : 0n) +
          (answers ? depositOfRecord(parameters, 'departure') : 0n),
        details: [
          ['from hotkey', source],
          ['to hotkey', target],
          ['staked', exact(staked)],
          ['moves', amount === null ? 'all of it' : exact(amount)],
          ...(answers
            ? [
                [
                  'answers',
                  `for the hotkey it leaves, for ${parameters.unbondingSlots} slots, in which it cannot be moved on`,
                ] as const,
              ]
            : []),
        ],
        plan: { netuid, fromHotkey: source, toHotkey: target, staked, moved: amount },
      };
    },
  });
}
