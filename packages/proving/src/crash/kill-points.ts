import type { ReplaceableStore } from '@cairn/chain';
import type { Application } from '@cairn/protocol';

/** Where in the making of a block the process dies. `anywhere` leaves it to the parent. */
export const KILL_POINTS = [
  'anywhere',
  'before finalize',
  'after finalize',
  'before commit',
  'inside the transaction',
  'after the transaction',
  'after commit',
] as const;
export type KillPoint = (typeof KILL_POINTS)[number];

/** Dies as a power cut would have it: no handler runs. */
function die(): void {
  process.kill(process.pid, 'SIGKILL');
}

/** An application that dies at the block `countdown` from now. */
export function killApplication(inner: Application, point: KillPoint, countdown: number): Application {
  let left = countdown;
  return {
    ...inner,
    async finalizeBlock(block) {
      left -= 1;
      if (left === 0 && point === 'before finalize') die();
      const outcome = await inner.finalizeBlock(block);
      if (left === 0 && point === 'after finalize') die();
      return outcome;
    },
    async commit() {
      if (left === 0 && point === 'before commit') die();
      const done = await inner.commit();
      if (left === 0 && point === 'after commit') die();
      return done;
    },
  };
}

/** A store that dies halfway through the writes of a transaction, or right after it. */
export function killStore(inner: ReplaceableStore, point: KillPoint, countdown: number): ReplaceableStore {
  let left = countdown;
  return {
    ...inner,
    async write(changes) {
      left -= 1;
      const half = left === 0 && point === 'inside the transaction' ? changes.length >> 1 : -1;
      // The store iterates inside its transaction, so this is where the cut falls.
      const cut = changes.map((change, i) => ({
        get key() {
          if (i === half) die();
          return change.key;
        },
        value: change.value,
      }));
      await inner.write(half < 0 ? changes : cut);
      if (left === 0 && point === 'after the transaction') die();
    },
  };
}
