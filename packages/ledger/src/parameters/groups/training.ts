import { defineParameters } from '../definition.ts';

/** Training runs. What is the run's own is in its terms. */
export const TRAINING_PARAMETERS = defineParameters({
  trainingRunsPerBlock: {
    unit: 'count',
    initial: 8n,
    min: 1n,
    max: 64n,
    source: 'own choice',
    help: 'Most training runs that one block moves on; others that are due wait for the next.',
  },
  trainingChallengeDeposit: {
    unit: 'pebbles',
    initial: 100_000_000n,
    min: 0n,
    max: 1_000_000_000_000n,
    source: 'own choice (0.1 CAIRN)',
    help: 'Deposit of a challenge of a training step, and of an appeal; doubles with each earlier case about the same update.',
  },
});
