import type { Amount } from '@cairn/core';
import { SUPPLY_CAP } from '@cairn/core';
import { LedgerError } from '../errors.ts';
import type { Overlay } from '../state/view.ts';
import { issuance, supplyCell } from './supply.ts';
import { FLOWS, type FlowName } from './table.ts';

/**
 * Books a movement in the totals. The caller changes the records of payer and payee beside it.
 *
 * @throws LedgerError `INVARIANT_BROKEN` when a pot would go below zero or the cap would be passed:
 * a bug of ours, never of a transaction.
 */
export function recordFlow(state: Overlay, name: FlowName, amount: Amount): void {
  if (amount === 0n) return;
  const { from, to } = FLOWS[name];
  const supply = { ...supplyCell.get(state) };
  if (from !== 'issue') supply[from] -= amount;
  if (to === 'burn') supply.burned += amount;
  else if (to === 'recycle') supply.recycled += amount;
  else supply[to] += amount;
  const isBroken = amount < 0n || (from !== 'issue' && supply[from] < 0n) || issuance(supply) > SUPPLY_CAP;
  if (isBroken) {
    throw new LedgerError(
      { code: 'INVARIANT_BROKEN', invariant: name },
      `Flow ${name} of ${amount} breaks the supply.`,
    );
  }
  supplyCell.set(state, supply);
}
