import type { BlockContext } from '../execution/context.ts';
import { subnets } from '../subnets/state.ts';
import { mechanismsChanged } from './events.ts';
import { forgetInMechanism, mechanismResults } from './state.ts';
import { dropSealedWeights } from './timelock/state.ts';

/**
 * Brings into force, at the end of an epoch, the mechanisms that the owner announced in it. Of one that goes all is
 * forgotten: weights, bonds, commits that nobody can reveal any more, word on evidence. What was sealed gives its
 * deposit back.
 *
 * Cost: five records deleted for each neuron and mechanism that goes, one for each of its sealed weights, one where a
 * single mechanism is left.
 *
 * @param ended number of the epoch that is over
 */
export function changeMechanisms(context: BlockContext, netuid: number, ended: number): void {
  const { state, slot } = context;
  const subnet = subnets.get(state, netuid)!;
  const { announcedParts, neuronCount } = subnet;
  if (announcedParts.length === 0) return;
  const mechanisms = announcedParts.map((part, index) => ({
    part,
    beganSlot: subnet.mechanisms[index]?.beganSlot ?? slot,
    measure: subnet.mechanisms[index]?.measure ?? null,
  }));
  for (let uid = 0; uid < neuronCount; uid += 1) {
    for (let gone = mechanisms.length; gone < subnet.mechanisms.length; gone += 1) {
      dropSealedWeights(context, { netuid, uid, mechanism: gone });
      forgetInMechanism(state, netuid, uid, gone);
    }
    if (mechanisms.length === 1) mechanismResults.delete(state, netuid, uid);
  }
  subnets.set(state, netuid, { ...subnet, mechanisms, announcedParts: [] });
  mechanismsChanged(context, { netuid, epoch: ended + 1, parts: announcedParts });
}
