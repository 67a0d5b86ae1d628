import { attestEvidenceMessage } from './apply/attest-evidence.ts';
import { commitSaltMessage } from './apply/commit-salt.ts';
import { setWeightsMessage } from './apply/set-weights.ts';
import { seedQuery, weightsQuery } from './query.ts';
import { runDueEpochs } from './run-due-epochs.ts';

/** Yuma: validators' weights, epochs that turn them into pay, and the seeds that tasks are drawn from. */
export const yumaModule = {
  name: 'yuma',
  messages: [setWeightsMessage, commitSaltMessage, attestEvidenceMessage],
  queries: [weightsQuery, seedQuery],
  beginBlock: runDueEpochs,
} as const;
