import { normalize, proportionsOf } from '@cairn/core';
import type { EpochInput } from './epoch-input.ts';
import { capStakes } from './stake-cap.ts';

/** Stake as seen by an epoch. Shapes [uids]. */
export interface EpochStake {
  /** Raw share of each uid in the subnet's stake. */
  readonly shares: Float64Array;
  readonly active: Uint8Array;
  /** Permits in force: those of the last epoch, and the owner's. */
  readonly permits: Uint8Array;
  /** Raw share of each active validator in the stake of all active validators, under the cap if there is one. */
  readonly activeShares: Float64Array;
}

/** Shares of stake, before and after inactive uids and uids without a permit lose their say. */
export function weighStake(input: EpochInput): EpochStake {
  const { parameters, stakes, ownerUid } = input;
  const n = stakes.length;
  const counted = new Array<bigint>(n);
  const active = new Uint8Array(n);
  const permits = input.permits.slice();
  if (ownerUid !== null && ownerUid < n) permits[ownerUid] = 1;
  for (let uid = 0; uid < n; uid += 1) {
    const stake = stakes[uid]!;
    counted[uid] = stake < parameters.stakeThreshold && uid !== ownerUid ? 0n : stake;
    active[uid] = input.lastUpdate[uid]! + parameters.activityCutoffSlots < input.slot ? 0 : 1;
  }
  const shares = proportionsOf(counted);
  const isVoting = (uid: number): boolean => active[uid] === 1 && permits[uid] === 1;
  // Permits go by all of the stake: a cap takes from its say, not from who has one.
  const voting =
    parameters.stakeCapBps === 0
      ? shares.map((share, uid) => (isVoting(uid) ? share : 0))
      : proportionsOf(
          capStakes(
            counted.map((stake, uid) => (isVoting(uid) ? stake : 0n)),
            parameters.stakeCapBps,
          ),
        );
  return { shares, active, permits, activeShares: normalize(voting) };
}

/**
 * Permits of the next epoch: the uids with the largest non-zero shares, of equal shares the higher uid,
 * and always the owner.
 */
export function choosePermits(
  shares: Float64Array,
  maxValidators: number,
  ownerUid: number | null,
): Uint8Array {
  const permits = new Uint8Array(shares.length);
  const ranked = Array.from(shares.keys()).sort((a, b) => shares[a]! - shares[b]! || a - b);
  for (const uid of ranked.slice(Math.max(0, ranked.length - maxValidators))) {
    if (shares[uid]! > 0) permits[uid] = 1;
  }
  if (ownerUid !== null && ownerUid < shares.length) permits[ownerUid] = 1;
  return permits;
}
