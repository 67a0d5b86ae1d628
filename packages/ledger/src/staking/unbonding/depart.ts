import { type AccountId, type Amount, accountIdToAddress, formatAmount } from '@cairn/core';
import { holdDeposit, recordDeposit } from '../../accounts/money.ts';
import type { BlockContext } from '../../execution/context.ts';
import { problem, type Verdict } from '../../execution/message.ts';
import type { StateView } from '../../state/view.ts';
import { type Place, ROOT, valueAt } from '../place.ts';
import { DEPARTURE_BYTES, departures, MAX_DEPARTURES, releaseQueue } from './state.ts';

/** Whether stake that leaves a hotkey now has to wait, or answers for something already. */
export function isBound({ state, parameters }: BlockContext, coldkey: AccountId): boolean {
  return parameters.unbondingSlots > 0n || departures.get(state, coldkey).length > 0;
}

/**
 * Writes down root stake that leaves a hotkey: unstaked, to be paid when it is free, or moved to another hotkey. The
 * caller has moved the money.
 *
 * @returns the slot from which it is free
 */
export function depart(
  context: BlockContext,
  coldkey: AccountId,
  left: { readonly hotkey: AccountId; readonly to: AccountId | null; readonly amount: Amount },
): Verdict | { readonly freeSlot: bigint } {
  const { state, slot, parameters, block } = context;
  const entries = departures.get(state, coldkey);
  if (entries.length >= MAX_DEPARTURES) {
    return problem(
      'UNBONDING_FULL',
      `${accountIdToAddress(coldkey)} has ${entries.length} departures that are not free, the most there may be; the first is from slot ${entries[0]!.freeSlot} on. Wait for it, this is slot ${slot}.`,
    );
  }
  const deposit = recordDeposit(context, DEPARTURE_BYTES);
  const refused = holdDeposit(context, coldkey, deposit);
  if (refused !== null) return refused;
  const due = slot + parameters.unbondingSlots;
  const last = entries.at(-1)?.freeSlot ?? 0n;
  const freeSlot = due > last ? due : last;
  const leftHeight = BigInt(block.height);
  departures.set(state, coldkey, [...entries, { ...left, leftHeight, freeSlot, deposit }]);
  releaseQueue.add(state, coldkey, freeSlot);
  return { freeSlot };
}

/** Stake that was moved to this hotkey and still answers for the one it left. In pebbles. */
function liableAt(view: StateView, coldkey: AccountId, hotkey: AccountId): Amount {
  const address = accountIdToAddress(hotkey);
  return departures
    .get(view, coldkey)
    .reduce(
      (sum, { to, amount }) => (to !== null && accountIdToAddress(to) === address ? sum + amount : sum),
      0n,
    );
}

/**
 * Refuses to let root stake go to another hotkey or coldkey that still answers for a hotkey it left: it could not be
 * found again. It may be unstaked, which keeps it as long.
 *
 * @param amount what would go
 */
export function liableFault({ state }: BlockContext, place: Place, amount: Amount): Verdict {
  if (place.netuid !== ROOT) return null;
  const liable = liableAt(state, place.coldkey, place.hotkey);
  const value = valueAt(state, place);
  if (liable === 0n || amount + liable <= value) return null;
  return problem(
    'STAKE_LIABLE',
    `Of ${formatAmount(value)} CAIRN at ${accountIdToAddress(place.hotkey)}, ${formatAmount(liable)} were moved there and still answer for the hotkey they left. Wait until they are free, or unstake.`,
  );
}
