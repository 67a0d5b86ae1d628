import type { StateView } from '../state/view.ts';
import type { Neuron } from '../subnets/state.ts';
import { weights } from './state.ts';

/**
 * Slot of each validator's earliest commit that still has effect: the one of the weights in force, which is older
 * than all that are still secret. One less than its slot, because a miner that registered in the very slot may have
 * done so after the commit. Infinity for who has no weights. Weights set in the open are committed in that moment.
 *
 * Cost: one record read for each permit holder.
 */
export function readEarliestCommits(
  state: StateView,
  { netuid, mechanism }: { readonly netuid: number; readonly mechanism: number },
  members: readonly Neuron[],
): Float64Array {
  return Float64Array.from(members, ({ permit }, uid) => {
    const inForce = permit ? weights.get(state, netuid, uid, mechanism) : undefined;
    return inForce === undefined ? Infinity : Number(inForce.committedSlot) - 1;
  });
}
