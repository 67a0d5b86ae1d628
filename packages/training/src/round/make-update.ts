import type { TensorShape, TensorTable } from '@cairn/protocol';
import { changeOf, type Units } from '../update/change.ts';
import { type Encoded, encodeUpdate } from '../update/encode-update.ts';
import type { UpdateCodec, UpdateHeader } from '../update/format.ts';

export interface UpdateInput {
  readonly header: UpdateHeader;
  readonly codec: UpdateCodec;
  readonly table: readonly TensorShape[];
  readonly base: TensorTable;
  readonly trained: TensorTable;
  /** What earlier updates left unsent; dense updates have none. */
  readonly residual?: Units;
  /** Share of the residual that is kept (β). */
  readonly decay: number;
}

/**
 * The update of a trained round and what it leaves for the next. Deterministic in its input: a validator that has
 * replayed the steps and has the residual gets the same bytes.
 *
 * @throws TrainingError `UPDATE_NOT_FINITE`, `UPDATE_MALFORMED`.
 */
export function makeUpdate(input: UpdateInput): Encoded {
  const { header, codec, table, base, trained, residual, decay } = input;
  const changes = changeOf(table, base, trained, {
    decay,
    ...(residual === undefined || codec.kind === 'dense' ? {} : { residual }),
  });
  return encodeUpdate(header, codec, table, changes);
}
