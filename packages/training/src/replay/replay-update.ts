import { areBytesEqual, type Crypto } from '@cairn/core';
import { makeUpdate, type UpdateInput } from '../round/make-update.ts';

export type UpdateVerdict =
  | { readonly verdict: 'equal' }
  | { readonly verdict: 'differs'; readonly computed: Uint8Array; readonly claimed: Uint8Array };

/**
 * Whether a committed update is what the replayed steps and the kept residual make: an honest trace with another
 * update is a lie as well. `input.trained` are the weights at the last state of the trace.
 *
 * @param payloadHash SHA-256 of the update, as committed.
 */
export function replayUpdate(crypto: Crypto, input: UpdateInput, payloadHash: Uint8Array): UpdateVerdict {
  const computed = crypto.sha256(makeUpdate(input).bytes);
  return areBytesEqual(computed, payloadHash)
    ? { verdict: 'equal' }
    : { verdict: 'differs', computed, claimed: payloadHash };
}
