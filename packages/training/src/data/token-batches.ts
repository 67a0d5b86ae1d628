import { type Crypto, concatBytes, utf8ToBytes } from '@cairn/core';
import type { TrainingBatch } from '@cairn/protocol';
import { type DataIndex, samplesOf } from './data-index.ts';
import { malformedData } from './documents.ts';
import { createSampleOrder } from './sample-order.ts';
import { decodeShard, type Shard } from './shard.ts';

export interface TokenBatchParts {
  readonly crypto: Crypto;
  /** Bytes of a blob, checked against its SHA-256. */
  readonly read: (hash: Uint8Array) => Promise<Uint8Array>;
}

export interface TokenBatchOptions {
  readonly sets: readonly DataIndex[];
  readonly heldOut: DataIndex;
  readonly rows: number;
  /** Of the run: decides the order. */
  readonly seed: Uint8Array;
  /** Tokens of the model. */
  readonly vocab: number;
}

/** The tokens of a run as batches. The same index gives the same batch, everywhere. */
export interface TokenBatches {
  /** Samples of one pass over the data. */
  readonly samples: number;
  /**
   * Batches go on without an end: batch i holds the samples i · rows to (i + 1) · rows − 1 of the order, so batches of
   * different indexes share no sample within a pass, and a run that goes on at an index repeats and skips nothing.
   */
  batch(index: number): Promise<TrainingBatch>;
  readonly heldOutBatches: number;
  /** Every held-out sample once, in a mixed order; rows behind the last one have no weight. */
  heldOut(index: number): Promise<TrainingBatch>;
}

/** Shards that are kept decoded: 2 MiB each. */
const KEPT_SHARDS = 16;

/** @throws TrainingError `DATA_MALFORMED` when a set has no sample or sets are of different lengths */
export function createTokenBatches(parts: TokenBatchParts, options: TokenBatchOptions): TokenBatches {
  const { rows, seed, vocab, heldOut } = options;
  const { length } = heldOut;
  const shards = shardsOf(options.sets);
  const heldOutShards = shardsOf([heldOut]);
  if (options.sets.some((set) => set.length !== length))
    throw malformedData('the whole', null, 'has sets of samples of different lengths');
  const order = createSampleOrder(
    parts.crypto,
    seed,
    shards.map(({ samples }) => samples),
  );
  const heldOutOrder = createSampleOrder(
    parts.crypto,
    concatBytes(utf8ToBytes('held out'), seed),
    heldOutShards.map(({ samples }) => samples),
  );
  if (order.total === 0 || heldOutOrder.total === 0) throw malformedData('the whole', null, 'has no sample');
  const load = createShardCache(parts, vocab);
  const fill = async (from: readonly PlacedShard[], at: typeof order.at, first: number, count: number) => {
    const batch = emptyBatch(rows, length);
    for (let row = 0; row < count; row++) {
      const { shard, sample } = at(first + row);
      copySample(batch, row, await load(from[shard]!), from[shard]!.index, sample);
    }
    return batch;
  };
  const heldOutBatches = Math.ceil(heldOutOrder.total / rows);
  return {
    samples: order.total,
    batch: (index) => fill(shards, order.at, index * rows, rows),
    heldOutBatches,
    heldOut(index) {
      const first = (index % heldOutBatches) * rows;
      return fill(heldOutShards, heldOutOrder.at, first, Math.min(rows, heldOutOrder.total - first));
    },
  };
}

interface PlacedShard {
  readonly index: DataIndex;
  readonly hash: Uint8Array;
  readonly tokens: number;
  readonly samples: number;
}

const shardsOf = (sets: readonly DataIndex[]): PlacedShard[] =>
  sets.flatMap((index) =>
    index.shards.map(({ hash, tokens }) => ({ index, hash, tokens, samples: samplesOf(index, tokens) })),
  );

/** Loads shards once, also when several ask at the same time, and forgets those not asked for longest. */
function createShardCache({ read }: TokenBatchParts, vocab: number): (shard: PlacedShard) => Promise<Shard> {
  const kept = new Map<PlacedShard, Promise<Shard>>();
  return async (shard) => {
    const loading =
      kept.get(shard) ??
      read(shard.hash).then((bytes) => decodeShard(bytes, shard.tokens, shard.index.tokenBytes, vocab));
    kept.delete(shard);
    kept.set(shard, loading);
    if (kept.size > KEPT_SHARDS) kept.delete(kept.keys().next().value as PlacedShard);
    try {
      return await loading;
    } catch (error) {
      // Asked for again, it is fetched again.
      kept.delete(shard);
      throw error;
    }
  };
}

function emptyBatch(rows: number, length: number): TrainingBatch {
  const positions = rows * length;
  return {
    rows,
    length,
    ids: new Int32Array(positions),
    targets: new Int32Array(positions),
    weights: new Float32Array(positions),
  };
}

function copySample(batch: TrainingBatch, row: number, shard: Shard, index: DataIndex, sample: number): void {
  const { length } = batch;
  const start = sample * (index.layout === 'rows' ? length + 1 : length);
  batch.ids.set(shard.ids.subarray(start, start + length), row * length);
  batch.targets.set(shard.ids.subarray(start + 1, start + length + 1), row * length);
  batch.weights.set(shard.isLearned.subarray(start + 1, start + length + 1), row * length);
}
