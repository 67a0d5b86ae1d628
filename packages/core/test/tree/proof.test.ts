import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CoreError,
  createPureCrypto,
  createSparseMerkleTree,
  decode,
  EMPTY_ROOT,
  encode,
  hashStateKey,
  type StateProof,
  stateProof,
  utf8ToBytes,
  verifyStateProof,
} from '../../src/index.ts';

const crypto = createPureCrypto();
const valueAt = (key: string): Uint8Array => utf8ToBytes(`value of ${key}`);

function aTree(keys: readonly string[]) {
  const tree = createSparseMerkleTree(crypto);
  for (const key of keys) tree.update(hashStateKey(crypto, key), crypto.sha256(valueAt(key)));
  const root = tree.commit();
  return { tree, root, prove: (key: string) => tree.prove(hashStateKey(crypto, key)) };
}

const keys = (count: number): string[] => Array.from({ length: count }, (_, i) => `accounts/${i}`);

/** Whether bytes are still a proof of the fact; bytes that are no proof at all are not. */
function holds(root: Uint8Array, key: string, value: Uint8Array | null, bytes: Uint8Array): boolean {
  let proof: StateProof;
  try {
    proof = decode(stateProof, bytes);
  } catch (error) {
    if (error instanceof CoreError) return false;
    throw error;
  }
  return verifyStateProof(crypto, root, key, value, proof);
}

describe('state proof', () => {
  it('shows what is there and what is not, in trees of any size', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ maxLength: 20 }), { maxLength: 80 }),
        fc.string(),
        (present, other) => {
          const { root, prove } = aTree(present);
          for (const key of present) {
            expect(verifyStateProof(crypto, root, key, valueAt(key), prove(key)), key).toBe(true);
            expect(verifyStateProof(crypto, root, key, null, prove(key)), key).toBe(false);
            expect(verifyStateProof(crypto, root, key, valueAt(`${key}?`), prove(key)), key).toBe(false);
          }
          if (!present.includes(other)) {
            expect(verifyStateProof(crypto, root, other, null, prove(other))).toBe(true);
            expect(verifyStateProof(crypto, root, other, valueAt(other), prove(other))).toBe(false);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('proves under the root of updates that were not committed', () => {
    const { tree, prove } = aTree(keys(10));
    tree.update(hashStateKey(crypto, 'new'), crypto.sha256(valueAt('new')));
    const proof = prove('new');
    expect(verifyStateProof(crypto, tree.commit(), 'new', valueAt('new'), proof)).toBe(true);
  });

  it('proves absence from an empty tree with nothing', () => {
    const { root, prove } = aTree([]);
    expect(prove('a')).toEqual({ depth: 0, bitmap: new Uint8Array(0), siblings: [], other: null });
    expect(verifyStateProof(crypto, root, 'a', null, prove('a'))).toBe(true);
  });

  it.each([
    ['presence', 'accounts/5', valueAt('accounts/5')],
    ['absence beside another leaf', 'LEAF_KEY', null],
    ['absence in an empty subtree', 'EMPTY_KEY', null],
  ])('fails when any single bit of a proof of %s changes', (kind, name, value) => {
    const { root, prove } = aTree(keys(200));
    const wantsOther = kind === 'absence beside another leaf';
    const key =
      value === null
        ? (Array.from({ length: 500 }, (_, i) => `${name}/${i}`).find(
            (one) => (prove(one).other !== null) === wantsOther,
          ) ?? '')
        : name;
    const bytes = encode(stateProof, prove(key));
    expect(prove(key).other !== null).toBe(wantsOther);
    expect(holds(root, key, value, bytes)).toBe(true);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = bytes.slice();
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(holds(root, key, value, changed), `bit ${bit}`).toBe(false);
    }
    for (let length = 0; length < bytes.length; length++) {
      expect(holds(root, key, value, bytes.subarray(0, length)), `${length} bytes`).toBe(false);
    }
    expect(holds(root, key, value, Uint8Array.of(...bytes, 0))).toBe(false);
  });

  it('says nothing about another key, value or root', () => {
    const { root, prove } = aTree(keys(50));
    const proof = prove('accounts/1');
    expect(verifyStateProof(crypto, root, 'accounts/2', valueAt('accounts/1'), proof)).toBe(false);
    expect(verifyStateProof(crypto, root, 'accounts/2', null, proof)).toBe(false);
    expect(verifyStateProof(crypto, EMPTY_ROOT, 'accounts/1', valueAt('accounts/1'), proof)).toBe(false);
    expect(verifyStateProof(crypto, root.subarray(1), 'accounts/1', valueAt('accounts/1'), proof)).toBe(
      false,
    );
    expect(verifyStateProof(crypto, aTree(keys(51)).root, 'accounts/1', valueAt('accounts/1'), proof)).toBe(
      false,
    );
  });

  it('is small: about 32 bytes for each doubling of the state', () => {
    const { prove } = aTree(keys(4096));
    const sizes = keys(100).map((key) => encode(stateProof, prove(key)).length);
    expect(Math.max(...sizes)).toBeLessThan(32 * 26 + 30);
    expect(sizes.reduce((sum, size) => sum + size, 0) / sizes.length).toBeLessThan(32 * 14 + 30);
  });
});
