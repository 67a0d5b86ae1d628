import type { Amount } from '@cairn/core';
import { DEFAULT_FLOW_RULES, type FlowRules, shareFlows } from './flow.ts';
import type { SharedEmission, SubnetFacts } from './share-rule.ts';

function sumOfPositive(flows: readonly bigint[]): bigint {
  let sum = 0n;
  for (const flow of flows) if (flow > 0n) sum += flow;
  return sum;
}

/**
 * By people's flow less what the protocol itself put in. A protocol inflow counts at most so far that all of
 * them together equal all of people's inflows; a protocol outflow counts in full, for the subnet.
 *
 * The flows are compared multiplied by the sum of the protocol's inflows, so nothing is rounded before the
 * shares are.
 *
 * Source: Bittensor (subtensor, runtime `spec_version` 425), `get_shares_flow` with net flow.
 */
export function shareByNetFlow(
  subnets: readonly Pick<SubnetFacts, 'netuid' | 'userFlow' | 'protocolFlow'>[],
  whole: Amount,
  rules: FlowRules = DEFAULT_FLOW_RULES,
): SharedEmission {
  const users = sumOfPositive(subnets.map(({ userFlow }) => userFlow));
  const protocol = sumOfPositive(subnets.map(({ protocolFlow }) => protocolFlow));
  const scale = protocol === 0n ? 1n : protocol;
  const counted = users < protocol ? users : protocol;
  const flows = subnets.map(
    ({ userFlow, protocolFlow }) => userFlow * scale - protocolFlow * (protocolFlow > 0n ? counted : scale),
  );
  return shareFlows(subnets, flows, whole, rules, scale);
}
