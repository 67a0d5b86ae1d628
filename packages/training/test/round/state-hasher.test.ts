import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createPureCrypto } from '@cairn/core';
import type { TensorTable } from '@cairn/protocol';
import { type Allocate, createStateHasher, type InnerState, stateHash } from '@cairn/training';
import { createHashingThread } from '@cairn/training/node';
import { describe, expect, it } from 'vitest';

const { sha256 } = createPureCrypto();
const TABLE = [
  { name: 'a', shape: [3, 700] },
  { name: 'b', shape: [5] },
];

/** Another one for each number. */
function aState(seed: number, allocate: Allocate = (length) => new Float32Array(length)): InnerState {
  const tensors = (kind: number): TensorTable =>
    new Map(
      TABLE.map(({ name, shape }, at) => {
        const values = allocate(shape.reduce((product, size) => product * size, 1));
        for (let i = 0; i < values.length; i += 1) values[i] = Math.fround(Math.sin(seed + kind + at + i));
        return [name, values];
      }),
    );
  return { parameters: tensors(1), firstMoments: tensors(2), secondMoments: tensors(3) };
}

/** These states are small. */
const ALWAYS = { leastBytes: 0 };
/** Has what no thread can read. */
const UNREADABLE = {
  ...aState(1),
  firstMoments: new Map(TABLE.map(({ name }) => [name, { buffer: -1 }])),
} as unknown as InnerState;

describe('a thread that hashes states', () => {
  it('makes the leaves that a hash in place makes, of memory of its own and of other memory', async () => {
    await using thread = createHashingThread(ALWAYS);
    const [shared, other] = [aState(1, thread.allocate), aState(2)];
    for (const step of [0, 1, 2]) {
      for (const [name, state] of Object.entries({ shared, other })) {
        const leaf = await stateHash(sha256, TABLE, step, state);
        expect(await thread.hash(TABLE, step, state), `${name}, step ${step}`).toEqual(leaf);
        state.firstMoments.get('b')![4]! += 1;
      }
    }
  });

  it('sees each change of a state that it has seen, and other tensors in its place', async () => {
    await using thread = createHashingThread(ALWAYS);
    const state = aState(1, thread.allocate);
    const before = await thread.hash(TABLE, 1, state);
    state.secondMoments.get('b')![0]! += 1;
    expect(await thread.hash(TABLE, 1, state)).not.toEqual(before);
    const parameters = aState(7, thread.allocate).parameters;
    const swapped = { ...state, parameters };
    expect(await thread.hash(TABLE, 1, swapped)).toEqual(await stateHash(sha256, TABLE, 1, swapped));
  });

  it('hashes one state after another, in the order they were asked for', async () => {
    await using thread = createHashingThread(ALWAYS);
    const states = [1, 2, 3].map((seed) => aState(seed));
    const leaves = await Promise.all(states.map((state, step) => thread.hash(TABLE, step, state)));
    for (const [step, state] of states.entries())
      expect(leaves[step], `state ${step}`).toEqual(await stateHash(sha256, TABLE, step, state));
  });

  it('fails what it was asked when it dies, and starts again for the next', async () => {
    await using thread = createHashingThread(ALWAYS);
    await expect(thread.hash(TABLE, 1, UNREADABLE)).rejects.toMatchObject({ code: 'TRACE_FAILED' });
    const state = aState(1);
    expect(await thread.hash(TABLE, 1, state)).toEqual(await stateHash(sha256, TABLE, 1, state));
  });

  it('makes the same leaves of states that are so small that it hashes them at once', async () => {
    await using thread = createHashingThread({ leastBytes: 1e6 });
    const small = aState(1);
    expect(await thread.hash(TABLE, 1, small)).toEqual(await stateHash(sha256, TABLE, 1, small));
  });

  it('hashes nothing when it was ended', async () => {
    const thread = createHashingThread(ALWAYS);
    await thread.hash(TABLE, 0, aState(1));
    await thread[Symbol.asyncDispose]();
    await expect(thread.hash(TABLE, 1, aState(1))).rejects.toThrow('the thread that hashes was ended');
  });

  it('does not keep a process that is done', async () => {
    const child = fileURLToPath(new URL('../support/hashing-child.ts', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=source', child]);
    expect(stdout).toBe('hashed\n');
  });
});

describe('a digest that is asynchronous', () => {
  it('makes the same leaves, and its fault is that of the trace', async () => {
    const native = createStateHasher(
      async (bytes) => new Uint8Array(await crypto.subtle.digest('SHA-256', Uint8Array.from(bytes))),
    );
    const state = aState(3);
    expect(await native.hash(TABLE, 4, state)).toEqual(await stateHash(sha256, TABLE, 4, state));
    const broken = createStateHasher(() => Promise.reject(new Error('no more memory')));
    await expect(broken.hash(TABLE, 4, state)).rejects.toMatchObject({
      code: 'TRACE_FAILED',
      message: expect.stringContaining('no more memory'),
    });
  });
});
