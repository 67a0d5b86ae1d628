import { addressToAccountId } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { CliError } from '../errors.ts';
import { defineSending, type SendingFlags } from '../sending.ts';
import { NETUID_WORD } from '../words.ts';
import { parseNetuid } from './netuid.ts';

type Flags = SendingFlags & { readonly holder?: string };

/** `cairn subnet claim` */
export function createSubnetClaimCommand(cli: Cli): Command {
  return defineSending<Flags>(cli, {
    name: 'claim',
    help: 'Pays a holder its part of the pool of a dissolved subnet, for tokens in the account and staked. Anybody may send it.',
    examples: ['subnet claim 2 --wallet savings', 'subnet claim 2 --holder cairn1… --wallet gateway --yes'],
    words: [NETUID_WORD],
    options: [
      ['--holder <account>', 'whose tokens: a name from wallet list, or an address (default: who signs)'],
    ],
    async build({ cli, connection, payer, words: [given = ''], flags }) {
      const netuid = parseNetuid(given);
      const { fetchClaims } = await import('../answer/subnets.ts');
      const { resolveAccount } = await import('../sender.ts');
      const { exactCairn } = await import('../terminal/format.ts');
      const { address } =
        flags.holder === undefined ? payer : await resolveAccount(cli, connection, flags.holder);
      const holder = addressToAccountId(address);
      const claims = (await fetchClaims(connection, address)).filter((claim) => claim.netuid === netuid);
      const messages = claims.map(({ hotkey }) => ({
        message: 'subnets.claimDissolved',
        value: { netuid, holder, hotkey: hotkey === null ? null : addressToAccountId(hotkey) },
      }));
      const last = messages.pop();
      if (last === undefined) {
        throw new CliError(
          { code: 'NOTHING_TO_CLAIM', what: `subnet ${netuid}` },
          `${address} has nothing to claim of subnet ${netuid}: it goes on, or its part was paid already.`,
        );
      }
      const claimed = claims.reduce((sum, { amount }) => sum + amount, 0n);
      return {
        ...last,
        before: messages,
        what: `Claim of dissolved subnet ${netuid}`,
        amount: 0n,
        deposit: 0n,
        details: [
          ['holder', address],
          ...claims.map(
            ({ hotkey, amount }) =>
              [
                hotkey === null ? 'for tokens' : 'for stake',
                `${exactCairn(amount)}${hotkey === null ? '' : ` at ${hotkey}`}`,
              ] as const,
          ),
          ['gets', `${exactCairn(claimed)}, to a pebble or two, and the deposits of what is paid`],
        ],
        plan: { netuid, holder: address, claims, claimed },
      };
    },
  });
}
