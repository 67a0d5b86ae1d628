import { CoreError, decode, openWithPulse } from '@cairn/core';
import type { BlockContext } from '../../execution/context.ts';
import { problem, type Verdict } from '../../execution/message.ts';
import { neurons, subnets } from '../../subnets/state.ts';
import { timelockSpoiled } from '../events.ts';
import { type TimelockedWeights, timelockedWeightsShape } from '../messages/commit-timelocked.ts';
import { acceptOpened } from '../reveal-rules.ts';
import type { MechanismPlace } from '../shared-salt.ts';
import { epochs, weightsCommits } from '../state.ts';
import { hasPulse, lastOpeningSlot } from './rounds.ts';
import { openingsCell, sealedWeights, type Timelock, timelocks } from './state.ts';

/** Most places in the queue that a block looks at: those of neurons that are gone cost next to nothing. */
const MAX_STEPS = 256;

/**
 * Opens weights whose pulse is there, in the order in which the pulses came, the validators first committed and the
 * mechanisms are numbered, at most `timelockOpeningsPerBlock` of them. What is not opened in time lapses when its
 * epoch ends.
 *
 * Cost: about 20 ms of one core, a dozen records and one for each mechanism, for each that is opened, good or not; one
 * record without any.
 */
export function openTimelocked(context: BlockContext): void {
  let room = Number(context.parameters.timelockOpeningsPerBlock);
  for (let steps = MAX_STEPS; steps > 0 && room > 0; steps -= 1) {
    const [next, ...later] = openingsCell.get(context.state);
    if (next === undefined) return;
    const lock = timelocks.find(context.state, next.netuid, next.epoch);
    const [uid, ...others] = lock !== undefined && hasPulse(lock) ? lock.uids : [];
    const isOver = lock === undefined || context.slot > lastOpeningSlot(context.state, next.netuid);
    if (isOver || uid === undefined) {
      openingsCell.set(context.state, later);
      continue;
    }
    const closed = closedMechanisms(context, next.netuid, uid, lock);
    const [mechanism] = closed;
    if (closed.length <= 1) timelocks.put(context.state, next.netuid, { ...lock, uids: others });
    if (mechanism === undefined) continue;
    openOne(context, { netuid: next.netuid, uid, mechanism }, lock);
    room -= 1;
  }
}

/** Mechanisms for which a validator has weights that are still sealed; none where its neuron is gone. */
function closedMechanisms(
  { state }: BlockContext,
  netuid: number,
  uid: number,
  { epoch }: Timelock,
): readonly number[] {
  const { mechanisms } = subnets.get(state, netuid)!;
  return [...mechanisms.keys()].filter(
    (mechanism) => sealedWeights.get(state, netuid, uid, epoch, mechanism) !== undefined,
  );
}

function openOne(context: BlockContext, { netuid, uid, mechanism }: MechanismPlace, lock: Timelock): void {
  const { state } = context;
  const subnet = subnets.get(state, netuid)!;
  const made = weightsCommits.get(state, netuid, uid, mechanism)!;
  const commit = made.find(({ epoch }) => epoch === lock.epoch)!;
  const sealed = sealedWeights.get(state, netuid, uid, lock.epoch, mechanism)!;
  sealedWeights.release(context, netuid, uid, lock.epoch, mechanism);
  const { epoch } = epochs.get(state, netuid)!;
  const { hotkey } = neurons.get(state, netuid, uid)!;
  const read = readPlaintext(openWithPulse(sealed.ciphertext, lock.signature));
  const spoiled =
    'code' in read
      ? read
      : acceptOpened(
          { ...context, sender: hotkey, nonce: 0n },
          { subnet, uid, epoch, commit, message: { ...read, netuid, mechanism, epoch: commit.epoch } },
        );
  // The commit stays, so that the end of the epoch finds it missed.
  const place = { netuid, mechanism, uid, hotkey, epoch };
  if (spoiled !== null) timelockSpoiled(context, place, commit, lock.round, spoiled);
}

function readPlaintext(plaintext: Uint8Array | null): TimelockedWeights | Exclude<Verdict, null> {
  if (plaintext === null)
    return problem('CIPHERTEXT_UNREADABLE', 'The ciphertext was not made for this round, or is damaged.');
  try {
    return decode(timelockedWeightsShape, plaintext);
  } catch (error) {
    if (error instanceof CoreError)
      return problem('PLAINTEXT_MALFORMED', `What was sealed are no weights. ${error.message}`);
    throw error;
  }
}

/** What an epoch leaves behind when it ends: nothing that was due in it can be opened any more. */
export function endTimelocks({ state }: BlockContext, netuid: number, epoch: number): void {
  const locks = timelocks.get(state, netuid);
  const open = locks.filter(({ revealEpoch }) => revealEpoch > epoch);
  if (open.length < locks.length) timelocks.set(state, netuid, open);
}
