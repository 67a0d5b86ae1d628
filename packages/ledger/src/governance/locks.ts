import { type AccountId, accountIdToAddress, bytesToHex, struct, u32, u64, type ValueOf } from '@cairn/core';
import { holdDeposit, type Money, recordDeposit, releaseDeposit } from '../accounts/money.ts';
import type { BlockContext } from '../execution/context.ts';
import { problem, type Verdict } from '../execution/message.ts';
import { defineTable } from '../state/table.ts';
import type { Overlay, StateView } from '../state/view.ts';

export const stakeLockShape = struct('StakeLock', {
  /** Shares of the position that cannot leave it. */
  shares: u64,
  /** Votes and delegations that they stand behind. */
  holds: u32,
  /** Slot until which they stay after the last of those: conviction. */
  untilSlot: u64,
  /** Refundable deposit of this record, paid by the coldkey. */
  deposit: u64,
});
export type StakeLock = ValueOf<typeof stakeLockShape>;

export const LOCK_BYTES = 70;
const table = defineTable('governance', 'lock', stakeLockShape);
const lockId = (coldkey: AccountId, hotkey: AccountId) => `${bytesToHex(coldkey)}/${bytesToHex(hotkey)}`;

/** What votes keep in a position: `<coldkey hex>/<hotkey hex>`. */
export const stakeLocks = {
  table,
  get: (view: StateView, coldkey: AccountId, hotkey: AccountId) => table.get(view, lockId(coldkey, hotkey)),
  set: (state: Overlay, coldkey: AccountId, hotkey: AccountId, value: StakeLock) =>
    table.set(state, lockId(coldkey, hotkey), value),
  delete: (state: Overlay, coldkey: AccountId, hotkey: AccountId) =>
    table.delete(state, lockId(coldkey, hotkey)),
};

const isLive = ({ holds, untilSlot }: StakeLock, slot: bigint): boolean => holds > 0 || untilSlot > slot;

/**
 * Puts a whole position behind one more vote or delegation: the same stake votes on several proposals. No position
 * is smaller than a live lock on it, so a later lock is never smaller either.
 *
 * @param shares all of the position.
 */
export function holdShares(
  context: BlockContext,
  coldkey: AccountId,
  hotkey: AccountId,
  shares: bigint,
): Verdict {
  const { state } = context;
  const lock = stakeLocks.get(state, coldkey, hotkey);
  if (lock === undefined) {
    const deposit = recordDeposit(context, LOCK_BYTES);
    const refused = holdDeposit(context, coldkey, deposit);
    if (refused !== null) return refused;
    stakeLocks.set(state, coldkey, hotkey, { shares, holds: 1, untilSlot: 0n, deposit });
    return null;
  }
  stakeLocks.set(state, coldkey, hotkey, { ...lock, shares, holds: lock.holds + 1 });
  return null;
}

/** Ends one hold; conviction keeps the shares until a slot, or 0. */
export function releaseShares(
  context: BlockContext,
  coldkey: AccountId,
  hotkey: AccountId,
  untilSlot: bigint,
): void {
  const lock = stakeLocks.get(context.state, coldkey, hotkey)!;
  const left = {
    ...lock,
    holds: lock.holds - 1,
    untilSlot: untilSlot > lock.untilSlot ? untilSlot : lock.untilSlot,
  };
  if (isLive(left, context.slot)) stakeLocks.set(context.state, coldkey, hotkey, left);
  else deleteLock(context, coldkey, hotkey, lock);
}

function deleteLock(context: Money, coldkey: AccountId, hotkey: AccountId, { deposit }: StakeLock): void {
  stakeLocks.delete(context.state, coldkey, hotkey);
  releaseDeposit(context, coldkey, deposit);
}

/**
 * Refuses to take shares out of a position below what votes keep in it. Everything that makes a position smaller
 * asks here first, or stake could vote, move on and vote again. A lock whose time is over is cleared away.
 *
 * @param left shares that would remain.
 */
export function checkSharesFree(
  context: BlockContext,
  coldkey: AccountId,
  hotkey: AccountId,
  left: bigint,
): Verdict {
  const lock = stakeLocks.get(context.state, coldkey, hotkey);
  if (lock === undefined) return null;
  if (!isLive(lock, context.slot)) {
    deleteLock(context, coldkey, hotkey, lock);
    return null;
  }
  if (left >= lock.shares) return null;
  const until =
    lock.holds > 0
      ? `${lock.holds} votes or delegations stand on them; withdraw those first`
      : `conviction keeps them until slot ${lock.untilSlot}, this is ${context.slot}`;
  return problem(
    'STAKE_LOCKED',
    `${lock.shares} shares of ${accountIdToAddress(coldkey)} at ${accountIdToAddress(hotkey)} are locked, ${left} would be left: ${until}.`,
  );
}
