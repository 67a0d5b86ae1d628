import type { Amount } from '@cairn/core';
import type { BlockContext } from '../execution/context.ts';
import type { Neuron } from '../subnets/state.ts';
import { attestations, weights } from './state.ts';

export interface EpochMembers {
  readonly netuid: number;
  readonly mechanism: number;
  readonly epoch: number;
  readonly members: readonly Neuron[];
  /** Stake of each member at the end of the epoch. */
  readonly stakes: ArrayLike<Amount>;
}

/**
 * Uids of validators whose evidence of the epoch in one mechanism is held to be withheld: they have a permit, set
 * weights in it, and were judged, but those who list them do not hold more than half of their judges' stake. Judges of one are
 * all other permit holders with stake that attested in this epoch; where there is none, nothing is withheld.
 *
 * Cost: two records read for each permit holder, and at most 256 entries for each judge.
 */
export function findWithheldEvidence(
  { state }: BlockContext,
  { netuid, mechanism, epoch, members, stakes }: EpochMembers,
): ReadonlySet<number> {
  const judging = new Map<number, Amount>();
  const listed = new Map<number, Amount>();
  let total = 0n;
  for (const [uid, { permit }] of members.entries()) {
    const stake = stakes[uid]!;
    const attested = permit && stake > 0n ? attestations.get(state, netuid, uid, mechanism) : undefined;
    if (attested?.epoch !== epoch) continue;
    judging.set(uid, stake);
    total += stake;
    for (const other of attested.uids) listed.set(other, (listed.get(other) ?? 0n) + stake);
  }
  const withheld = new Set<number>();
  for (const [uid, { permit }] of members.entries()) {
    if (!permit || weights.get(state, netuid, uid, mechanism)?.epoch !== epoch) continue;
    const judges = total - (judging.get(uid) ?? 0n);
    if (judges > 0n && 2n * (listed.get(uid) ?? 0n) <= judges) withheld.add(uid);
  }
  return withheld;
}
