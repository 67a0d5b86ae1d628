import { type Amount, mulDiv } from '@cairn/core';
import type { BlockContext } from '../execution/context.ts';
import { recordFlow } from '../flows/record.ts';
import { issuance, supplyCell } from '../flows/supply.ts';
import { addToTreasury } from '../governance/treasury.ts';
import { payProposer, proposerShareOf } from '../validators/reward.ts';
import { emissionOverSlots } from './block-emission.ts';
import { clock } from './clock.ts';
import { pendingCell } from './state.ts';

/**
 * Mints the emission of the slots this block accrued: a share to the validator that proposed it, and once a subnet
 * has a neuron a share to the treasury and the rest to such subnets. What nobody is there to earn is not minted, so nothing is ever owed to nobody.
 */
export function accrueEmission(context: BlockContext): void {
  const { state } = context;
  const { latest } = clock.get(state);
  if (latest === 0n) return;
  const due = emissionOverSlots(issuance(supplyCell.get(state)), Number(latest));
  const forProposer = proposerShareOf(context, due);
  const earning = pendingCell.get(state);
  const hasWork = earning.length > 0;
  const forTreasury = hasWork ? mulDiv(due, context.parameters.treasuryShareBps, 10_000n) : 0n;
  const forSubnets = hasWork ? due - forProposer - forTreasury : 0n;
  recordFlow(state, 'emission.mint', forProposer + forTreasury + forSubnets);
  payProposer(context, forProposer);
  recordFlow(state, 'governance.treasuryShare', forTreasury);
  addToTreasury(state, forTreasury);
  if (forSubnets === 0n) return;
  const shares = shareEmission(forSubnets, earning.length);
  pendingCell.set(
    state,
    earning.map(({ netuid, amount }, index) => ({ netuid, amount: amount + shares[index]! })),
  );
}

/**
 * Version 1 of `emissionShareRule`: equal shares, rounded down; the rest goes to the lowest netuid.
 * Another rule is another version of the parameter.
 */
function shareEmission(minted: Amount, subnets: number): Amount[] {
  const share = minted / BigInt(subnets);
  const shares = new Array<Amount>(subnets).fill(share);
  shares[0] = minted - share * BigInt(subnets - 1);
  return shares;
}
