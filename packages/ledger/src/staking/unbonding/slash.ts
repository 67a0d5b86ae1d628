import type { AccountId, Amount } from '@cairn/core';
import type { BlockContext } from '../../execution/context.ts';
import { recordFlow } from '../../flows/record.ts';
import { hotkeySlashed } from '../events.ts';
import { hotkeys } from '../state.ts';
import { slashes } from './state.ts';

/** A whole, as the part of stake that a slash takes. */
export const SLASH_WHOLE: bigint = 1n << 32n;

/** What a slash needs of a block. */
export interface SlashContext extends Pick<BlockContext, 'state' | 'emit'> {
  readonly block: Pick<BlockContext['block'], 'height'>;
}

/**
 * Takes a part of the root stake that stood behind a hotkey at a height, from everybody alike: at once from what is
 * there now, and from what left since when it becomes free. Burned. The part is rounded down, for those who lose it.
 *
 * What joined after the offence cannot be told from what was there and is cut too; what left before it is not.
 *
 * Cost: two records, however many stake there.
 *
 * @param fraction of `SLASH_WHOLE`, at most that
 * @returns pebbles taken at once
 */
export function slashHotkey(
  context: SlashContext,
  hotkey: AccountId,
  offenceHeight: number,
  fraction: bigint,
): Amount {
  const { state, block } = context;
  slashes.add(state, hotkey, {
    offenceHeight: BigInt(offenceHeight),
    height: BigInt(block.height),
    fraction,
  });
  const record = hotkeys.get(state, hotkey);
  let lost = 0n;
  if (record !== undefined) {
    const cut = (record.totalStake * fraction) / SLASH_WHOLE;
    const keptCut = (record.keptStake * fraction) / SLASH_WHOLE;
    hotkeys.set(state, hotkey, {
      ...record,
      totalStake: record.totalStake - cut,
      keptStake: record.keptStake - keptCut,
    });
    lost = cut + keptCut;
  }
  recordFlow(state, 'staking.slash', lost);
  hotkeySlashed(context, hotkey, { offenceHeight, fraction, amount: lost });
  return lost;
}
