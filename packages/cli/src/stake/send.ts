import { addressToAccountId } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { usage } from '../errors.ts';
import { defineSending, type SendingFlags } from '../sending.ts';
import { parseNetuid } from '../subnet/netuid.ts';
import { HOTKEY_WORD, SUBNET_TOKENS } from '../words.ts';

type Flags = SendingFlags & { readonly subnet?: string };

/** `cairn stake send` */
export function createStakeSendCommand(cli: Cli): Command {
  return defineSending<Flags>(cli, {
    name: 'send',
    help: 'Gives stake to another account. It stays at its hotkey; who gives pays the deposit of a new record.',
    examples: [
      'stake send validator-1 cairn1… 10 --wallet savings',
      'stake send cairn1… gateway all --subnet 1 --wallet savings --dry-run',
    ],
    words: [
      HOTKEY_WORD,
      ['<to>', 'who gets it: a name from wallet list, or an address'],
      ['<amount>', 'CAIRN, or tokens with --subnet; all: everything there'],
    ],
    options: [SUBNET_TOKENS],
    async build({ cli, connection, payer, words: [given = '', to = '', text = ''], flags }) {
      const netuid = flags.subnet === undefined ? null : parseNetuid(flags.subnet);
      const { parseTokens } = await import('../token/sell.ts');
      const { depositOfRecord, fetchParameters } = await import('@cairn/sdk');
      const { resolveHotkey } = await import('../hotkey/named-hotkey.ts');
      const { resolveAccount } = await import('../sender.ts');
      const { exactCairn, exactTokens } = await import('../terminal/format.ts');
      const { fetchPositions, requireStake } = await import('./positions.ts');
      const amount = parseTokens(text);
      const hotkey = (await resolveHotkey(cli, connection, given)).address;
      const payee = (await resolveAccount(cli, connection, to)).address;
      const payeeId = addressToAccountId(payee);
      if (payee === payer.address) throw usage('The stake is yours already. Name another account.');
      const [positions, parameters] = await Promise.all([
        fetchPositions(connection, payer.address),
        fetchParameters(connection.ledger),
      ]);
      const staked = requireStake(positions, payer.address, { hotkey, netuid, amount });
      const exact = netuid === null ? exactCairn : exactTokens;
      const gift = depositOfRecord(parameters, 'position');
      return {
        message: 'staking.transferStake',
        value: { netuid: netuid ?? 0, hotkey: addressToAccountId(hotkey), to: payeeId, amount },
        what: netuid === null ? 'Give staked CAIRN away' : `Give staked tokens of subnet ${netuid} away`,
        amount: null,
        deposit: 0n,
        details: [
          ['to', `${payee}, who has it from then on`],
          ['hotkey', hotkey],
          ['staked', exact(staked)],
          ['gives', amount === null ? 'all of it' : exact(amount)],
          [
            'also pays',
            `${exactCairn(gift)} for a record of who gets it, and ${exactCairn(parameters.accountDeposit)} when the account is new`,
          ],
        ],
        plan: { netuid, hotkey, to: payee, staked, given: amount, gift },
      };
    },
  });
}
