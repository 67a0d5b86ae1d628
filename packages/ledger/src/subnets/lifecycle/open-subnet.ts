import { type AccountId, type Amount, U16_MAX } from '@cairn/core';
import type { BlockContext } from '../../execution/context.ts';
import { createMarket } from '../../pools/market.ts';
import { markets } from '../../pools/state.ts';
import { firstSeed, scheduleSubnet } from '../../yuma/seed.ts';
import { netuidsAfter } from '../../yuma/state.ts';
import { initialHyperparameters } from '../change-hyperparameters.ts';
import { subnetCreated } from '../events.ts';
import { priceAtIssuance } from '../price.ts';
import { type Subnet, subnets, subnetsCell } from '../state.ts';

export interface NewSubnet {
  readonly name: string;
  readonly owner: AccountId;
  /** Pebbles that begin the reserve of its pool. The caller has moved them there. */
  readonly locked: Amount;
  /** Deposit that the owner has paid. */
  readonly deposit: Amount;
}

/** Opens a subnet under the next number, which no other ever had. Reads the pools of all others. */
export function openSubnet(context: BlockContext, { name, owner, locked, deposit }: NewSubnet): void {
  const { state, parameters, slot } = context;
  const network = subnetsCell.get(state);
  const netuid = network.count + 1;
  const others = netuidsAfter(state, null);
  const hyperparameters = initialHyperparameters(parameters);
  const subnet: Subnet = {
    name,
    owner,
    locked,
    deposit,
    createdSlot: slot,
    matchedSlot: 0n,
    neuronCount: 0,
    burn: priceAtIssuance(state, parameters, parameters.initialBurn),
    burnSlot: slot,
    registrationHeight: 0n,
    registrationsAtHeight: 0,
    hyperparametersSlot: 0n,
    hyperparameters,
    mechanisms: [{ part: U16_MAX, beganSlot: slot, measure: null }],
    announcedParts: [],
    mechanismsSlot: 0n,
  };
  subnetsCell.set(state, { ...network, count: netuid, alive: network.alive + 1 });
  markets.set(state, netuid, createMarket(state, others, locked, slot));
  subnets.set(state, netuid, subnet);
  const seed = firstSeed(context.crypto, context.chainId, netuid, context.block.hash);
  scheduleSubnet(state, netuid, { slot, tempo: hyperparameters.tempo, seed });
  subnetCreated(context, netuid, subnet);
}
