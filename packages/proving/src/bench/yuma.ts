import {
  DEFAULT_EPOCH_PARAMETERS,
  DEFAULT_LIQUID_ALPHA,
  type EpochInput,
  runEpoch,
  type SparseRow,
} from '@cairn/ledger';
import { type BenchTiming, measureRuns } from './timing.ts';

export interface YumaBenchOptions {
  /** Miners and validators together. */
  uids: number;
  /** Uids with stake and a full row of weights. */
  validators: number;
  liquidAlpha?: boolean;
  /** Timed epochs. @default 15 */
  runs?: number;
}

/**
 * Times whole Yuma 3 epochs: exact, with every mask, bonds carried from one epoch to the next. Three
 * quarters of the weights are set; the data comes from a fixed generator, so every machine does equal work.
 */
export function benchYumaSize(options: YumaBenchOptions): BenchTiming {
  const { uids, validators, liquidAlpha = false, runs = 15 } = options;
  let input = createEpochInput(uids, validators, liquidAlpha);
  const name = `yuma3 ${uids} uids x ${validators} validators${liquidAlpha ? ', liquid alpha' : ''}`;
  const timing = measureRuns(name, runs, () => {
    const output = runEpoch(input);
    input = { ...input, bonds: output.bonds, permits: output.newPermits };
  });
  return timing;
}

/** The sizes that are promised, and the same with liquid alpha. Takes some seconds. */
export async function benchYuma(): Promise<BenchTiming[]> {
  const timings: BenchTiming[] = [];
  for (const liquidAlpha of [false, true]) {
    for (const [uids, validators, runs] of [
      [256, 64, 31],
      [4096, 256, 7],
    ] as const) {
      timings.push(benchYumaSize({ uids, validators, liquidAlpha, runs }));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return timings;
}

function createEpochInput(uids: number, validators: number, liquidAlpha: boolean): EpochInput {
  const random = createSequence(7);
  const slot = 100_000;
  const row = (): SparseRow => {
    const columns = Uint16Array.from({ length: uids }, (_, uid) => uid).filter(() => random(4) !== 0);
    return { uids: columns, values: columns.map(() => random(65_536)) };
  };
  const everyone = Array.from({ length: uids }, (_, uid) => uid);
  return {
    parameters: {
      ...DEFAULT_EPOCH_PARAMETERS,
      maxValidators: validators,
      bondsPenaltyU16: 32_768,
      liquidAlpha: liquidAlpha ? DEFAULT_LIQUID_ALPHA : null,
    },
    slot,
    lastEpochSlot: slot - 360,
    ownerUid: 0,
    stakes: everyone.map((uid) => (uid < validators ? BigInt(1 + random(1_000_000)) * 1_000_000_000n : 0n)),
    permits: Uint8Array.from(everyone, (uid) => (uid < validators ? 1 : 0)),
    lastUpdate: Float64Array.from(everyone, (uid) => (uid % 50 === 49 ? slot - 6_000 : slot - random(100))),
    registeredAt: Float64Array.from(everyone, (uid) => (uid % 40 === 39 ? slot - 50 : random(10_000))),
    earliestCommit: Float64Array.from(everyone, () => slot - 200 + random(150)),
    weights: everyone.map((uid) => (uid < validators ? row() : null)),
    bonds: everyone.map((uid) => (uid < validators ? row() : null)),
    emission: 360_000_000_000n,
  };
}

/** A linear congruential sequence: the same numbers on every machine. */
function createSequence(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 4_294_967_296) * below);
  };
}
