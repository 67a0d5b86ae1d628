/** A model's parameters by name (Hugging Face names), row-major, in the order of the model's table of tensors. */
export type TensorTable = ReadonlyMap<string, Float32Array>;

export interface TensorShape {
  readonly name: string;
  /** Row-major; the Hugging Face layout, so a projection is [out, in]. */
  readonly shape: readonly number[];
}

/** One micro-batch. All arrays have `rows × length` entries, row-major. */
export interface TrainingBatch {
  readonly rows: number;
  /** Positions of a row. */
  readonly length: number;
  readonly ids: Int32Array;
  /** The token each position should predict. */
  readonly targets: Int32Array;
  /** Weight of each position in the loss; 0 leaves it out. */
  readonly weights: Float32Array;
}

export interface TrainingStep {
  /** Weighted mean cross-entropy, in nats per token. */
  readonly loss: number;
  /** Gradient of `loss`, one for each trainable tensor. Valid until the next step. */
  readonly gradients: TensorTable;
}

/**
 * Computes losses and gradients of one model at one batch shape. It keeps no parameters: they are handed to each call,
 * and the optimiser is the caller's.
 */
export interface TrainingEngine extends AsyncDisposable {
  /** Engine, its build and what else decides the bits of its results: equal classes of exact engines give equal bits. */
  readonly engineClass: string;
  /** Whether the same inputs give the same bits on every machine (PROTOCOL 21). */
  readonly isExact: boolean;
  /** The tensors it has gradients for, in table order. */
  readonly tensors: readonly TensorShape[];
  step(parameters: TensorTable, batch: TrainingBatch): Promise<TrainingStep>;
  /** The loss alone. */
  loss(parameters: TensorTable, batch: TrainingBatch): Promise<number>;
}
