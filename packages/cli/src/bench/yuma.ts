import { benchYuma } from '@cairn/proving';
import { judge, type Measurement } from './measurement.ts';

/** Ceilings of a whole exact epoch without liquid alpha, in milliseconds, by how its name begins. */
const CEILINGS_MS: readonly (readonly [name: string, ms: number])[] = [
  ['yuma3 256 uids x 64 validators', 10],
  ['yuma3 4096 uids x 256 validators', 400],
];

export async function measureYuma(): Promise<Measurement[]> {
  return (await benchYuma()).map(({ name, medianMs, minMs, maxMs, runs }) =>
    judge({
      suite: 'yuma',
      name,
      unit: 'ms',
      value: medianMs,
      low: minMs,
      high: maxMs,
      runs,
      target: CEILINGS_MS.find(([wanted]) => wanted === name)?.[1] ?? null,
      isFloor: false,
    }),
  );
}
