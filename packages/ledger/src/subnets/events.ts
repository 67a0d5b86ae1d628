import { type AccountId, type Amount, accountIdToAddress } from '@cairn/core';
import type { BlockContext } from '../execution/context.ts';
import type { HyperparameterChange } from './change-hyperparameters.ts';
import type { Measure } from './measure.ts';
import type { Neuron, Subnet } from './state.ts';

export function subnetCreated(context: BlockContext, netuid: number, subnet: Subnet): void {
  context.emit('subnets.created', {
    netuid,
    name: subnet.name,
    owner: accountIdToAddress(subnet.owner),
    locked: subnet.locked.toString(),
  });
}

export function hyperparametersSet(
  context: BlockContext,
  netuid: number,
  changes: readonly HyperparameterChange[],
): void {
  context.emit('subnets.hyperparametersSet', {
    netuid,
    changes: changes.map(({ name, value }) => [name, value.toString()]),
  });
}

/** @param split of mechanisms from the next epoch on, in parts of 65,535 */
export function mechanismsAnnounced(context: BlockContext, netuid: number, split: readonly number[]): void {
  context.emit('subnets.mechanismsAnnounced', { netuid, split });
}

export function measureDeclared(
  context: BlockContext,
  netuid: number,
  mechanism: number,
  { current, fromEpoch }: Measure,
): void {
  context.emit('subnets.measureDeclared', { netuid, mechanism, ...current, fromEpoch });
}

export function neuronRegistered(
  context: BlockContext,
  netuid: number,
  uid: number,
  { hotkey, coldkey, price }: { hotkey: AccountId; coldkey: AccountId; price: Amount },
): void {
  context.emit('subnets.neuronRegistered', {
    netuid,
    uid,
    hotkey: accountIdToAddress(hotkey),
    coldkey: accountIdToAddress(coldkey),
    price: price.toString(),
  });
}

export function neuronPruned(context: BlockContext, netuid: number, uid: number, neuron: Neuron): void {
  context.emit('subnets.neuronPruned', {
    netuid,
    uid,
    hotkey: accountIdToAddress(neuron.hotkey),
    emission: neuron.emission.toString(),
  });
}
