import { accountIdToAddress, formatAmount } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { subnetDissolved } from '../../subnets/problems.ts';
import { isDissolved } from '../../subnets/state.ts';
import { unlockStarted } from '../events.ts';
import { dropLock, keepLock } from '../locks/keep.ts';
import { lockNow } from '../locks/roll.ts';
import { unlockShape } from '../messages/unlock.ts';
import { netuidIsRoot } from '../problems.ts';

export const unlockMessage = defineMessage({
  id: 31,
  name: 'staking.unlock',
  help: 'Lets a perpetual lock decay from now on, or clears away one of which nothing is left.',
  shape: unlockShape,
  work: () => 6,
  apply(context, { netuid, hotkey }) {
    const { state, sender, parameters } = context;
    if (netuid === 0) return netuidIsRoot();
    if (isDissolved(state, netuid)) return subnetDissolved(netuid);
    const place = { netuid, coldkey: sender, hotkey };
    const lock = lockNow(state, place, context);
    const address = accountIdToAddress(hotkey);
    if (lock === undefined) {
      return problem('LOCK_UNKNOWN', `No tokens of subnet ${netuid} at ${address} are locked by you.`);
    }
    if (lock.mass === 0n && lock.conviction === 0n) {
      dropLock(context, place);
      return null;
    }
    if (!lock.isPerpetual) {
      return problem(
        'LOCK_DECAYS',
        `The lock at ${address} decays already: ${formatAmount(lock.mass)} tokens are locked still, and each ${parameters.stakeUnlockSlots} slots leave 37 % of them. Take out what is free.`,
      );
    }
    keepLock(context, place, lock, { ...lock, isPerpetual: false });
    unlockStarted(context, place, lock);
    return null;
  },
});
