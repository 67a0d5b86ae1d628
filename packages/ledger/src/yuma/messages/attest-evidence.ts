import { list, struct, u16, u32, type ValueOf } from '@cairn/core';
import { mechanismIndex } from './mechanism-index.ts';

/** Most validators in one attestation: a subnet has no more permits than this. */
export const MAX_ATTESTED = 256;

export const attestEvidenceShape = struct('AttestEvidence', {
  netuid: u16,
  /** Number of the subnet's mechanism. @default 0 */
  mechanism: mechanismIndex,
  /** The current epoch, whose evidence was fetched and opened. */
  epoch: u32,
  /** Validators whose evidence was there. Strictly ascending; without the sender. */
  uids: list(u16, MAX_ATTESTED),
  /** Of each of these, in the same order, how many answers with a receipt that holds its evidence has. */
  answered: list(u32, MAX_ATTESTED),
});
export type AttestEvidence = ValueOf<typeof attestEvidenceShape>;
