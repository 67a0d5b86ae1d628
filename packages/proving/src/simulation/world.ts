import { type Crypto, createSparseMerkleTree, hashStateKey } from '@cairn/core';
import type { ListableView, StateChange } from '@cairn/ledger';

/** State in memory with its tree: what a chain keeps, without the chain. */
export interface World {
  readonly view: ListableView;
  /** Takes over a block's changes and returns the root. */
  apply(changes: readonly StateChange[]): Uint8Array;
}

export function createWorld(crypto: Crypto): World {
  const values = new Map<string, Uint8Array>();
  const tree = createSparseMerkleTree(crypto);
  return {
    view: {
      get: (key) => values.get(key),
      *keys(prefix, after) {
        const keys = [...values.keys()].filter(
          (key) => key.startsWith(prefix) && (after === undefined || key > after),
        );
        yield* keys.sort();
      },
    },
    apply(changes) {
      for (const { key, value } of changes) {
        if (value === null) values.delete(key);
        else values.set(key, value);
        tree.update(hashStateKey(crypto, key), value === null ? null : crypto.sha256(value));
      }
      return tree.commit();
    },
  };
}
