import { MAX_INNER_STEPS } from '@cairn/ledger';
import {
  bytesUpTo,
  flag,
  fromCbor,
  listUpTo,
  nullable,
  oneOf,
  type Reader,
  record,
  recordWith,
  tagged,
  textUpTo,
  toCbor,
  wholeUpTo,
} from './cbor.ts';

/** A number written out, such as `0.003`: up to six digits before the point and twelve after it. */
export type Decimal = string;

export interface ModelShape {
  readonly architecture: 'llama' | 'gpt2';
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  /** Key and value heads: `heads` or a divisor of it. */
  readonly kvHeads: number;
  /** Width inside the feed-forward part. */
  readonly hidden: number;
  readonly vocab: number;
  /** Longest sequence, in tokens. */
  readonly context: number;
  /** Whether the output shares the embedding. */
  readonly tied: boolean;
}

/** A set of tokens. Its shards are listed by a blob, whose pages make the root. */
export interface ManifestData {
  readonly name: string;
  /** Merkle root over the shards. */
  readonly root: Uint8Array;
  /** SHA-256 of the blob that lists the shards. */
  readonly index: Uint8Array;
  /** SPDX expression. */
  readonly licence: string;
  readonly tokens: number;
  readonly shards: number;
}

export interface InnerOptimiser {
  /** H: steps of a whole update. */
  readonly steps: number;
  readonly optimiser: 'adamw';
  readonly learningRate: Decimal;
  readonly beta1: Decimal;
  readonly beta2: Decimal;
  readonly epsilon: Decimal;
  readonly weightDecay: Decimal;
  /** Largest norm of a gradient. */
  readonly clip: Decimal;
  /** Steps of warm-up. */
  readonly warmup: number;
  readonly schedule: 'cosine' | 'wsd' | 'constant';
  /** Least learning rate, as a part of `learningRate`. */
  readonly minimum: Decimal;
  /** Whether each trainer keeps Adam's moments from round to round; otherwise they begin at zero in each. */
  readonly keepsMoments?: boolean;
}

export type OuterOptimiser =
  | {
      readonly type: 'sparse';
      /** Entries kept of each block. */
      readonly k: number;
      readonly block: number;
      /** Decay of what was not sent. */
      readonly decay: Decimal;
      readonly learningRate: Decimal;
    }
  | { readonly type: 'dense'; readonly learningRate: Decimal; readonly momentum: Decimal };

/** Bounds of a tolerant replay; what each measures is said where changes are compared. */
export interface Tolerance {
  readonly relative: Decimal;
  readonly angle: Decimal;
  readonly misplaced: Decimal;
}

/** Everything a trainer needs to know of a run, named on the ledger by the SHA-256 of these bytes. It has no floats. */
export interface RunManifest {
  readonly version: 1;
  readonly name: string;
  readonly description: string;
  readonly model: ModelShape;
  /** SHA-256 of `tokenizer.json`. */
  readonly tokenizer: Uint8Array;
  readonly data: readonly ManifestData[];
  /** What outcomes and checkpoints are measured on; never trained on. */
  readonly heldOut: ManifestData;
  readonly batch: { readonly rows: number; readonly length: number };
  readonly inner: InnerOptimiser;
  readonly outer: OuterOptimiser;
  readonly engine: 'exact' | 'tolerant';
  /** Class of the engine of an exact run; of a tolerant one the hash of its tolerance, empty when it states none. */
  readonly engineClass: Uint8Array;
  /** How far an honest engine's change may be from a validator's own. Without it a tolerant run is not replayed. */
  readonly tolerance?: Tolerance;
  /** Whether trainers go on with the next round while updates of the last are shown and settled. */
  readonly overlap?: boolean;
  readonly checkpointEvery: number;
  /** Rounds in all. */
  readonly rounds: number;
  /** Weights it starts from. */
  readonly initial: {
    readonly root: Uint8Array;
    /** SHA-256 of the blob that lists the pages. */
    readonly pages: Uint8Array;
    /** Seed they are made from again; null when they come from a checkpoint. */
    readonly seed: number | null;
  };
  /** Checkpoint of another run it goes on from. */
  readonly parent: { readonly run: Uint8Array; readonly round: number } | null;
}

/** Largest manifest in bytes. */
export const MAX_RUN_MANIFEST_BYTES = 64 * 1024;
/** Most data sets of a run. */
export const MAX_RUN_DATA = 64;

const hash = bytesUpTo(32, 32);
const MAX_TOKENS = Number.MAX_SAFE_INTEGER;

