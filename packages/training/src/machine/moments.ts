import type { TensorShape, TensorTable } from '@cairn/protocol';
import type { RoundProgress } from '../round/train-round.ts';

/** What an optimiser has learned of its gradients: kept from one round to the next where nobody replays the steps. */
export type Moments = Pick<RoundProgress, 'firstMoments' | 'secondMoments' | 'taken'>;

const FIRST = 'first.';
const SECOND = 'second.';

/** Tensors of the moments of a model. */
export function momentTensors(table: readonly TensorShape[]): TensorShape[] {
  return [FIRST, SECOND].flatMap((prefix) =>
    table.map(({ name, shape }) => ({ name: prefix + name, shape })),
  );
}

/** Moments as tensors, which share their memory. */
export function momentsToTensors({
  firstMoments,
  secondMoments,
}: Pick<Moments, 'firstMoments' | 'secondMoments'>): TensorTable {
  const prefixed = (prefix: string, moments: TensorTable) =>
    Array.from(moments, ([name, values]) => [prefix + name, values] as const);
  return new Map([...prefixed(FIRST, firstMoments), ...prefixed(SECOND, secondMoments)]);
}

/** The opposite of `momentsToTensors`. */
export function tensorsToMoments(
  table: readonly TensorShape[],
  tensors: TensorTable,
  taken: number,
): Moments {
  const of = (prefix: string): TensorTable =>
    new Map(table.map(({ name }) => [name, tensors.get(prefix + name)!]));
  return { firstMoments: of(FIRST), secondMoments: of(SECOND), taken };
}
