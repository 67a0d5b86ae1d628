import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
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
const COUNT = 64;
const keys = Array.from({ length: COUNT }, (_, i) => `accounts/${i}`);
const tree = createSparseMerkleTree(crypto);
for (const key of keys) tree.update(hashStateKey(crypto, key), crypto.sha256(utf8ToBytes(key)));
const root = tree.commit();
const prove = (key: string): StateProof => tree.prove(hashStateKey(crypto, key));
const isAbsent = (key: string, proof: StateProof): boolean =>
  verifyStateProof(crypto, root, key, null, proof);

/** The proof as it would be if the path ended at `depth`, without changing a hash. */
function cutAt(proof: StateProof, depth: number): StateProof {
  const bitmap = proof.bitmap.slice(0, (depth + 7) >> 3);
  let count = 0;
  for (let level = 0; level < bitmap.length * 8; level++) {
    const mask = 0x80 >> (level & 7);
    if (level >= depth) bitmap[level >> 3] = (bitmap[level >> 3] as number) & ~mask;
    else if (((bitmap[level >> 3] as number) & mask) !== 0) count++;
  }
  return { depth, bitmap, siblings: proof.siblings.slice(0, count), other: proof.other };
}

describe('an enemy who proves', () => {
  it('cannot hide a key by ending its path early', () => {
    for (const key of keys) {
      const proof = prove(key);
      for (let depth = 0; depth <= proof.depth; depth++) {
        expect(isAbsent(key, cutAt(proof, depth)), `${key} at ${depth}`).toBe(false);
      }
    }
  });

  it('cannot hide a key behind its own leaf or any other leaf of the tree', () => {
    const leaves = keys.map((key) => ({
      keyHash: hashStateKey(crypto, key),
      valueHash: crypto.sha256(utf8ToBytes(key)),
    }));
    for (const key of keys.slice(0, 16)) {
      const proof = prove(key);
      for (const other of leaves) {
        for (let depth = 0; depth <= proof.depth; depth++) {
          expect(isAbsent(key, { ...cutAt(proof, depth), other })).toBe(false);
        }
      }
    }
  });

  it('cannot pass an inner node off as the leaf of another key', () => {
    for (const key of keys.slice(0, 16)) {
      const proof = prove(key);
      const keyHash = hashStateKey(crypto, key);
      // The two children of each node on the path are the preimage of its hash, and are known to everyone.
      let node = crypto.sha256(Uint8Array.of(0, ...keyHash, ...crypto.sha256(utf8ToBytes(key))));
      let next = proof.siblings.length;
      for (let level = proof.depth - 1; level >= 0; level--) {
        const mask = 0x80 >> (level & 7);
        const isSet = ((proof.bitmap[level >> 3] as number) & mask) !== 0;
        const sibling = isSet ? (proof.siblings[--next] as Uint8Array) : EMPTY_ROOT;
        const isRight = ((keyHash[level >> 3] as number) & mask) !== 0;
        const [left, right] = isRight ? [sibling, node] : [node, sibling];
        const cut = cutAt(proof, level);
        expect(isAbsent(key, { ...cut, other: { keyHash: left, valueHash: right } })).toBe(false);
        node = crypto.sha256(Uint8Array.of(...left, ...right));
      }
      expect(node).toEqual(root);
    }
  });

  it('cannot prove a value that is made to look like nodes', () => {
    const [key] = keys as [string];
    const proof = prove(key);
    for (const sibling of proof.siblings) {
      const made = Uint8Array.of(0, ...hashStateKey(crypto, key), ...sibling);
      for (let depth = 0; depth <= proof.depth; depth++) {
        expect(verifyStateProof(crypto, root, key, made, cutAt(proof, depth))).toBe(false);
        expect(verifyStateProof(crypto, root, key, sibling, cutAt(proof, depth))).toBe(false);
      }
    }
  });

  it('cannot take an empty value for no value, nor no value for an empty one', () => {
    const small = createSparseMerkleTree(crypto);
    small.update(hashStateKey(crypto, 'empty'), crypto.sha256(new Uint8Array()));
    const [one, proof] = [small.commit(), small.prove(hashStateKey(crypto, 'empty'))];
    expect(verifyStateProof(crypto, one, 'empty', new Uint8Array(), proof)).toBe(true);
    expect(verifyStateProof(crypto, one, 'empty', null, proof)).toBe(false);
    expect(verifyStateProof(crypto, EMPTY_ROOT, 'empty', new Uint8Array(), { ...proof })).toBe(false);
  });

  it('cannot write a proof in a second way', () => {
    for (const key of [...keys.slice(0, 8), 'absent/1', 'absent/2', 'absent/3']) {
      const value = keys.includes(key) ? utf8ToBytes(key) : null;
      const proof = prove(key);
      const { depth, bitmap, siblings, other } = proof;
      const wider = Uint8Array.of(...bitmap, 0);
      const filled = bitmap.map((byte, i) =>
        i === bitmap.length - 1 ? byte | (0xff >> (((depth - 1) & 7) + 1)) : byte,
      );
      const ways: StateProof[] = [
        { ...proof, bitmap: wider },
        { ...proof, depth: depth + 1 },
        {
          ...proof,
          depth: depth + 1,
          bitmap: depth % 8 === 0 ? wider : bitmap,
          siblings: [...siblings, EMPTY_ROOT],
        },
        { ...proof, siblings: [...siblings, EMPTY_ROOT] },
        { ...proof, siblings: [EMPTY_ROOT, ...siblings] },
        { ...proof, depth: 65_535 },
        { ...proof, depth: 257, bitmap: new Uint8Array(33) },
        { ...proof, other: other ?? { keyHash: EMPTY_ROOT, valueHash: EMPTY_ROOT } },
        ...(depth % 8 === 0 ? [] : [{ ...proof, bitmap: filled }]),
      ];
      expect(verifyStateProof(crypto, root, key, value, proof), key).toBe(true);
      const seen = JSON.stringify(stateProof.toJson(proof));
      for (const way of ways.filter((one) => JSON.stringify(stateProof.toJson(one)) !== seen)) {
        expect(verifyStateProof(crypto, root, key, value, way), `${key} ${seen}`).toBe(false);
      }
    }
  });

  it('gets no answer but false for well-formed nonsense', () => {
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const nonsense = fc.record({
      depth: fc.nat(300),
      bitmap: fc.uint8Array({ maxLength: 32 }),
      siblings: fc.array(hash, { maxLength: 20 }),
      other: fc.option(fc.record({ keyHash: hash, valueHash: hash })),
    });
    fc.assert(
      fc.property(nonsense, fc.option(fc.uint8Array()), (proof, value) => {
        const typed = decode(stateProof, encode(stateProof, proof as StateProof));
        expect(verifyStateProof(crypto, root, 'accounts/1', value, typed)).toBe(false);
      }),
    );
  });
});

describe('an enemy who chooses keys', () => {
  it('makes a path of 256 levels and no more', () => {
    const deep = createSparseMerkleTree(crypto);
    const [a, b] = [new Uint8Array(32), new Uint8Array(32)];
    b[31] = 1;
    deep.update(a, EMPTY_ROOT);
    const before = deep.commit();
    deep.update(b, EMPTY_ROOT);
    const proof = deep.prove(b);
    expect([proof.depth, proof.siblings.length, proof.bitmap[31]]).toEqual([256, 1, 1]);
    expect(decode(stateProof, encode(stateProof, proof))).toEqual(proof);
    deep.update(b, null);
    expect(deep.commit()).toEqual(before);
    expect(deep.prove(a).depth).toBe(0);
  });
});
