import { attestEvidenceMessage } from './apply/attest-evidence.ts';
import { commitSaltMessage } from './apply/commit-salt.ts';
import { commitWeightsMessage } from './apply/commit-weights.ts';
import { revealWeightsMessage } from './apply/reveal-weights.ts';
import { setWeightsMessage } from './apply/set-weights.ts';
import { commitsQuery, seedQuery, weightsQuery } from './query.ts';
import { runDueEpochs } from './run-due-epochs.ts';

/** Yuma: validators' weights, epochs that turn them into pay, and the seeds that tasks are drawn from. */
export const yumaModule = {
  name: 'yuma',
  messages: [
    setWeightsMessage,
    commitSaltMessage,
    attestEvidenceMessage,
    commitWeightsMessage,
    revealWeightsMessage,
  ],
  queries: [weightsQuery, commitsQuery, seedQuery],
  beginBlock: runDueEpochs,
} as const;
