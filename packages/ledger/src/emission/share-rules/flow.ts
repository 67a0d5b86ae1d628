import type { Amount } from '@cairn/core';
import { moveTowards, type Ratio } from '../../fraction/ratio.ts';
import { raiseToPower } from './powers.ts';
import { type SharedEmission, type SubnetFacts, shareByWeight } from './share-rule.ts';

/** Weight of one slot's flow in the average: half of it is forgotten in 216,000 slots, thirty days of 12 s. */
export const FLOW_SMOOTHING: Ratio = { numerator: 29_597_889_189_277n, denominator: 1n << 63n };

/**
 * Moving average of a flow after one more slot, rounded towards the previous average. Kept with fractional
 * bits, since a slot moves it by three millionths of the difference.
 *
 * @param flow what came in less what went out in the slot, in the scale of the average.
 */
export function nextFlowEma(previous: bigint, flow: bigint, smoothing: Ratio = FLOW_SMOOTHING): bigint {
  return moveTowards(previous, flow, smoothing);
}

export interface FlowRules {
  /** Flows up to this earn nothing, in the scale of the flows. Below zero it admits subnets that shrink. */
  readonly cutoff: bigint;
  /** Power to which what is above the limit is raised. */
  readonly exponent: Ratio;
}

/** No emission for a subnet that more left than joined, and the rest in proportion. */
export const DEFAULT_FLOW_RULES: FlowRules = { cutoff: 0n, exponent: { numerator: 1n, denominator: 1n } };

/**
 * By a list of flows: those above the limit L = max(cutoff, min(0, lowest flow)), each less L, to the power.
 *
 * @param scale factor that the flows carry and the cutoff does not.
 */
export function shareFlows(
  subnets: readonly Pick<SubnetFacts, 'netuid'>[],
  flows: readonly bigint[],
  whole: Amount,
  { cutoff, exponent }: FlowRules,
  scale = 1n,
): SharedEmission {
  let lowest = 0n;
  for (const flow of flows) if (flow < lowest) lowest = flow;
  const limit = cutoff * scale > lowest ? cutoff * scale : lowest;
  const above = flows.map((flow) => (flow > limit ? flow - limit : 0n));
  return shareByWeight(subnets, raiseToPower(above, exponent), whole);
}

/**
 * By the average flow of people's money into the subnet's pool.
 *
 * What it invites: buying to earn and leaving once the emission is in, since the average forgets slowly.
 *
 * Source: Bittensor (subtensor, runtime `spec_version` 425), `get_shares_flow`.
 */
export function shareByFlow(
  subnets: readonly Pick<SubnetFacts, 'netuid' | 'userFlow'>[],
  whole: Amount,
  rules: FlowRules = DEFAULT_FLOW_RULES,
): SharedEmission {
  return shareFlows(
    subnets,
    subnets.map(({ userFlow }) => userFlow),
    whole,
    rules,
  );
}
