import { parentPort } from 'node:worker_threads';
import { authorizationShape, decode, verifyAuthorization } from '@cairn/core';
import { createNativeCrypto } from '../crypto/native-crypto.ts';

/** Authorizations and the bytes they sign, in turn, end to end; `ends` holds where each stops. */
export interface VerifyJob {
  readonly bytes: Uint8Array;
  readonly ends: Uint32Array;
}

// The entry of a thread: it does nothing where there is no parent to ask.
const crypto = createNativeCrypto();
parentPort?.on('message', ({ bytes, ends }: VerifyJob) => {
  const part = (i: number) => bytes.subarray(i === 0 ? 0 : ends[i - 1], ends[i]);
  const verdicts = Array.from({ length: ends.length / 2 }, (_, i) =>
    verifyAuthorization(crypto, decode(authorizationShape, part(2 * i)), part(2 * i + 1)),
  );
  parentPort?.postMessage(verdicts);
});
