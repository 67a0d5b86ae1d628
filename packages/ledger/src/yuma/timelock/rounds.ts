import { clock } from '../../emission/clock.ts';

import { roundFrom, roundTimeMs } from '../../genesis/beacon.ts';
import { beaconCell } from '../../genesis/state.ts';
import type { Parameters } from '../../parameters/table.ts';
import type { StateView } from '../../state/view.ts';
import { scheduledEpoch } from '../state.ts';
import { type Timelock, timelocks } from './state.ts';

/**
 * The lock of a subnet's epoch, which all its commits share: the one its first commit fixed, or what it would be now.
 *
 * The round is the first after a quarter of the reveal epoch, counted in slots as they would pass from here: epochs
 * never run early. Blocks may run late, and a round does not wait: so commits end halfway between the due begin of
 * that epoch and the round, with room for clocks that differ, or weights could be read and sent again by others
 * before their own epoch is over. If the pulse is not there after half of the reveal epoch, weights may be revealed
 * by hand.
 *
 * @param epoch the current one
 * @returns null when the network has no beacon
 */
export function lockOfEpoch(
  { state, parameters }: { readonly state: StateView; readonly parameters: Parameters },
  netuid: number,
  epoch: number,
  revealEpochs: number,
): Timelock | null {
  const beacon = beaconCell.get(state);
  if (beacon === null) return null;
  const fixed = timelocks.find(state, netuid, epoch);
  if (fixed !== undefined) return fixed;
  const { slotMs } = parameters;
  const { slot, accruedUntilMs } = clock.get(state);
  const { lastEpochSlot, tempo } = scheduledEpoch(state, netuid)!;
  const begin = lastEpochSlot + BigInt(tempo) * BigInt(revealEpochs);
  const beginMs = accruedUntilMs + (begin - slot) * slotMs;
  const quarterMs = BigInt(quarterOf(tempo)) * slotMs;
  const round = roundFrom(beacon, beginMs + quarterMs);
  return {
    epoch,
    revealEpoch: epoch + revealEpochs,
    round,
    closesMs: beginMs + quarterMs / 2n,
    byHandMs: roundTimeMs(beacon, round) + quarterMs,
    uids: [],
    signature: new Uint8Array(0),
  };
}

/**
 * Last slot of a subnet's epoch in which weights are opened: a quarter is left after it, in which the others fetch
 * and attest the evidence. Weights that would open later lapse, or their validator would lose its dividends for
 * evidence that nobody had the time to look at.
 */
export function lastOpeningSlot(state: StateView, netuid: number): bigint {
  const { lastEpochSlot, tempo } = scheduledEpoch(state, netuid)!;
  return lastEpochSlot + BigInt(tempo - quarterOf(tempo));
}

const quarterOf = (tempo: number): number => Math.max(1, tempo >> 2);

export const hasPulse = ({ signature }: Timelock): boolean => signature.length > 0;
