import { parentPort } from 'node:worker_threads';
import { authorizationShape, decode, verifyAuthorization } from '@cairn/core';
import { authorizationBytesOf, signBytesOf } from '@cairn/ledger';
import { createNativeCrypto } from '../crypto/native-crypto.ts';

/** Transactions, strictly decoded before, laid end to end; `ends` holds where each stops. */
export interface VerifyJob {
  readonly bytes: Uint8Array;
  readonly ends: Uint32Array;
}

// The entry of a thread: it does nothing where there is no parent to ask.
const crypto = createNativeCrypto();
parentPort?.on('message', ({ bytes, ends }: VerifyJob) => {
  const verdicts = Array.from(ends, (end, i) => {
    const tx = bytes.subarray(i === 0 ? 0 : ends[i - 1], end);
    return verifyAuthorization(crypto, decode(authorizationShape, authorizationBytesOf(tx)), signBytesOf(tx));
  });
  parentPort?.postMessage(verdicts);
});
