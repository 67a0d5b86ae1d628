import { parentPort } from 'node:worker_threads';
import { createNativeCrypto } from '../crypto/native-crypto.ts';
import { verifyBytes } from './verifier.ts';

/** Transactions laid end to end; `ends` holds where each stops. */
export interface VerifyJob {
  readonly bytes: Uint8Array;
  readonly ends: Uint32Array;
}

// The entry of a thread: it does nothing where there is no parent to ask.
const crypto = createNativeCrypto();
parentPort?.on('message', ({ bytes, ends }: VerifyJob) => {
  const problems = Array.from(ends, (end, i) =>
    verifyBytes(crypto, bytes.subarray(i === 0 ? 0 : ends[i - 1], end)),
  );
  parentPort?.postMessage(problems);
});
