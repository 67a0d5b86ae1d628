import { createNativeCrypto } from '@cairn/chain';
import { createInnerOptimiser, type ReplayVerdict } from '@cairn/training';
import { type ReplayTrial, tryReplay } from '../../src/training/try-replay.ts';
import { samplerOf, twinText } from '../../src/training/twin-data.ts';
import { createTwinLearner, twinTensors, twinWeights } from '../../src/training/twin-learner.ts';
import { TWIN_OPTIMISER } from '../../src/training/twin-run.ts';

const TEXT = twinText(1, 5_000);
const STEPS = 4;

/** A round of a trainer that a seed decides, and the verdict on one step of it. */
export function aReplay(seed: number, alter?: ReplayTrial['alter']): Promise<ReplayVerdict> {
  return tryReplay({
    engine: createTwinLearner(),
    validator: createTwinLearner(),
    createOptimiser: () => createInnerOptimiser(TWIN_OPTIMISER, twinTensors()),
    sampler: samplerOf(TEXT, seed, seed % 7),
    base: twinWeights(seed),
    crypto: createNativeCrypto(),
    steps: STEPS,
    doubted: seed % STEPS,
    ...(alter === undefined ? {} : { alter }),
  });
}

/** Turns the lowest bit of one number of a gradient in the doubted step. */
export function oneBit(seed: number): NonNullable<ReplayTrial['alter']> {
  return (step, gradients) => {
    if (step !== seed % STEPS) return;
    const [values] = [...gradients.values()].slice(1);
    const bits = new Uint32Array(values!.buffer);
    // A number that is not zero, so that the step is another one.
    let at = seed % values!.length;
    while (values![at] === 0) at = (at + 1) % values!.length;
    bits[at]! ^= 1 << 12;
  };
}
