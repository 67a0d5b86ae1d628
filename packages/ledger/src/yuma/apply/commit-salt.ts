import { defineMessage } from '../../execution/message.ts';
import { subnetUnknown } from '../../subnets/problems.ts';
import { subnets, uids } from '../../subnets/state.ts';
import { saltCommitted } from '../events.ts';
import { commitSaltShape } from '../messages/commit-salt.ts';
import { notRegistered } from '../problems.ts';
import { epochs, salts } from '../state.ts';

export const commitSaltMessage = defineMessage({
  id: 49,
  name: 'yuma.commitSalt',
  help: 'Commits the sending hotkey to a salt: its first, or another for one that was lost, which costs the dividends of the epoch.',
  shape: commitSaltShape,
  work: () => 6,
  apply(context, { netuid, commitment }) {
    const { state, sender } = context;
    if (subnets.get(state, netuid) === undefined) return subnetUnknown(state, netuid);
    const uid = uids.get(state, netuid, sender);
    if (uid === undefined) return notRegistered(netuid, sender);
    const { epoch } = epochs.get(state, netuid)!;
    const before = salts.get(state, netuid, uid);
    const isDueGivenUp = before !== undefined && before.committedEpoch < epoch;
    salts.set(state, netuid, uid, {
      commitment,
      committedEpoch: epoch,
      replacedEpoch: isDueGivenUp ? epoch : (before?.replacedEpoch ?? 0),
      mixed: before?.mixed ?? new Uint8Array(32),
      mixedEpoch: before?.mixedEpoch ?? 0,
    });
    saltCommitted(context, { netuid, uid, hotkey: sender, epoch }, commitment);
    return null;
  },
});
