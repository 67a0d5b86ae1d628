import { holdDeposit, recordDeposit, releaseDeposit } from '../../accounts/money.ts';
import { defineMessage } from '../../execution/message.ts';
import { subnetUnknown } from '../../subnets/problems.ts';
import { subnets } from '../../subnets/state.ts';
import { AUTO_STAKE_BYTES, autoStakes } from '../auto-stake.ts';
import { autoStakeSet } from '../events.ts';
import { setAutoStakeShape } from '../messages/set-auto-stake.ts';
import { hotkeyUnknown } from '../problems.ts';
import { hotkeys } from '../state.ts';

export const setAutoStakeMessage = defineMessage({
  id: 27,
  name: 'staking.setAutoStake',
  help: "Stakes what the sender's hotkeys earn as miners of a subnet to a hotkey, own or of another, from now on.",
  shape: setAutoStakeShape,
  work: () => 5,
  apply(context, { netuid, hotkey }) {
    const { state, sender } = context;
    const known = autoStakes.get(state, sender, netuid);
    // One of a subnet that ended can still be taken back.
    if (subnets.get(state, netuid) === undefined && (known === undefined || hotkey !== null))
      return subnetUnknown(state, netuid);
    if (hotkey === null) {
      if (known !== undefined) {
        autoStakes.delete(state, sender, netuid);
        releaseDeposit(context, sender, known.deposit);
      }
    } else {
      if (hotkeys.get(state, hotkey) === undefined) return hotkeyUnknown(hotkey);
      const deposit = known?.deposit ?? recordDeposit(context, AUTO_STAKE_BYTES);
      const refused = known === undefined ? holdDeposit(context, sender, deposit) : null;
      if (refused !== null) return refused;
      autoStakes.set(state, sender, netuid, { hotkey, deposit });
    }
    autoStakeSet(context, netuid, sender, hotkey);
    return null;
  },
});
