import { bytesToHex, type Crypto } from '@cairn/core';
import {
  applyRound,
  createInnerOptimiser,
  createStateHasher,
  decodeUpdate,
  listPages,
  makeUpdate,
  type OuterRule,
  type RunState,
  traceRoot,
  trainRound,
  type Units,
  type UpdateCodec,
  weightRootOf,
} from '@cairn/training';
import { samplerOf, twinText } from '../../src/training/twin-data.ts';
import { createTwinLearner, twinTensors, twinWeights } from '../../src/training/twin-learner.ts';

/** What rounds of twin learners leave behind. */
export interface RoundsDigest {
  readonly kind: string;
  /** Of each trainer's last round. */
  readonly traceRoots: readonly string[];
  readonly payloadHashes: readonly string[];
  /** Root of the weights after the rounds. */
  readonly weightRoot: string;
}

const OPTIMISER = { adamw: {}, schedule: { kind: 'cosine', peak: 1e-2, warmup: 3, steps: 12 } } as const;
const WAYS: readonly (readonly [UpdateCodec, OuterRule])[] = [
  [
    { kind: 'sparse', kept: 64 },
    { kind: 'sparse', learningRate: 0.7 },
  ],
  [{ kind: 'dense' }, { kind: 'dense', learningRate: 0.7, momentum: 0.9 }],
];

/** Three rounds of four trainers, sparse and dense, in Node or in a browser. */
export async function digestRounds(crypto: Crypto): Promise<RoundsDigest[]> {
  const table = twinTensors();
  const text = twinText(1, 5_000);
  const digests: RoundsDigest[] = [];
  for (const [codec, rule] of WAYS) {
    let state: RunState = { weights: twinWeights(9), momentum: new Map() };
    const residuals: (Units | undefined)[] = [];
    let last: Pick<RoundsDigest, 'traceRoots' | 'payloadHashes'> = { traceRoots: [], payloadHashes: [] };
    for (let round = 0; round < 3; round += 1) {
      const made = [];
      for (let trainer = 0; trainer < 4; trainer += 1) {
        const { progress } = await trainRound(
          {
            engine: createTwinLearner(),
            optimiser: createInnerOptimiser(OPTIMISER, table),
            sampler: samplerOf(text, trainer, round),
            clock: { nowMs: () => 0 },
            turn: async () => {},
            hasher: createStateHasher(crypto.sha256),
          },
          { round, base: state.weights, steps: 1 + trainer, stepsBefore: round * 4, isReset: true },
        );
        const residual = residuals[trainer];
        const { bytes, residual: left } = makeUpdate({
          header: { run: new Uint8Array(32), round, base: new Uint8Array(32), steps: progress.done },
          codec,
          table,
          base: state.weights,
          trained: progress.parameters,
          ...(residual === undefined ? {} : { residual }),
          decay: 0.95,
        });
        residuals[trainer] = left;
        made.push({ bytes, root: traceRoot(crypto, progress.leaves) });
      }
      last = {
        traceRoots: made.map(({ root }) => bytesToHex(root)),
        payloadHashes: made.map(({ bytes }) => bytesToHex(crypto.sha256(bytes))),
      };
      state = applyRound(
        table,
        rule,
        state,
        made.map(({ bytes }) => decodeUpdate(bytes, codec, table)),
      );
    }
    const root = weightRootOf(crypto, listPages(crypto, table, state.weights));
    digests.push({ kind: codec.kind, ...last, weightRoot: bytesToHex(root) });
  }
  return digests;
}
