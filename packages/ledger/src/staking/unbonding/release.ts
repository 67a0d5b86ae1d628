import { type AccountId, type Amount, areBytesEqual, mulDiv } from '@cairn/core';
import { credit, releaseDeposit } from '../../accounts/money.ts';
import type { BlockContext } from '../../execution/context.ts';
import { recordFlow } from '../../flows/record.ts';
import { departureSlashed, released } from '../events.ts';
import { poolOf, positionOf, ROOT, removeShares } from '../place.ts';
import { valueOfShares } from '../pool.ts';
import { type Departure, departures, leftOf, releaseQueue } from './state.ts';

/**
 * Frees what is due, in the order in which it left. As many turns as a block may; who is not reached waits for the
 * next block, or asks by `staking.release`.
 */
export function releaseInTurn(context: BlockContext): void {
  const { state, slot, parameters } = context;
  for (let turn = 0n; turn < parameters.releasesPerBlock; turn += 1n) {
    const next = releaseQueue.first(state);
    if (next === null || next.freeSlot > slot) return;
    releaseQueue.drop(state);
    const [departure] = departures.get(state, next.coldkey);
    // Whoever asked earlier has had it already, and what the account has now has a turn of its own.
    if (departure !== undefined && departure.freeSlot <= slot) releaseFirst(context, next.coldkey);
  }
}

/** Frees the departures of an account that are due. @returns how many */
export function releaseDue(context: BlockContext, coldkey: AccountId): number {
  let count = 0;
  for (;;) {
    const [next] = departures.get(context.state, coldkey);
    if (next === undefined || next.freeSlot > context.slot) return count;
    releaseFirst(context, coldkey);
    count += 1;
  }
}

/** The account exists: it paid for the entry. */
function releaseFirst(context: BlockContext, coldkey: AccountId): void {
  const [departure, ...others] = departures.get(context.state, coldkey) as [Departure, ...Departure[]];
  const left = leftOf(context.state, departure);
  const lost = departure.amount - left;
  releaseDeposit(context, coldkey, departure.deposit);
  if (departure.to !== null) {
    const cut =
      lost === 0n ? { entries: others, lost } : cutMoved(context, coldkey, departure.to, lost, others);
    departures.set(context.state, coldkey, cut.entries);
    if (cut.lost > 0n) departureSlashed(context, coldkey, departure.hotkey, cut.lost);
    return;
  }
  departures.set(context.state, coldkey, others);
  recordFlow(context.state, 'staking.slashUnbonding', lost);
  credit(context, coldkey, left, 'staking.release');
  released(context, coldkey, departure.hotkey, left);
  if (lost > 0n) departureSlashed(context, coldkey, departure.hotkey, lost);
}

/**
 * Takes what moved stake lost from where it went: from the position there, then from what was unstaked there since,
 * which is free no earlier. Rounds down to whole shares. What dividends, transfers or other slashes left is the bound.
 */
function cutMoved(
  context: BlockContext,
  coldkey: AccountId,
  hotkey: AccountId,
  owed: Amount,
  entries: readonly Departure[],
): { entries: Departure[]; lost: Amount } {
  const { state } = context;
  let open = owed;
  const place = { netuid: ROOT, coldkey, hotkey };
  const held = positionOf(state, place);
  const pool = poolOf(state, ROOT, hotkey);
  if (held !== undefined && pool.totalStake > 0n) {
    const wanted = mulDiv(owed, pool.totalShares, pool.totalStake);
    const shares = wanted < held.shares ? wanted : held.shares;
    const amount = valueOfShares(pool, shares);
    if (shares > 0n) removeShares(context, place, { shares, amount });
    recordFlow(state, 'staking.slash', amount);
    open -= amount;
    // What rounding left is less than a share: with shares left there is nothing else to take.
    if (shares < held.shares) return { entries: [...entries], lost: owed - open };
  }
  const cut = entries.map((entry) => {
    if (entry.to !== null || !areBytesEqual(entry.hotkey, hotkey)) return entry;
    const taken = entry.amount < open ? entry.amount : open;
    open -= taken;
    recordFlow(state, 'staking.slashUnbonding', taken);
    return { ...entry, amount: entry.amount - taken };
  });
  return { entries: cut, lost: owed - open };
}
