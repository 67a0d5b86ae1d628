/** The thread of a `HashingThread`. It loads nothing but what hashes. */
import { parentPort } from 'node:worker_threads';
import { nativeDigest } from './native-digest.ts';
import { hashTensors } from './state-hash.ts';

export interface HashingJob {
  readonly step: number;
  /** In the order in which they are hashed. @default those of the job before, which are shared */
  readonly tensors?: readonly Float32Array[];
}

const port = parentPort!;

let known: readonly Float32Array[] = [];
port.on('message', async ({ step, tensors = known }: HashingJob) => {
  known = tensors;
  // What is thrown here ends the thread and is told by that.
  port.postMessage(await hashTensors(nativeDigest, step, tensors));
});
