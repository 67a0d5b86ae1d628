import { account, bytes32, list, struct, u32, u64, type ValueOf } from '@cairn/core';
import { defineTable } from '../state/table.ts';
import { MAX_MAINTAINERS } from './limits.ts';

/** Files of the weights after a round. The root is the ledger's; what the files hold is the word of who signs. */
export const checkpointShape = struct('Checkpoint', {
  root: bytes32,
  /** SHA-256 of the list of pages, written last. */
  manifest: bytes32,
  /** SHA-256 of the GGUF file; zero: none. */
  gguf: bytes32,
  /** Millionths of a nat, as the outcome of the round has it; 0: not measured. */
  evalLoss: u32,
  postedSlot: u64,
  poster: account,
  /** Maintainers that signed. */
  signers: list(account, MAX_MAINTAINERS),
  /** Refundable deposit, paid by the poster. */
  deposit: u64,
});
export type Checkpoint = ValueOf<typeof checkpointShape>;

/** `<run hex>/<round>` → the checkpoint after that round. */
export const checkpoints = defineTable('training', 'checkpoint', checkpointShape);
