import type { Amount } from '@cairn/core';
import type { SharedEmission, SubnetFacts } from './share-rule.ts';

/**
 * The same to every subnet, rounded down; the rest goes to the lowest netuid. For a network whose subnets
 * have no tokens yet: it pays an idle subnet as much as a busy one.
 */
export function shareEqually(subnets: readonly Pick<SubnetFacts, 'netuid'>[], whole: Amount): SharedEmission {
  const usage = subnets.map(() => 0n);
  if (subnets.length === 0) return { shares: [], usage, left: whole };
  const share = whole / BigInt(subnets.length);
  const rest = whole - share * BigInt(subnets.length);
  const lowest = subnets.reduce((least, { netuid }) => (netuid < least ? netuid : least), subnets[0]!.netuid);
  return { shares: subnets.map(({ netuid }) => (netuid === lowest ? share + rest : share)), usage, left: 0n };
}
