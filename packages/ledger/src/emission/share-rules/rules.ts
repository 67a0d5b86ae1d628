import { shareByBlend, shareByBoundedBlend } from './blend.ts';
import { shareEqually } from './equal.ts';
import { shareByFlow } from './flow.ts';
import { shareByNetFlow } from './net-flow.ts';
import { shareByPrice } from './price.ts';
import type { ShareRule } from './share-rule.ts';
import { shareByUsage } from './usage.ts';

/** Every rule that governance may choose, by the version that `emissionShareRule` names. A version never changes. */
export const SHARE_RULES: ReadonlyMap<bigint, ShareRule> = new Map<bigint, ShareRule>([
  [1n, shareEqually],
  [2n, (subnets, whole) => shareByBlend(subnets, whole)],
  [3n, (subnets, whole) => shareByPrice(subnets, whole)],
  [4n, (subnets, whole) => shareByFlow(subnets, whole)],
  [5n, (subnets, whole) => shareByNetFlow(subnets, whole)],
  [6n, (subnets, whole) => shareByUsage(subnets, whole)],
  [7n, (subnets, whole) => shareByBoundedBlend(subnets, whole)],
]);
