import { bytesToHex } from '@cairn/core';
import type { MessageContext } from '../execution/context.ts';
import { problem, type Verdict } from '../execution/message.ts';
import type { Subnet } from '../subnets/state.ts';
import { bringIntoForce } from './bring-into-force.ts';
import { checkRowForm, checkRowRules } from './check-row.ts';
import { commitSchemeOf } from './commit-scheme.ts';
import type { RevealWeights } from './messages/reveal-weights.ts';
import { checkSaltReveal, checkSaltShown } from './salt-rules.ts';
import { noteSaltShown } from './shared-salt.ts';
import { NO_SALT, salts, type WeightsCommit, weightsCommits } from './state.ts';

/** Weights that were committed and can be seen now, at their place. */
export interface Opened {
  readonly subnet: Subnet;
  readonly uid: number;
  /** Number of the current epoch. */
  readonly epoch: number;
  readonly commit: WeightsCommit;
  readonly message: RevealWeights;
}

/**
 * Whether opened weights are those of their commit and fit the subnet; brings them into force if so. The first of an
 * epoch shows the salt of all its mechanisms.
 */
export function acceptOpened(context: MessageContext, opened: Opened): Verdict {
  const { state } = context;
  const { subnet, uid, epoch, commit, message } = opened;
  const { netuid, mechanism } = message;
  const { bound: remaining } = salts.get(state, netuid, uid) ?? NO_SALT;
  const unfit =
    (commit.isSaltShown
      ? checkSaltShown(context, commit.salt, message)
      : checkSaltReveal(context, commit.salt, remaining, message)) ??
    checkOpening(context, commit, message) ??
    checkRowForm(subnet, message) ??
    checkRules(subnet, commit, message);
  if (unfit !== null) return unfit;
  const made = weightsCommits.get(state, netuid, uid, mechanism) ?? [];
  const kept = made.filter((other) => other.epoch !== commit.epoch);
  if (kept.length === 0) weightsCommits.delete(state, netuid, uid, mechanism);
  else weightsCommits.set(state, netuid, uid, kept, mechanism);
  if (!commit.isSaltShown)
    noteSaltShown(state, { netuid, uid, mechanism }, subnet.mechanisms.length, commit.epoch);
  bringIntoForce(context, {
    ...message,
    uid,
    epoch,
    scoredEpoch: commit.epoch,
    committedSlot: commit.slot,
    evidenceRoot: commit.evidenceRoot,
    boundSalt: commit.isSaltShown ? null : commit.salt,
    remaining,
  });
  return null;
}

function checkOpening(
  { crypto, sender }: MessageContext,
  commit: WeightsCommit,
  message: RevealWeights,
): Verdict {
  const scheme = commitSchemeOf(commit.scheme);
  if (scheme?.isCommitmentTo(crypto, commit.commitment, { ...message, validator: sender }) === true)
    return null;
  return problem(
    'COMMITMENT_WRONG',
    `These weights are not those of the commitment ${bytesToHex(commit.commitment)}. Reveal exactly what was committed.`,
  );
}

/** Weights that were committed before the owner changed the rules are judged by their form alone. */
function checkRules(subnet: Subnet, { slot }: WeightsCommit, message: RevealWeights): Verdict {
  return subnet.hyperparametersSlot >= slot ? null : checkRowRules(subnet, message);
}
