import { defineParameters } from '../definition.ts';

/** Models and what is sold of them. */
export const REGISTRY_PARAMETERS = defineParameters({
  royaltyTailSlots: {
    unit: 'slots',
    initial: 216_000n,
    min: 1n,
    max: 10_000_000n,
    source: 'own choice (30 days): far longer than a dispute window, so no payee can wait it out',
    help: 'How long claims pay the royalties of a model after it was retired.',
  },
});
