import type { ListableView, StateChange } from '@cairn/ledger';
import { STATE } from './records.ts';
import type { Store } from './store.ts';
import type { UndoEntry } from './undo.ts';

/** The values of the last commit, whole at any time: also while the store already has some of the next. */
export interface CommittedView extends ListableView {
  /**
   * Runs a write of changes to the store. Until it resolves, `before` is read for every key that it changes.
   *
   * @throws whatever the write throws; nothing counts as written then
   */
  replace(
    before: readonly UndoEntry[],
    changes: readonly StateChange[],
    write: () => Promise<void>,
  ): Promise<void>;
  /** Forgets what was read of a store that another took the place of. */
  clear(): void;
}

/**
 * Reads a store through a cache of values read lately: an account is read several times on the way into a block.
 *
 * @param limit values kept in memory
 */
export function createCommittedView(store: Store, limit: number): CommittedView {
  const cached = new Map<string, Uint8Array | undefined>();
  /** Values under keys that a write is changing. Null: no write is going on. */
  let held: ReadonlyMap<string, Uint8Array | null> | null = null;

  function fromStore(key: string): Uint8Array | undefined {
    const known = cached.get(key);
    if (known !== undefined || cached.has(key)) return known;
    if (cached.size >= limit) cached.clear();
    const found = store.get(STATE + key);
    cached.set(key, found);
    return found;
  }

  function* storeKeys(prefix: string, after?: string): Generator<string> {
    const from = after === undefined ? undefined : STATE + after;
    for (const key of store.keys(STATE + prefix, from)) yield key.slice(STATE.length);
  }

  return {
    get(key) {
      const old = held?.get(key);
      return old === undefined ? fromStore(key) : (old ?? undefined);
    },

    keys(prefix, after) {
      if (held === null) return storeKeys(prefix, after);
      const isListed = (key: string) => key.startsWith(prefix) && (after === undefined || key > after);
      const unchanged = [...storeKeys(prefix, after)].filter((key) => !held!.has(key));
      const old = [...held].flatMap(([key, value]) => (value !== null && isListed(key) ? [key] : []));
      return [...unchanged, ...old].sort();
    },

    async replace(before, changes, write) {
      held = new Map(before.map(({ key, value }) => [key, value]));
      try {
        await write();
        for (const { key, value } of changes) if (cached.has(key)) cached.set(key, value ?? undefined);
      } finally {
        held = null;
      }
    },

    clear: () => cached.clear(),
  };
}