const decimal: Reader<Decimal> = (value, place) => {
  const text = textUpTo(19)(value, place);
  if (/^(0|[1-9]\d{0,5})(\.\d{1,12})?$/.test(text)) return text;
  return oneOf('a decimal such as 0.003')(null, place);
};

const data = record({
  name: textUpTo(100),
  root: hash,
  index: hash,
  licence: textUpTo(100),
  tokens: wholeUpTo(MAX_TOKENS, 1),
  shards: wholeUpTo(1_000_000, 1),
});

const required = {
  version: wholeUpTo(1, 1) as Reader<1>,
  name: textUpTo(48),
  description: textUpTo(2_000),
  model: record({
    architecture: oneOf('llama', 'gpt2'),
    layers: wholeUpTo(1_024, 1),
    width: wholeUpTo(65_536, 1),
    heads: wholeUpTo(1_024, 1),
    kvHeads: wholeUpTo(1_024, 1),
    hidden: wholeUpTo(262_144, 1),
    vocab: wholeUpTo(1_048_576, 2),
    context: wholeUpTo(1_048_576, 2),
    tied: flag,
  }),
  tokenizer: hash,
  data: listUpTo(data, MAX_RUN_DATA, 1),
  heldOut: data,
  batch: record({ rows: wholeUpTo(65_536, 1), length: wholeUpTo(1_048_576, 1) }),
  inner: recordWith(
    {
      steps: wholeUpTo(MAX_INNER_STEPS, 1),
      optimiser: oneOf('adamw'),
      learningRate: decimal,
      beta1: decimal,
      beta2: decimal,
      epsilon: decimal,
      weightDecay: decimal,
      clip: decimal,
      warmup: wholeUpTo(10_000_000),
      schedule: oneOf('cosine', 'wsd', 'constant'),
      minimum: decimal,
    },
    { keepsMoments: flag },
  ),
  outer: tagged({
    sparse: record({
      type: oneOf('sparse'),
      k: wholeUpTo(65_536, 1),
      block: wholeUpTo(65_536, 1),
      decay: decimal,
      learningRate: decimal,
    }),
    dense: record({ type: oneOf('dense'), learningRate: decimal, momentum: decimal }),
  }),
  engine: oneOf('exact', 'tolerant'),
  engineClass: bytesUpTo(32),
  checkpointEvery: wholeUpTo(65_535, 1),
  rounds: wholeUpTo(0xffff_ffff),
  initial: record({ root: hash, pages: hash, seed: nullable(wholeUpTo(MAX_TOKENS)) }),
  parent: nullable(record({ run: hash, round: wholeUpTo(0xffff_ffff) })),
};
const reader: Reader<RunManifest> = recordWith(required, {
  tolerance: record({ relative: decimal, angle: decimal, misplaced: decimal }),
  overlap: flag,
});

/** What does not fit together in a manifest whose fields are each in their range; null when nothing. */
export function findManifestFault(manifest: RunManifest): string | null {
  const { model, batch, inner, outer, engine, engineClass, tolerance, initial, parent } = manifest;
  if (model.width % model.heads !== 0)
    return `its ${model.heads} heads do not divide the width ${model.width}`;
  if (model.heads % model.kvHeads !== 0)
    return `its ${model.kvHeads} key and value heads do not divide the ${model.heads} heads`;
  if (batch.length > model.context)
    return `a batch of ${batch.length} positions is longer than the context of ${model.context}`;
  if (outer.type === 'sparse' && outer.k > outer.block)
    return `it keeps ${outer.k} entries of blocks of ${outer.block}`;
  if (engine === 'exact' && tolerance !== undefined) return 'an exact run has no tolerance';
  const isNamed = engineClass.length === 32;
  if (engine === 'exact' && !isNamed) return 'an exact run names the class of its engine in 32 bytes';
  if (engine === 'tolerant' && isNamed !== (tolerance !== undefined))
    return 'a tolerant run names the hash of its tolerance, and nothing when it states none';
  if (inner.keepsMoments === true && engineClass.length > 0)
    return 'it keeps moments from round to round, and its steps are replayed, which begins without any';
  if (parent !== null && initial.seed !== null)
    return 'it goes on from a checkpoint, and its first weights are made from a seed';
  return null;
}

/** Bytes whose SHA-256 names the manifest on the ledger. */
export function encodeRunManifest(manifest: RunManifest): Uint8Array {
  return toCbor(manifest);
}

/**
 * Reads a manifest of strangers. Check its hash first and `findManifestFault` then.
 *
 * @throws ProtocolError `FRAME_TOO_LARGE`, `FRAME_MALFORMED`
 */
export function decodeRunManifest(bytes: Uint8Array): RunManifest {
  return fromCbor(bytes, MAX_RUN_MANIFEST_BYTES, reader);
}
