import type { TensorShape } from '@cairn/protocol';
import { TrainingError } from '../errors.ts';
import { type Digest, type InnerState, stateHash } from './state-hash.ts';

/** Zeros, as many as asked for. */
export type Allocate = (length: number) => Float32Array;

/** Hashes the states of rounds for their traces, one state at a time. */
export interface StateHasher {
  /** Where tensors lie best that it hashes. @default ordinary memory */
  readonly allocate?: Allocate;
  /**
   * The leaf of a state, as `stateHash`. The state must stay as it is until the leaf is there.
   *
   * @throws TrainingError `TRACE_FAILED`
   */
  hash(table: readonly TensorShape[], step: number, state: InnerState): Promise<Uint8Array>;
}

/**
 * Hashes on this thread with a digest that computes at once, or with one that copies what it is given and computes
 * elsewhere, as that of browsers does: then the copy of a state is in memory until the leaf is there.
 */
export function createStateHasher(digest: Digest): StateHasher {
  return {
    async hash(table, step, state) {
      try {
        return await stateHash(digest, table, step, state);
      } catch (cause) {
        throw traceFailed(cause instanceof Error ? cause.message : String(cause), cause);
      }
    },
  };
}

export function traceFailed(reason: string, cause?: unknown): TrainingError {
  return new TrainingError(
    { code: 'TRACE_FAILED', reason },
    `The trace of the round cannot be made: ${reason}. Start the round again from its base.`,
    cause === undefined ? {} : { cause },
  );
}
