/** A process that hashes one state on a thread, does not end the thread, and has nothing more to do. */
import { createHashingThread } from '../../src/round/hashing-thread.ts';

const tensors = new Map([['a', new Float32Array(3)]]);
const state = { parameters: tensors, firstMoments: tensors, secondMoments: tensors };
await createHashingThread({ leastBytes: 0 }).hash([{ name: 'a', shape: [3] }], 0, state);
console.log('hashed');
