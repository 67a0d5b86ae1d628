import { defineMessage } from '../../execution/message.ts';
import { readyToCommit } from '../commit-rules.ts';
import { HASH_SCHEME } from '../commit-scheme.ts';
import { weightsCommitted } from '../events.ts';
import { commitWeightsShape } from '../messages/commit-weights.ts';
import type { WeightsCommit } from '../state.ts';

export const commitWeightsMessage = defineMessage({
  id: 51,
  name: 'yuma.commitWeights',
  help: 'Commits the sending validator to its weights of this epoch, which stay secret until it reveals them; replaces its commit of the same epoch. Binds the oldest of its salts to them.',
  shape: commitWeightsShape,
  work: () => 10,
  apply(context, message) {
    const { sender, slot } = context;
    const { netuid, commitment, evidenceRoot } = message;
    const ready = readyToCommit(context, HASH_SCHEME, message);
    if ('code' in ready) return ready;
    const { subnet, uid, epoch, sameEpoch, salt } = ready;
    const commit: WeightsCommit = {
      epoch,
      // A commit of the same epoch keeps its date, or a change of the period could put a reveal off.
      revealEpoch: sameEpoch?.revealEpoch ?? epoch + subnet.hyperparameters.revealEpochs,
      slot,
      scheme: HASH_SCHEME,
      commitment,
      evidenceRoot,
      salt,
    };
    ready.store(commit);
    weightsCommitted(context, { netuid, uid, hotkey: sender, epoch }, commit, null);
    return null;
  },
});
