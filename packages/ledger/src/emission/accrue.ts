import type { Amount } from '@cairn/core';
import type { BlockContext } from '../execution/context.ts';
import { recordFlow } from '../flows/record.ts';
import { issuance, supplyCell } from '../flows/supply.ts';
import { emissionOverSlots } from './block-emission.ts';
import { clock } from './clock.ts';
import { pendingCell } from './state.ts';

/**
 * Mints the emission of the slots this block accrued and shares it among the subnets that have a neuron.
 * While there is none nothing is minted, so nothing is ever owed to nobody.
 */
export function accrueEmission(context: BlockContext): void {
  const { state } = context;
  const { latest } = clock.get(state);
  const earning = latest === 0n ? [] : pendingCell.get(state);
  if (earning.length === 0) return;
  const minted = emissionOverSlots(issuance(supplyCell.get(state)), Number(latest));
  if (minted === 0n) return;
  recordFlow(state, 'emission.mint', minted);
  const shares = shareEmission(minted, earning.length);
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
