import { addressToAccountId } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { defineSending, type SendingFlags } from '../sending.ts';
import { parseNetuid } from '../subnet/netuid.ts';
import { HOTKEY_WORD, SUBNET_REQUIRED } from '../words.ts';

/** `cairn stake claim` */
export function createStakeClaimCommand(cli: Cli): Command {
  return defineSending<SendingFlags & { readonly subnet: string }>(cli, {
    name: 'claim',
    help: "Pays the tokens of a subnet that were kept for a wallet's root stake at a hotkey into its account.",
    examples: ['stake claim validator-1 --subnet 1 --wallet savings'],
    words: [HOTKEY_WORD],
    required: [SUBNET_REQUIRED],
    async build({ cli, connection, payer, words: [given = ''], flags }) {
      const netuid = parseNetuid(flags.subnet);
      const { depositOfRecord, fetchParameters } = await import('@cairn/sdk');
      const { fetchHolding, fetchMarket } = await import('../answer/market.ts');
      const { fetchKept } = await import('../answer/staking.ts');
      const { CliError } = await import('../errors.ts');
      const { resolveHotkey } = await import('../hotkey/named-hotkey.ts');
      const { exactCairn, exactTokens } = await import('../terminal/format.ts');
      const { worthOf } = await import('../token/worth.ts');
      const { address } = await resolveHotkey(cli, connection, given);
      const [kept, market, held] = await Promise.all([
        fetchKept(connection, payer.address),
        fetchMarket(connection, netuid),
        fetchHolding(connection, payer.address, netuid),
      ]);
      const claims = kept.find(({ hotkey }) => hotkey === address)?.claims ?? [];
      const owed = claims.find((claim) => claim.netuid === netuid)?.amount ?? 0n;
      if (owed === 0n) {
        throw new CliError(
          { code: 'NOTHING_TO_CLAIM', what: `tokens of subnet ${netuid}` },
          `No tokens of subnet ${netuid} are kept for ${payer.address} at ${address}. Set stake there to keep with ./cairn stake dividends, and wait for an epoch.`,
        );
      }
      return {
        message: 'staking.claimRoot',
        value: { hotkey: addressToAccountId(address), netuid },
        what: `Claim tokens of subnet ${netuid} (${market.name})`,
        amount: 0n,
        deposit: held > 0n ? 0n : depositOfRecord(await fetchParameters(connection.ledger), 'holding'),
        details: [
          ['hotkey', address],
          [
            'claims',
            `${exactTokens(owed)}, worth ${exactCairn(worthOf(owed, market.price))} at the price now`,
          ],
        ],
        plan: { netuid, hotkey: address, claimed: owed },
      };
    },
  });
}
