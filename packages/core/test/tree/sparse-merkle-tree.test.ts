import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bytesToHex,
  createPureCrypto,
  createSparseMerkleTree,
  EMPTY_ROOT,
  hashStateKey,
  hexToBytes,
  type SparseMerkleTree,
  utf8ToBytes,
} from '../../src/index.ts';
import { naiveRoot } from './naive-tree.ts';

const crypto = createPureCrypto();
const hashOf = (text: string): Uint8Array => crypto.sha256(utf8ToBytes(text));

/** Key hashes that share long prefixes, so that chains and collapses are common. */
const keyHash = fc.tuple(fc.constantFrom(0, 1, 7, 8, 9, 100, 254, 255), fc.nat(7)).map(([from, tail]) => {
  const hash = new Uint8Array(32);
  for (let i = 0; i < 3; i++) {
    const position = Math.min(255, from + i);
    if ((tail >> i) & 1) hash[position >> 3] = (hash[position >> 3] as number) | (0x80 >> (position & 7));
  }
  return bytesToHex(hash);
});
const valueHash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(bytesToHex);
const randomKey = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(bytesToHex);
const anyKey = fc.oneof(keyHash, randomKey);

function fill(tree: SparseMerkleTree, entries: Iterable<readonly [string, string]>): Uint8Array {
  for (const [key, value] of entries) tree.update(hexToBytes(key), hexToBytes(value));
  return tree.commit();
}

interface Real {
  tree: SparseMerkleTree;
}
type Model = Map<string, string>;

class Update implements fc.Command<Model, Real> {
  readonly key: string;
  readonly value: string | null;
  constructor(key: string, value: string | null) {
    this.key = key;
    this.value = value;
  }
  check = () => true;
  run(model: Model, { tree }: Real): void {
    if (this.value === null) model.delete(this.key);
    else model.set(this.key, this.value);
    tree.update(hexToBytes(this.key), this.value === null ? null : hexToBytes(this.value));
    expect(tree.size).toBe(model.size);
  }
  toString = () => `update(${this.key}, ${this.value})`;
}

class Commit implements fc.Command<Model, Real> {
  check = () => true;
  run(model: Model, { tree }: Real): void {
    expect(bytesToHex(tree.commit())).toBe(bytesToHex(naiveRoot([...model])));
    for (const [key, value] of model) expect(tree.get(hexToBytes(key)), key).toEqual(hexToBytes(value));
  }
  toString = () => 'commit()';
}

class Read implements fc.Command<Model, Real> {
  readonly key: string;
  constructor(key: string) {
    this.key = key;
  }
  check = () => true;
  run(model: Model, { tree }: Real): void {
    const value = tree.get(hexToBytes(this.key));
    expect(value === null ? undefined : bytesToHex(value)).toBe(model.get(this.key));
  }
  toString = () => `get(${this.key})`;
}

