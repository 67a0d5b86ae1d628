import { defineParameters } from '../definition.ts';

/** Weights that are locked to a round of the randomness beacon. */
export const TIMELOCK_PARAMETERS = defineParameters({
  timelockOpeningsPerBlock: {
    unit: 'count',
    initial: 2n,
    min: 1n,
    max: 64n,
    source: 'own choice: about 20 ms of one core each',
    help: 'Most timelocked weights that a block opens; the others wait for the next.',
  },
});
