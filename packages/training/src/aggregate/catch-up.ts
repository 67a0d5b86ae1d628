import { areBytesEqual, bytesToHex } from '@cairn/core';
import type { TensorShape, TensorTable } from '@cairn/protocol';
import { TrainingError } from '../errors.ts';
import { decodeUpdate } from '../update/decode-update.ts';
import type { UpdateCodec } from '../update/format.ts';
import { applyRound, type OuterRule, type RunState } from './outer-step.ts';

/** A round as the log keeps it until a checkpoint holds what it did. */
export interface LoggedRound {
  readonly round: number;
  /** Accepted updates as they were sent, in roster order. */
  readonly updates: readonly Uint8Array[];
  /** Root of the weights after it, from the ledger. 32 bytes. */
  readonly root: Uint8Array;
}

export interface CatchUpParts {
  /** Root of weights. 32 bytes. */
  rootOf(weights: TensorTable): Promise<Uint8Array> | Uint8Array;
}

/**
 * Brings a checkpoint to the newest round with what was accepted since. Every root is compared with the ledger's, so
 * that donors need no trust.
 *
 * @param rounds those after the checkpoint, ascending, without a gap.
 * @throws TrainingError `UPDATE_MALFORMED`, `ROUND_UNUSABLE` for a gap and for a root that differs.
 */
export async function catchUp(
  parts: CatchUpParts,
  run: { readonly table: readonly TensorShape[]; readonly codec: UpdateCodec; readonly rule: OuterRule },
  checkpoint: RunState & { readonly round: number },
  rounds: Iterable<LoggedRound> | AsyncIterable<LoggedRound>,
): Promise<RunState & { readonly round: number }> {
  let state: RunState = checkpoint;
  let { round } = checkpoint;
  for await (const logged of rounds) {
    if (logged.round !== round + 1) throw unusable(`round ${logged.round} follows round ${round} in the log`);
    const updates = logged.updates.map((bytes) => decodeUpdate(bytes, run.codec, run.table));
    state = applyRound(run.table, run.rule, state, updates);
    const root = await parts.rootOf(state.weights);
    if (!areBytesEqual(root, logged.root))
      throw unusable(
        `the log leads to ${bytesToHex(root)} after round ${logged.round}, the ledger has ${bytesToHex(logged.root)}`,
      );
    round = logged.round;
  }
  return { ...state, round };
}

function unusable(reason: string): TrainingError {
  return new TrainingError(
    { code: 'ROUND_UNUSABLE', reason },
    `Cannot catch up: ${reason}. Ask another donor for the log.`,
  );
}
