import { accountIdToAddress, areBytesEqual, formatAmount } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { subnetDissolved } from '../../subnets/problems.ts';
import { isDissolved, subnets } from '../../subnets/state.ts';
import { stakeLocked } from '../events.ts';
import { keepLock } from '../locks/keep.ts';
import { lockNow, rollTokenLock } from '../locks/roll.ts';
import { LOCK_DUST } from '../math/lock.ts';
import { lockStakeShape } from '../messages/lock-stake.ts';
import { valueAt } from '../place.ts';
import { netuidIsRoot } from '../problems.ts';

export const lockStakeMessage = defineMessage({
  id: 30,
  name: 'staking.lockStake',
  help: 'Locks staked tokens at their hotkey: they cannot be taken out, moved or given, and gain conviction with time.',
  shape: lockStakeShape,
  work: () => 8,
  apply(context, { netuid, hotkey, amount, isPerpetual }) {
    const { state, sender, slot, parameters } = context;
    if (netuid === 0) return netuidIsRoot();
    if (isDissolved(state, netuid)) return subnetDissolved(netuid);
    const place = { netuid, coldkey: sender, hotkey };
    const staked = valueAt(state, place);
    const before = lockNow(state, place, context) ?? null;
    const address = accountIdToAddress(hotkey);
    if (before?.isPerpetual === true && !isPerpetual) {
      return problem(
        'LOCK_PERPETUAL',
        `${formatAmount(before.mass)} tokens at ${address} are locked until you unlock them. Add to them perpetually, or send staking.unlock.`,
      );
    }
    const isStrengthened = before !== null && before.mass > 0n && isPerpetual && !before.isPerpetual;
    if (amount === 0n && !isStrengthened) {
      return problem('AMOUNT_ZERO', 'Name an amount above zero; zero only makes a decaying lock perpetual.');
    }
    const locked = before?.mass ?? 0n;
    const mass = locked + amount;
    if (mass > staked) {
      return problem(
        'STAKE_TOO_LOW',
        `${accountIdToAddress(sender)} has ${formatAmount(staked)} tokens of subnet ${netuid} at ${address}, of which ${formatAmount(locked)} are locked. Lock at most the rest.`,
      );
    }
    if (mass < LOCK_DUST) {
      return problem('LOCK_TOO_SMALL', `A lock of ${mass} units counts as none. Lock at least ${LOCK_DUST}.`);
    }
    const added = {
      mass,
      conviction: before?.conviction ?? 0n,
      convictionParts: before?.convictionParts ?? 0,
      slot,
      isPerpetual,
      isOwner: areBytesEqual(subnets.get(state, netuid)!.owner, sender),
      deposit: 0n,
    };
    // The owner's counts in full from here on.
    const after = rollTokenLock(added, slot, parameters);
    const refused = keepLock(context, place, before, after);
    if (refused !== null) return refused;
    stakeLocked(context, place, amount, after);
    return null;
  },
});
