import type { Amount } from '@cairn/core';
import { INITIAL_SLOT_EMISSION, slotEmission } from '../emission/block-emission.ts';
import { issuance, supplyCell } from '../flows/supply.ts';
import type { Parameters } from '../parameters/table.ts';
import type { StateView } from '../state/view.ts';
import { type BurnPriceRules, decayBurnPrice } from './burn-price.ts';
import { type Subnet, subnetsCell } from './state.ts';

/**
 * A price at today's issuance: in proportion below `fullPriceIssuance`, so that a network that starts with
 * no money can be entered at all. Rounds down: for who pays.
 */
export function priceAtIssuance(view: StateView, parameters: Parameters, price: Amount): Amount {
  const issued = issuance(supplyCell.get(view));
  const full = parameters.fullPriceIssuance;
  return issued >= full ? price : (price * issued) / full;
}

/** What bounds and moves the price of a neuron. */
export function burnRules(view: StateView, parameters: Parameters, subnet: Subnet): BurnPriceRules {
  const { burnMin, burnMax, burnHalfLifeSlots, burnIncreaseBps } = subnet.hyperparameters;
  return {
    halfLifeSlots: burnHalfLifeSlots,
    increase: { numerator: BigInt(burnIncreaseBps), denominator: 10_000n },
    min: priceAtIssuance(view, parameters, burnMin),
    max: burnMax,
  };
}

/** Pebbles that a neuron costs at `slot`. */
export function neuronPrice(view: StateView, parameters: Parameters, subnet: Subnet, slot: bigint): Amount {
  const rules = burnRules(view, parameters, subnet);
  const decayed = decayBurnPrice(subnet.burn, Number(slot - subnet.burnSlot), rules);
  return decayed < rules.min ? rules.min : decayed;
}

export interface LockRules {
  readonly lastLock: Amount;
  readonly slotsSince: bigint;
  /** Slots over which the cost falls from double to the last lock. */
  readonly reductionSlots: bigint;
  readonly least: Amount;
}

/**
 * Pebbles that the next subnet locks: twice the last lock, falling to it over `reductionSlots` and on to the
 * least: max(least, 2L − ⌊L / I⌋ · Δ).
 */
export function nextLockCost({ lastLock, slotsSince, reductionSlots, least }: LockRules): Amount {
  const fallen = 2n * lastLock - (lastLock / reductionSlots) * slotsSince;
  return fallen > least ? fallen : least;
}

/**
 * Slots over which the lock cost falls from double to the last lock. In proportion to what a slot mints: as halvings
 * make CAIRN scarcer, the cost falls sooner.
 *
 * Source: Bittensor (subtensor, runtime `spec_version` 425), `get_lock_reduction_interval`.
 */
function lockReductionSlots(view: StateView, { subnetLockReductionSlots }: Parameters): bigint {
  const emission = slotEmission(issuance(supplyCell.get(view)));
  const slots = (subnetLockReductionSlots * emission) / INITIAL_SLOT_EMISSION;
  return slots > 0n ? slots : 1n;
}

/** Pebbles that the next subnet locks at `slot`. */
export function lockCost(view: StateView, parameters: Parameters, slot: bigint): Amount {
  const { lastLock, lastLockSlot } = subnetsCell.get(view);
  return nextLockCost({
    lastLock,
    slotsSince: slot - lastLockSlot,
    reductionSlots: lockReductionSlots(view, parameters),
    least: priceAtIssuance(view, parameters, parameters.subnetLockMin),
  });
}
