import type { TensorShape, TensorTable } from '@cairn/protocol';
import type { InnerOptimiser } from '@cairn/training';

const BETA1 = 0.9;
const BETA2 = 0.95;

/** AdamW without weight decay at one learning rate, for the twin learner. */
export function createTwinOptimiser(
  tensors: readonly TensorShape[],
  rate: (step: number) => number,
): InnerOptimiser {
  const zeros = (): Map<string, Float32Array> =>
    new Map(
      tensors.map(({ name, shape }) => [name, new Float32Array(shape.reduce((a, b) => a * b, 1))]),
    );
  const firstMoments = zeros();
  const secondMoments = zeros();
  let taken = 0;
  const fill = (to: Map<string, Float32Array>, from: TensorTable): void => {
    for (const [name, values] of to) values.set(from.get(name)!);
  };
  return {
    firstMoments,
    secondMoments,
    get taken() {
      return taken;
    },
    step(parameters, gradients, step) {
      taken += 1;
      const scale1 = rate(step) / (1 - BETA1 ** taken);
      const scale2 = 1 / (1 - BETA2 ** taken);
      for (const [name, values] of parameters) {
        const gradient = gradients.get(name)!;
        const first = firstMoments.get(name)!;
        const second = secondMoments.get(name)!;
        for (let i = 0; i < values.length; i += 1) {
          first[i] = BETA1 * first[i]! + (1 - BETA1) * gradient[i]!;
          second[i] = BETA2 * second[i]! + (1 - BETA2) * gradient[i]! ** 2;
          values[i] = values[i]! - (scale1 * first[i]!) / (Math.sqrt(scale2 * second[i]!) + 1e-8);
        }
      }
    },
    reset() {
      taken = 0;
      for (const values of [...firstMoments.values(), ...secondMoments.values()]) values.fill(0);
    },
    restore(moments) {
      taken = moments.taken;
      fill(firstMoments, moments.firstMoments);
      fill(secondMoments, moments.secondMoments);
    },
  };
}
