import { account, bytes32, list, optional, struct, text, u16, u32, u64, type ValueOf } from '@cairn/core';
import { MAX_MAINTAINERS } from '../limits.ts';
import { parentShape } from '../run.ts';
import { runTermsShape } from '../terms.ts';

export const createRunShape = struct('CreateRun', {
  netuid: u16,
  name: text(48),
  /** SHA-256 and size of the manifest: a `RunManifest`. */
  manifest: bytes32,
  manifestBytes: u32,
  /** Root of the weights it starts from. */
  initialRoot: bytes32,
  terms: runTermsShape,
  maintainers: list(account, MAX_MAINTAINERS),
  parent: optional(parentShape),
  parentModel: optional(bytes32),
  /** Pebbles for its pool. */
  funds: u64,
});
export type CreateRun = ValueOf<typeof createRunShape>;

export const fundRunShape = struct('FundRun', { run: bytes32, amount: u64 });
export type FundRun = ValueOf<typeof fundRunShape>;

export const endRunShape = struct('EndRun', { run: bytes32 });
export type EndRun = ValueOf<typeof endRunShape>;
