import type { BlockContext } from '../../execution/context.ts';
import { problem, type Verdict } from '../../execution/message.ts';
import { TIMELOCK_SCHEME } from '../commit-scheme.ts';
import type { MechanismPlace } from '../shared-salt.ts';
import type { WeightsCommit } from '../state.ts';
import { hasPulse } from './rounds.ts';
import { sealedWeights, timelocks } from './state.ts';

/**
 * Whether a validator may reveal a commit itself. Timelocked weights only when their round is late: till then nobody
 * can keep them back, so nobody needs to show them.
 */
export function checkByHand(
  { state, block }: BlockContext,
  { netuid, uid, mechanism }: MechanismPlace,
  { scheme, epoch }: WeightsCommit,
): Verdict {
  if (scheme !== TIMELOCK_SCHEME) return null;
  const lock = timelocks.find(state, netuid, epoch);
  if (lock === undefined || sealedWeights.get(state, netuid, uid, epoch, mechanism) === undefined) {
    return problem(
      'TIMELOCK_SPOILED',
      `The sealed weights of epoch ${epoch} were opened and are not what was committed. They are lost; see yuma.timelockSpoiled.`,
    );
  }
  if (hasPulse(lock)) {
    return problem(
      'PULSE_KNOWN',
      `The pulse of round ${lock.round} is there: the ledger opens the weights of epoch ${epoch} by itself.`,
    );
  }
  if (BigInt(block.timeMs) >= lock.byHandMs) return null;
  return problem(
    'REVEAL_BY_PULSE',
    `Weights of epoch ${epoch} are opened by round ${lock.round} of the beacon. Post its pulse; if it does not come, reveal them from ${lock.byHandMs} ms on, this block is of ${block.timeMs}.`,
  );
}
