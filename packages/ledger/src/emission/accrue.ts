import { type Amount, mulDiv } from '@cairn/core';
import type { BlockContext } from '../execution/context.ts';
import { recordFlow } from '../flows/record.ts';
import { issuance, supplyCell } from '../flows/supply.ts';
import { type Ratio, takeRatio } from '../fraction/ratio.ts';
import { addToTreasury } from '../governance/treasury.ts';
import { addToReserves, buyForProtocol, priceRatio, rollAverages } from '../pools/market.ts';
import { FLOW_ZERO, type Market, markets, tokenIssuance } from '../pools/state.ts';
import { payProposer, proposerShareOf } from '../validators/reward.ts';
import { emissionOverSlots } from './block-emission.ts';
import { clock } from './clock.ts';
import { injectEmission } from './injection.ts';
import { rootProportionOf } from './root-proportion.ts';
import { shareEqually } from './share-rules/equal.ts';
import { SHARE_RULES } from './share-rules/rules.ts';
import type { SharedEmission, SubnetFacts } from './share-rules/share-rule.ts';
import { pendingCell } from './state.ts';

/**
 * Mints the emission of the slots this block accrued: a share to the validator that proposed it, and once a subnet
 * has a neuron a share to the treasury and the rest into the pools of such subnets; and each of those subnets' own
 * tokens, which wait for its epoch. What nobody is there to earn is not minted, so nothing is ever owed to nobody.
 *
 * Cost: a few microseconds for each subnet.
 */
export function accrueEmission(context: BlockContext): void {
  const { state } = context;
  const { latest } = clock.get(state);
  if (latest === 0n) return;
  const supply = supplyCell.get(state);
  const due = emissionOverSlots(issuance(supply), Number(latest));
  const forProposer = proposerShareOf(context, due);
  const earning = pendingCell.get(state);
  const found = earning.map(({ netuid }) => ({ netuid, market: markets.get(state, netuid)! }));
  const hasWork = earning.length > 0;
  const forTreasury = hasWork ? mulDiv(due, context.parameters.treasuryShareBps, 10_000n) : 0n;
  const forWork = hasWork ? due - forProposer - forTreasury : 0n;
  const shared = shareAmongMarkets(context.parameters.emissionShareRule, found, forWork);
  const forSubnets = shared.shares.reduce((total, share) => total + share, 0n);
  recordFlow(state, 'emission.mint', forProposer + forTreasury + forSubnets);
  payProposer(context, forProposer);
  recordFlow(state, 'governance.treasuryShare', forTreasury);
  addToTreasury(state, forTreasury);
  recordFlow(state, 'emission.inject', forSubnets);
  const pending = found.map(({ netuid, market }, index) => {
    const [share, usage] = [shared.shares[index]!, shared.usage[index]!];
    const minted = emissionOverSlots(tokenIssuance(market), Number(latest));
    const rootPart = rootProportionOf(context.parameters, supply, market);
    const injected = injectIntoMarket(market, { share, usage, minted, rootPart });
    markets.set(state, netuid, {
      ...rollAverages(context, injected, latest),
      outstanding: injected.outstanding + minted,
      burnCaused: market.burnCaused - usage,
    });
    return { netuid, amount: earning[index]!.amount + minted };
  });
  pendingCell.set(state, pending);
}

export interface EarningSubnet {
  readonly netuid: number;
  readonly market: Market;
}

/**
 * Shares what is minted among subnets by a rule of `SHARE_RULES`; equally as long as no subnet has a price yet and
 * the rule gives nothing.
 */
export function shareAmongMarkets(
  rule: bigint,
  found: readonly EarningSubnet[],
  whole: Amount,
): SharedEmission {
  const facts = found.map(
    ({ netuid, market }): SubnetFacts => ({
      netuid,
      priceEma: market.priceEma,
      minerBurned: Number(market.minerBurned),
      userFlow: market.userFlow - FLOW_ZERO,
      protocolFlow: market.protocolFlow - FLOW_ZERO,
      burnCaused: market.burnCaused,
    }),
  );
  const shared = SHARE_RULES.get(rule)!(facts, whole);
  const isYoung = facts.every(({ priceEma }) => priceEma === 0n);
  if (shared.left === 0n || !isYoung) return shared;
  const equal = shareEqually(facts, shared.left);
  return {
    shares: shared.shares.map((share, index) => share + equal.shares[index]!),
    usage: shared.usage,
    left: equal.left,
  };
}

/** What enters a subnet's pool in a block. */
export interface MarketEmission {
  readonly share: Amount;
  /** Of `share` what settled usage earned. */
  readonly usage: Amount;
  /** Tokens of the subnet minted beside it. */
  readonly minted: Amount;
  readonly rootPart: Ratio;
}

/**
 * Emission enters the pool beside tokens minted at its own price, as many as root's part of `minted` allows; the rest
 * buys tokens. Half of what settled usage earned only deepens the reserve: if all of it bought tokens, the price that
 * it makes would earn emission by price on top, and washing would pay.
 *
 * @see docs/guide/simulations.md, which has the figures
 */
export function injectIntoMarket(market: Market, { share, usage, minted, rootPart }: MarketEmission): Market {
  const quiet = usage / 2n;
  const deepened = addToReserves(market, { base: 0n, quote: quiet });
  const { cairn, alpha, buy } = injectEmission({
    emission: share - quiet,
    price: priceRatio(deepened),
    alphaCap: takeRatio(minted, rootPart),
  });
  const fed = addToReserves(deepened, { base: alpha, quote: cairn });
  const { market: after, bought } = buy === 0n ? { market: fed, bought: 0n } : buyForProtocol(fed, buy);
  return {
    ...after,
    outstanding: after.outstanding + bought,
    protocolBase: after.protocolBase + bought,
    protocolNet: after.protocolNet + share,
  };
}
