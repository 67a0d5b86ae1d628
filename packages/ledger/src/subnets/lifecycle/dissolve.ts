import { releaseDeposit } from '../../accounts/money.ts';
import { recycleUnearned } from '../../emission/pay.ts';
import { stopEmission } from '../../emission/state.ts';
import type { BlockContext } from '../../execution/context.ts';
import { recordFlow } from '../../flows/record.ts';
import { returnOrders } from '../../pools/return-orders.ts';
import { markets } from '../../pools/state.ts';
import { hotkeys } from '../../staking/state.ts';
import { epochs, forgetNeuron, unschedule } from '../../yuma/state.ts';
import { dropAllSealed, timelocks } from '../../yuma/timelock/state.ts';
import { neurons, subnets, subnetsCell, uids } from '../state.ts';
import { dissolvedClosed, subnetDissolved } from './events.ts';
import { type DissolvedSubnet, dissolvedSubnets, MAX_SWEEPS, sweepsCell, withdrawNotice } from './state.ts';

/** Most neurons of dissolved subnets cleared away in a block, counted once for each mechanism. */
const SWEPT_PER_BLOCK = 256;

/** Whether another subnet can end now. */
export function hasRoomToDissolve({ state }: BlockContext): boolean {
  return sweepsCell.get(state).length < MAX_SWEEPS;
}

/**
 * Ends a subnet before anything else of its block: orders that wait for sealed ones get back what they hold, and a
 * second leg on its way to it finds no pool and is paid out. Tokens that nobody earned yet are recycled, the reserve of the pool is frozen for those who
 * hold the rest. What nobody holds goes back to be minted again.
 *
 * Cost: a dozen records, and a few for each order that waits. Neurons are cleared away in later blocks, holders are paid when claims are sent.
 */
export function dissolveSubnet(context: BlockContext, netuid: number): void {
  const { state, slot } = context;
  const { owner, deposit, neuronCount, mechanisms } = subnets.get(state, netuid)!;
  returnOrders(context, netuid);
  recycleUnearned(context, netuid, stopEmission(state, netuid));
  const { quote: pot, outstanding, protocolBase } = markets.get(state, netuid)!;
  const tokens = outstanding - protocolBase;
  recordFlow(state, tokens === 0n ? 'subnets.dissolveUnheld' : 'subnets.dissolve', pot);
  markets.delete(state, netuid);
  subnets.delete(state, netuid);
  epochs.delete(state, netuid);
  timelocks.delete(state, netuid);
  unschedule(state, netuid);
  withdrawNotice(state, netuid);
  const network = subnetsCell.get(state);
  subnetsCell.set(state, { ...network, alive: network.alive - 1 });
  if (neuronCount > 0) sweepsCell.set(state, [...sweepsCell.get(state), netuid]);
  const ended: DissolvedSubnet = {
    owner,
    deposit,
    endedSlot: slot,
    pot: tokens === 0n ? 0n : pot,
    assigned: 0n,
    tokens,
    claimed: 0n,
    stakes: 0,
    neurons: neuronCount,
    mechanisms: mechanisms.length,
  };
  subnetDissolved(context, netuid, ended);
  keepDissolved(context, netuid, ended);
}

/** Keeps what is left of a dissolved subnet, or closes it when nothing is. The owner exists: it owns this record. */
export function keepDissolved(context: BlockContext, netuid: number, ended: DissolvedSubnet): void {
  if (ended.claimed < ended.tokens || ended.stakes > 0 || ended.neurons > 0) {
    dissolvedSubnets.set(context.state, netuid, ended);
    return;
  }
  dissolvedSubnets.delete(context.state, netuid);
  releaseDeposit(context, ended.owner, ended.deposit);
  dissolvedClosed(context, netuid);
}

/** Clears neurons of dissolved subnets away, so many in a block, with all that hangs on their uids. */
export function sweepNeurons(context: BlockContext): void {
  const { state } = context;
  for (let room = SWEPT_PER_BLOCK; room > 0; ) {
    const [netuid, ...others] = sweepsCell.get(state);
    if (netuid === undefined) return;
    const ended = dissolvedSubnets.get(state, netuid)!;
    let left = ended.neurons;
    for (; left > 0 && room > 0; room -= ended.mechanisms) {
      left -= 1;
      clearNeuron(context, netuid, left, ended.mechanisms);
    }
    if (left === 0) sweepsCell.set(state, others);
    keepDissolved(context, netuid, { ...ended, neurons: left });
  }
}

function clearNeuron(context: BlockContext, netuid: number, uid: number, mechanisms: number): void {
  const { state } = context;
  const { hotkey } = neurons.get(state, netuid, uid)!;
  const record = hotkeys.get(state, hotkey)!;
  hotkeys.set(state, hotkey, { ...record, neurons: record.neurons - 1 });
  uids.delete(state, netuid, hotkey);
  neurons.delete(state, netuid, uid);
  dropAllSealed(context, netuid, uid, mechanisms);
  forgetNeuron(state, netuid, uid, mechanisms);
}
