import { type AccountId, areBytesEqual } from '@cairn/core';
import type { BlockContext, Misbehavior } from '../execution/context.ts';
import { SLASH_WHOLE, slashHotkey } from '../staking/unbonding/slash.ts';
import { answerableFor, conducts, type Fault, missedCell, NEVER } from './conduct.ts';
import { validatorJailed } from './events.ts';
import { rosterCell } from './state.ts';

const BPS_WHOLE = 10_000n;

/**
 * Punishes what consensus has evidence of, and counts the votes that are missing under the block before.
 *
 * Cost: O(evidence + votes) reads of the roster; a slash is two records, however many stake there.
 */
export function watchConduct(context: BlockContext): void {
  for (const evidence of context.block.misbehavior) punishSigning(context, evidence);
  countVotes(context);
}

/**
 * Signing twice costs a part of all stake that stood behind the key at that height, once: the key never votes again,
 * so that all it signed in that time is one offence.
 */
function punishSigning(context: BlockContext, { validator: id, height, kind }: Misbehavior): void {
  const { state, parameters, slot } = context;
  const answerable = answerableFor(state, id, slot);
  if (answerable === undefined || conducts.get(state, id).isTombstoned) return;
  const bps =
    kind === 'duplicateVote' ? parameters.slashDuplicateVoteBps : parameters.slashLightClientAttackBps;
  punish(context, id, { kind, height: BigInt(height), bps, jailedUntil: NEVER });
  const roster = rosterCell.get(state);
  rosterCell.set(state, {
    ...roster,
    validators: roster.validators.map((other) =>
      areBytesEqual(other.id, id) && other.origin === 'stake' ? { ...other, isLeaving: true } : other,
    ),
  });
}

interface Punishment extends Pick<Fault, 'kind' | 'height'> {
  /** Part of the stake that is lost. Power that genesis granted is no stake: it is lost by the jail alone. */
  readonly bps: bigint;
  readonly jailedUntil: bigint;
}

function punish(context: BlockContext, id: AccountId, { kind, height, bps, jailedUntil }: Punishment): void {
  const { state, slot } = context;
  const { account: hotkey, entry, publicKey } = answerableFor(state, id, slot)!;
  const hasStake = entry === null || entry.origin === 'stake';
  const slashed = hasStake
    ? slashHotkey(context, hotkey, Number(height), (bps * SLASH_WHOLE) / BPS_WHOLE)
    : 0n;
  const before = conducts.get(state, id);
  conducts.set(state, id, {
    jailedUntil,
    isTombstoned: before.isTombstoned || jailedUntil === NEVER,
    faults: [...before.faults, { kind, height, slot, slashed }],
  });
  validatorJailed(context, { id, publicKey, account: hotkey }, { kind, height, slashed, jailedUntil });
}

function countVotes({ state, block }: BlockContext): void {
  const absent = block.votes.filter(({ signed }) => !signed).map(({ validator }) => validator);
  if (absent.length === 0) return;
  const { sinceHeight, missed } = missedCell.get(state);
  const counted = missed.map((entry) => {
    const isAbsent = absent.some((id) => areBytesEqual(id, entry.id));
    return isAbsent ? { ...entry, votes: entry.votes + 1 } : entry;
  });
  const fresh = absent
    .filter((id) => !missed.some((entry) => areBytesEqual(entry.id, id)))
    .map((id) => ({ id, votes: 1 }));
  missedCell.set(state, { sinceHeight, missed: [...counted, ...fresh] });
}

/** Jails who missed too many votes since the powers were updated last, and begins to count anew. */
export function punishDowntime(context: BlockContext): void {
  const { state, parameters, slot, block } = context;
  const { sinceHeight, missed } = missedCell.get(state);
  const blocks = BigInt(block.height) - sinceHeight;
  missedCell.set(state, { sinceHeight: BigInt(block.height), missed: [] });
  for (const { id, votes } of missed) {
    const isTooMuch = BigInt(votes) * BPS_WHOLE > blocks * parameters.downtimeMissedBps;
    const isOnRoster = rosterCell.get(state).validators.some((other) => areBytesEqual(other.id, id));
    if (!isTooMuch || !isOnRoster || conducts.get(state, id).jailedUntil > 0n) continue;
    punish(context, id, {
      kind: 'downtime',
      height: BigInt(block.height),
      bps: parameters.slashDowntimeBps,
      jailedUntil: slot + parameters.jailSlots,
    });
  }
}
