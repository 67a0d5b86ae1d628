import type { BlockContext } from '../execution/context.ts';
import { attestEvidenceMessage } from './apply/attest-evidence.ts';
import { commitSaltMessage } from './apply/commit-salt.ts';
import { commitTimelockedMessage } from './apply/commit-timelocked.ts';
import { commitWeightsMessage } from './apply/commit-weights.ts';
import { postPulseMessage } from './apply/post-pulse.ts';
import { revealWeightsMessage } from './apply/reveal-weights.ts';
import { setWeightsMessage } from './apply/set-weights.ts';
import { commitsQuery, seedQuery, weightsQuery } from './query.ts';
import { runDueEpochs } from './run-due-epochs.ts';
import { openTimelocked } from './timelock/open.ts';
import { timelockQuery } from './timelock/query.ts';

/** Yuma: validators' weights, epochs that turn them into pay, and the seeds that tasks are drawn from. */
export const yumaModule = {
  name: 'yuma',
  messages: [
    setWeightsMessage,
    commitSaltMessage,
    attestEvidenceMessage,
    commitWeightsMessage,
    revealWeightsMessage,
    commitTimelockedMessage,
    postPulseMessage,
  ],
  queries: [weightsQuery, commitsQuery, seedQuery, timelockQuery],
  /** What is opened now counts in an epoch that ends in the same block. */
  beginBlock(context: BlockContext): void {
    openTimelocked(context);
    runDueEpochs(context);
  },
} as const;
