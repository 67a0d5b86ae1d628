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

/** What the judges of one mechanism said of the evidence of an epoch. */
export interface JudgedEvidence {
  /** Uids whose evidence is held to be withheld. */
  readonly withheld: ReadonlySet<number>;
  /** Answers in the evidence of each uid that was judged and is not withheld. */
  readonly answered: ReadonlyMap<number, number>;
  /** The median of `answered` by stake; 0: there is none. */
  readonly median: number;
}

/** A number and the stake behind it. */
interface Said {
  readonly answered: number;
  readonly stake: Amount;
}

/**
 * Judges of a validator are all other permit holders with stake that attested in this epoch. Judged is who has a
 * permit, set weights in it and has judges: its evidence is held to be withheld unless those who list it hold more
 * than half of its judges' stake. Otherwise it counts the answers that the median of those who list it stated, by
 * their stake. Where nobody judges, nothing is withheld or counted.
 *
 * Cost: two records read for each permit holder, and at most 256 entries for each judge, sorted for each validator.
 */
export function judgeEvidence(
  { state }: BlockContext,
  { netuid, mechanism, epoch, members, stakes }: EpochMembers,
): JudgedEvidence {
  const judging = new Map<number, Amount>();
  const words = new Map<number, Said[]>();
  let total = 0n;
  for (const [uid, { permit }] of members.entries()) {
    const stake = stakes[uid]!;
    const attested = permit && stake > 0n ? attestations.get(state, netuid, uid, mechanism) : undefined;
    if (attested?.epoch !== epoch) continue;
    judging.set(uid, stake);
    total += stake;
    for (const [index, other] of attested.uids.entries()) {
      const said = { answered: attested.answered[index]!, stake };
      const before = words.get(other);
      if (before === undefined) words.set(other, [said]);
      else before.push(said);
    }
  }
  const withheld = new Set<number>();
  const answered = new Map<number, number>();
  for (const [uid, { permit }] of members.entries()) {
    if (!permit || weights.get(state, netuid, uid, mechanism)?.epoch !== epoch) continue;
    const judges = total - (judging.get(uid) ?? 0n);
    if (judges === 0n) continue;
    const said = words.get(uid) ?? [];
    if (2n * stakeOf(said) <= judges) withheld.add(uid);
    else answered.set(uid, upperMedian(said));
  }
  const counted = [...answered].map(([uid, each]) => ({ answered: each, stake: stakes[uid]! }));
  return { withheld, answered, median: lowerMedian(counted) };
}

const stakeOf = (said: readonly Said[]): Amount => said.reduce((sum, { stake }) => sum + stake, 0n);

/**
 * The greatest number that half of the stake or more says is reached: where halves differ, the doubt is the judged
 * validator's. Of no stake: 0.
 */
function upperMedian(said: readonly Said[]): number {
  return medianFrom([...said].sort((a, b) => b.answered - a.answered));
}

/** The least number that half of the stake or more does not exceed, so that the doubt is those' who are compared. */
function lowerMedian(said: readonly Said[]): number {
  return medianFrom([...said].sort((a, b) => a.answered - b.answered));
}

function medianFrom(sorted: readonly Said[]): number {
  const total = stakeOf(sorted);
  let passed = 0n;
  for (const { answered, stake } of sorted) {
    passed += stake;
    if (stake > 0n && 2n * passed >= total) return answered;
  }
  return 0;
}
