import type { Amount } from '@cairn/core';
import { rootWeightOf } from '../emission/root-proportion.ts';
import { takeRatio } from '../fraction/ratio.ts';
import type { Parameters } from '../parameters/table.ts';
import { readSpokenStake, type SpokenStake } from '../staking/children/spoken-stake.ts';
import type { StateView } from '../state/view.ts';
import type { Neuron } from '../subnets/state.ts';

/** What backs a neuron on its subnet, own and lent. */
export type MemberStake = SpokenStake;

export function readMemberStakes(
  view: StateView,
  netuid: number,
  members: readonly Pick<Neuron, 'hotkey'>[],
  slot: bigint,
): MemberStake[] {
  return members.map(({ hotkey }) => readSpokenStake(view, netuid, hotkey, slot));
}

/** The stake that counts on a subnet: its tokens, and root's CAIRN at `rootWeight`. Rounds down. */
export function stakeThatCounts(
  parameters: Parameters,
  { alphaStake, rootStake }: Pick<MemberStake, 'alphaStake' | 'rootStake'>,
): Amount {
  return alphaStake + takeRatio(rootStake, rootWeightOf(parameters));
}
