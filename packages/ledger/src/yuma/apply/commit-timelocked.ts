import { TIMELOCK_OVERHEAD_BYTES } from '@cairn/core';
import { holdDeposit, recordDeposit } from '../../accounts/money.ts';
import type { BlockContext } from '../../execution/context.ts';
import { defineMessage, problem, type Verdict } from '../../execution/message.ts';
import { MAX_MECHANISMS } from '../../subnets/hyperparameters.ts';
import { readyToCommit } from '../commit-rules.ts';
import { TIMELOCK_SCHEME } from '../commit-scheme.ts';
import { weightsCommitted } from '../events.ts';
import { type CommitTimelocked, commitTimelockedShape } from '../messages/commit-timelocked.ts';
import { beaconNone } from '../problems.ts';
import type { WeightsCommit } from '../state.ts';
import { lockOfEpoch } from '../timelock/rounds.ts';
import { sealedWeights, type Timelock, timelocks } from '../timelock/state.ts';

export const commitTimelockedMessage = defineMessage({
  id: 53,
  name: 'yuma.commitTimelocked',
  help: "Commits the sending validator to its weights of this epoch, sealed to the round of the network's beacon with which the ledger opens them; replaces its commit of the same epoch and mechanism. Binds the oldest of its salts to them, the same for all mechanisms, and holds a deposit for the ciphertext until it is opened.",
  shape: commitTimelockedShape,
  work: ({ ciphertext }) => 16 + MAX_MECHANISMS + (ciphertext.length >> 8),
  apply(context, message) {
    const { state, sender, slot } = context;
    const { netuid, mechanism, commitment, evidenceRoot, ciphertext } = message;
    const ready = readyToCommit(context, TIMELOCK_SCHEME, message);
    if ('code' in ready) return ready;
    const { subnet, place, epoch, salt } = ready;
    const { uid } = place;
    const lock = lockOfEpoch(context, netuid, epoch, subnet.hyperparameters.revealEpochs);
    if (lock === null) return beaconNone();
    const unfit = checkRound(context, lock, message) ?? checkLength(message);
    if (unfit !== null) return unfit;
    if (sealedWeights.get(state, netuid, uid, epoch, mechanism) !== undefined)
      sealedWeights.release(context, netuid, uid, epoch, mechanism);
    const deposit = recordDeposit(context, ciphertext.length);
    const refused = holdDeposit(context, sender, deposit);
    if (refused !== null) return refused;
    sealedWeights.set(state, netuid, uid, epoch, { hotkey: sender, deposit, ciphertext }, mechanism);
    timelocks.put(state, netuid, {
      ...lock,
      uids: lock.uids.includes(uid) ? lock.uids : [...lock.uids, uid],
    });
    const commit: WeightsCommit = {
      epoch,
      revealEpoch: lock.revealEpoch,
      slot,
      scheme: TIMELOCK_SCHEME,
      commitment,
      evidenceRoot,
      salt,
      isSaltShown: false,
    };
    ready.store(commit);
    weightsCommitted(context, { ...place, hotkey: sender, epoch }, commit, lock.round);
    return null;
  },
});

function checkRound({ block }: BlockContext, lock: Timelock, { netuid, round }: CommitTimelocked): Verdict {
  if (round !== lock.round) {
    return problem(
      'ROUND_WRONG',
      `Weights of epoch ${lock.epoch} of subnet ${netuid} are sealed to round ${lock.round}, these are to ${round}. Seal them again.`,
    );
  }
  if (BigInt(block.timeMs) < lock.closesMs) return null;
  return problem(
    'ROUND_TOO_NEAR',
    `Round ${round} is out soon or already, so weights of epoch ${lock.epoch} could be copied: commits ended at ${lock.closesMs} ms, this block is of ${block.timeMs}. Go on with the next epoch.`,
  );
}

function checkLength({ ciphertext }: CommitTimelocked): Verdict {
  if (ciphertext.length > TIMELOCK_OVERHEAD_BYTES) return null;
  return problem(
    'CIPHERTEXT_TOO_SHORT',
    `${ciphertext.length} bytes are no sealed weights: those are longer than ${TIMELOCK_OVERHEAD_BYTES}. Seal them with sealToRound.`,
  );
}
