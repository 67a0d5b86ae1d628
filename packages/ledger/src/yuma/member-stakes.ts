import type { Amount } from '@cairn/core';
import { rootWeightOf } from '../emission/root-proportion.ts';
import { takeRatio } from '../fraction/ratio.ts';
import type { Parameters } from '../parameters/table.ts';
import { hotkeys } from '../staking/state.ts';
import { tokenPools } from '../staking/token-stake.ts';
import type { StateView } from '../state/view.ts';
import type { Neuron } from '../subnets/state.ts';

/** What backs a neuron on its subnet. */
export interface MemberStake {
  /** Tokens of the subnet at its hotkey. */
  readonly alphaStake: Amount;
  /** Pebbles on root at its hotkey. */
  readonly rootStake: Amount;
}

export function readMemberStakes(
  view: StateView,
  netuid: number,
  members: readonly Pick<Neuron, 'hotkey'>[],
): MemberStake[] {
  return members.map(({ hotkey }) => ({
    alphaStake: tokenPools.get(view, netuid, hotkey).totalStake,
    rootStake: hotkeys.get(view, hotkey)?.totalStake ?? 0n,
  }));
}

/** The stake that counts on a subnet: its tokens, and root's CAIRN at `rootWeight`. Rounds down. */
export function stakeThatCounts(parameters: Parameters, { alphaStake, rootStake }: MemberStake): Amount {
  return alphaStake + takeRatio(rootStake, rootWeightOf(parameters));
}
