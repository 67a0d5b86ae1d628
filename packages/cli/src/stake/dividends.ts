import { addressToAccountId } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { CliError, usage } from '../errors.ts';
import { defineSending } from '../sending.ts';
import { HOTKEY_WORD } from '../words.ts';

/** `cairn stake dividends` */
export function createStakeDividendsCommand(cli: Cli): Command {
  return defineSending(cli, {
    name: 'dividends',
    help: 'Says of root stake at a hotkey whether its dividends are sold for CAIRN or kept in the tokens of subnets.',
    examples: [
      'stake dividends validator-1 keep all --wallet savings',
      'stake dividends validator-1 swap 50 --wallet savings --dry-run',
    ],
    words: [
      HOTKEY_WORD,
      ['<kind>', 'keep: in tokens, claimed with stake claim; swap: sold for CAIRN, which adds to the stake'],
      ['<amount>', 'CAIRN of root stake; all: everything there'],
    ],
    async build({ cli, connection, payer, words: [given = '', kind = '', text = ''] }) {
      if (kind !== 'keep' && kind !== 'swap') throw usage(`Dividends are to keep or to swap, not ${kind}.`);
      const { parseTokens } = await import('../token/sell.ts');
      const { depositOfRecord, fetchParameters } = await import('@cairn/sdk');
      const { fetchKept } = await import('../answer/staking.ts');
      const { resolveHotkey } = await import('../hotkey/named-hotkey.ts');
      const { exactCairn } = await import('../terminal/format.ts');
      const { fetchPositions, requireStake } = await import('./positions.ts');
      const amount = parseTokens(text);
      const { address } = await resolveHotkey(cli, connection, given);
      const [positions, kept, parameters] = await Promise.all([
        fetchPositions(connection, payer.address),
        fetchKept(connection, payer.address),
        fetchParameters(connection.ledger),
      ]);
      const held = kept.find(({ hotkey }) => hotkey === address);
      const at = kind === 'keep' ? positions : { root: held === undefined ? [] : [held], tokens: [] };
      if (kind === 'swap' && held === undefined) {
        throw new CliError(
          { code: 'NOT_FOUND', what: 'stake' },
          `${payer.address} has no stake at ${address} that keeps its dividends in tokens.`,
        );
      }
      const staked = requireStake(at, payer.address, { hotkey: address, netuid: null, amount });
      const record =
        kind === 'keep' && held === undefined
          ? 'keptPosition'
          : kind === 'swap' && !positions.root.some(({ hotkey }) => hotkey === address)
            ? 'position'
            : null;
      return {
        message: 'staking.setRootClaim',
        value: { hotkey: addressToAccountId(address), kind, amount },
        what: kind === 'keep' ? 'Keep dividends in tokens' : 'Have dividends sold for CAIRN',
        amount: 0n,
        deposit: record === null ? 0n : depositOfRecord(parameters, record),
        details: [
          ['hotkey', address],
          ['stake', `${exactCairn(staked)}, now ${kind === 'keep' ? 'swapped' : 'kept'}`],
          ['changes', amount === null ? 'all of it' : exactCairn(amount)],
          kind === 'keep'
            ? [
                'then',
                'nothing is sold; it has to be set to swap before it is taken out, moved or given away',
              ]
            : ['then', 'dividends are sold at the price of their block and add to the stake'],
        ],
        plan: { hotkey: address, kind, staked, changed: amount },
      };
    },
  });
}
