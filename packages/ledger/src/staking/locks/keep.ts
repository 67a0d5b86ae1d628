import { type Amount, accountIdToAddress, formatAmount } from '@cairn/core';
import { holdDeposit, recordDeposit, releaseDeposit } from '../../accounts/money.ts';
import type { BlockContext } from '../../execution/context.ts';
import { problem, type Verdict } from '../../execution/message.ts';
import { lockEnded } from '../events.ts';
import type { Place } from '../place.ts';
import { addLocked, lockNow, rollHotkeyLocks } from './roll.ts';
import { type HotkeyLocks, hotkeyLocks, LOCK_BYTES, type TokenLock, tokenLocks } from './state.ts';

const NOTHING = { mass: 0n, conviction: 0n, convictionParts: 0 };
const NO_LOCKS: HotkeyLocks = { decaying: NOTHING, perpetual: NOTHING, slot: 0n, count: 0 };

/** Brings the sum of a hotkey up to date when one lock there takes the place of another; null: none. */
function replaceInSum(
  { state, slot, parameters }: BlockContext,
  { netuid, hotkey }: Place,
  before: TokenLock | null,
  after: TokenLock | null,
): void {
  const stored = hotkeyLocks.get(state, netuid, hotkey) ?? { ...NO_LOCKS, slot };
  const sum = { ...rollHotkeyLocks(stored, slot, parameters) };
  for (const [lock, sign] of [
    [before, -1n],
    [after, 1n],
  ] as const) {
    if (lock === null) continue;
    sum.count += Number(sign);
    if (lock.isOwner) continue;
    if (lock.isPerpetual) sum.perpetual = addLocked(sum.perpetual, lock, sign);
    else sum.decaying = addLocked(sum.decaying, lock, sign);
  }
  if (sum.count > 0) hotkeyLocks.set(state, netuid, hotkey, sum);
  else hotkeyLocks.delete(state, netuid, hotkey);
}

/** Writes a lock; the coldkey pays the deposit of a new one. @param before as it is now; null: there is none */
export function keepLock(
  context: BlockContext,
  place: Place,
  before: TokenLock | null,
  after: Omit<TokenLock, 'deposit'>,
): Verdict {
  const deposit = before?.deposit ?? recordDeposit(context, LOCK_BYTES);
  const refused = before === null ? holdDeposit(context, place.coldkey, deposit) : null;
  if (refused !== null) return refused;
  const lock = { ...after, deposit };
  tokenLocks.set(context.state, place, lock);
  replaceInSum(context, place, before, lock);
  return null;
}

/** Forgets the lock on a position, if there is one, and gives its deposit back. */
export function dropLock(context: BlockContext, place: Place): void {
  const lock = lockNow(context.state, place, context);
  if (lock === undefined) return;
  tokenLocks.delete(context.state, place);
  replaceInSum(context, place, lock, null);
  releaseDeposit(context, place.coldkey, lock.deposit);
  lockEnded(context, place);
}

/**
 * Refuses to take tokens out of a position below what is locked in it. Everything that makes a position smaller asks
 * here first. A lock that holds nothing any more goes when nothing is left of the position, or of its conviction.
 *
 * @param left what the position would be worth.
 */
export function checkTokensFree(context: BlockContext, place: Place, left: Amount): Verdict {
  const lock = lockNow(context.state, place, context);
  if (lock === undefined) return null;
  if (lock.mass > left) {
    const how = lock.isPerpetual
      ? 'and stay so until you send staking.unlock; then they become free little by little'
      : `and become free little by little: each ${context.parameters.stakeUnlockSlots} slots leave 37 % of them`;
    return problem(
      'TOKENS_LOCKED',
      `Of the tokens of ${accountIdToAddress(place.coldkey)} at ${accountIdToAddress(place.hotkey)} on subnet ${place.netuid}, ${formatAmount(lock.mass)} are locked, ${how}; ${formatAmount(left)} would be left. Take less.`,
    );
  }
  if (left === 0n || (lock.mass === 0n && lock.conviction === 0n)) dropLock(context, place);
  return null;
}
