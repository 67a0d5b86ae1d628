import { defineMessage } from '../../execution/message.ts';
import { MAX_MECHANISMS } from '../../subnets/hyperparameters.ts';
import { readyToCommit } from '../commit-rules.ts';
import { HASH_SCHEME } from '../commit-scheme.ts';
import { weightsCommitted } from '../events.ts';
import { commitWeightsShape } from '../messages/commit-weights.ts';
import type { WeightsCommit } from '../state.ts';

export const commitWeightsMessage = defineMessage({
  id: 51,
  name: 'yuma.commitWeights',
  help: 'Commits the sending validator to its weights of this epoch, which stay secret until it reveals them; replaces its commit of the same epoch and mechanism. Binds the oldest of its salts to them, the same for all mechanisms.',
  shape: commitWeightsShape,
  work: () => 10 + MAX_MECHANISMS,
  apply(context, message) {
    const { sender, slot } = context;
    const { commitment, evidenceRoot } = message;
    const ready = readyToCommit(context, HASH_SCHEME, message);
    if ('code' in ready) return ready;
    const { subnet, place, epoch, shared, salt } = ready;
    const commit: WeightsCommit = {
      epoch,
      // A commit of the same epoch keeps its date, or a change of the period could put a reveal off.
      revealEpoch: shared?.revealEpoch ?? epoch + subnet.hyperparameters.revealEpochs,
      slot,
      scheme: HASH_SCHEME,
      commitment,
      evidenceRoot,
      salt,
      isSaltShown: false,
    };
    ready.store(commit);
    weightsCommitted(context, { ...place, hotkey: sender, epoch }, commit, null);
    return null;
  },
});