describe('sparse Merkle tree', () => {
  it('has a root of zeros when it is empty', () => {
    expect(createSparseMerkleTree(crypto).commit()).toEqual(EMPTY_ROOT);
  });

  it('keeps the roots of known contents for ever', () => {
    const tree = createSparseMerkleTree(crypto);
    const roots = [1, 2, 1000].map((count) => {
      for (let i = 0; i < count; i++)
        tree.update(hashStateKey(crypto, `accounts/${i}`), hashOf(`value ${i}`));
      return bytesToHex(tree.commit());
    });
    expect(roots).toEqual([
      'd0589cc9371b8bfdd905c2fcfa641e294f95a8f0106ff335fcb5dcb6901e530e',
      'a5fb0395cf106deac611299f30fb7533e02e067ae9e50cf3261b3f535b056bac',
      'ea87a7d6c9328509985aacc6b48c19a8b71687f6147d13fa1c801f25b361def9',
    ]);
  });

  it('does what a map and the definition of the root do', () => {
    const commands = [
      fc.tuple(anyKey, valueHash).map(([key, value]) => new Update(key, value)),
      anyKey.map((key) => new Update(key, null)),
      fc.constant(new Commit()),
      anyKey.map((key) => new Read(key)),
    ];
    fc.assert(
      fc.property(fc.commands(commands, { size: '+1', maxCommands: 120 }), (run) => {
        const setup = () => ({
          model: new Map<string, string>(),
          real: { tree: createSparseMerkleTree(crypto) },
        });
        fc.modelRun(setup, [...run, new Commit()]);
      }),
      { numRuns: 150 },
    );
  });

  it('has one root for one set of entries, whatever the order', () => {
    const entries = fc.uniqueArray(fc.tuple(anyKey, valueHash), { selector: ([key]) => key, maxLength: 60 });
    fc.assert(
      fc.property(entries, fc.infiniteStream(fc.nat()), (list, order) => {
        const root = fill(createSparseMerkleTree(crypto), list);
        const shuffled = list
          .map((entry) => [order.next().value as number, entry] as const)
          .sort(([a], [b]) => a - b)
          .map(([, entry]) => entry);
        expect(fill(createSparseMerkleTree(crypto), shuffled)).toEqual(root);
      }),
    );
  });

  it('returns to its root when what was inserted is deleted', () => {
    const entries = fc.uniqueArray(fc.tuple(anyKey, valueHash), { selector: ([key]) => key, maxLength: 60 });
    fc.assert(
      fc.property(entries, fc.nat(60), (list, kept) => {
        const tree = createSparseMerkleTree(crypto);
        const root = fill(tree, list.slice(0, kept));
        fill(tree, list.slice(kept));
        for (const [key] of list.slice(kept)) tree.update(hexToBytes(key), null);
        expect(tree.commit()).toEqual(root);
        for (const [key] of list) tree.update(hexToBytes(key), null);
        expect(tree.commit()).toEqual(EMPTY_ROOT);
        expect(tree.size).toBe(0);
      }),
    );
  });

  it('does not grow when entries come and go', () => {
    const tree = createSparseMerkleTree(crypto, { capacity: 300 });
    const size = tree.byteSize();
    for (let round = 0; round < 200; round++) {
      for (let i = 0; i < 20; i++) tree.update(hashOf(`${round}/${i}`), hashOf('value'));
      tree.commit();
      for (let i = 0; i < 20; i++) tree.update(hashOf(`${round}/${i}`), null);
    }
    expect(tree.commit()).toEqual(EMPTY_ROOT);
    expect(tree.byteSize()).toBe(size);
  });

  it('hashes levels of more nodes than one batch', () => {
    const tree = createSparseMerkleTree(crypto);
    const entries = Array.from(
      { length: 9000 },
      (_, i) => [bytesToHex(hashOf(`key ${i}`)), bytesToHex(hashOf(`value ${i}`))] as const,
    );
    expect(fill(tree, entries)).toEqual(naiveRoot(entries));
  });

  it('keeps nothing of the caller: hashes may be changed afterwards', () => {
    const tree = createSparseMerkleTree(crypto);
    const [key, value] = [hashOf('key'), hashOf('value')];
    tree.update(key, value);
    const root = tree.commit();
    key.fill(0);
    value.fill(0);
    root.fill(0);
    tree.get(hashOf('key'))?.fill(0);
    expect(tree.commit()).toEqual(naiveRoot([[bytesToHex(hashOf('key')), bytesToHex(hashOf('value'))]]));
  });

  it.each([0, 31, 33, 64])('refuses hashes of %i bytes', (length) => {
    const tree = createSparseMerkleTree(crypto);
    const wrong = new Uint8Array(length);
    const refused = expect.objectContaining({ code: 'VALUE_OUT_OF_RANGE' });
    expect(() => tree.update(wrong, EMPTY_ROOT)).toThrow(refused);
    expect(() => tree.update(EMPTY_ROOT, wrong)).toThrow(refused);
    expect(() => tree.update(wrong, null)).toThrow(refused);
    expect(() => tree.get(wrong)).toThrow(refused);
    expect(() => tree.prove(wrong)).toThrow(refused);
  });
});
