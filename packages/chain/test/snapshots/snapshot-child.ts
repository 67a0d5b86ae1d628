/**
 * A node that takes a snapshot, or begins from one, in a process of its own that dies on the way: at a step it was
 * told, or whenever its parent likes. Prints what it does.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hexToBytes } from '@cairn/core';
import { openLmdbStore, type ReplaceableStore } from '../../src/index.ts';
import { crypto } from '../parts.ts';
import { aSnapshotNode } from './parts.ts';

const [mode, folder, step = 'never', countdown = '0', handed = ''] = process.argv.slice(2) as string[];
const say = (line: string): void => void process.stdout.write(`${line}\n`);

let left = Number(countdown);
/** Dies when it is the turn of this step. */
function pass(here: string): void {
  if (here !== step) return;
  left -= 1;
  if (left > 0) return;
  process.kill(process.pid, 'SIGKILL');
  throw new Error('killed');
}

function mortal(inner: ReplaceableStore): ReplaceableStore {
  return {
    ...inner,
    async aside() {
      pass('before aside');
      const aside = await inner.aside();
      pass('after aside');
      return {
        ...aside,
        async write(changes) {
          pass('before write');
          await aside.write(changes);
          pass('after write');
        },
      };
    },
    async adoptAside() {
      pass('before adopt');
      const adopted = inner.adoptAside();
      pass('in adopt');
      await adopted;
      pass('after adopt');
    },
  };
}

const node = await aSnapshotNode({
  store: mortal(openLmdbStore(join(folder!, 'chain'))),
  folder: join(folder!, 'chain', 'snapshots'),
  // Every piece is hashed when it is written and when it is read.
  crypto: {
    ...crypto,
    sha256(bytes) {
      pass('before hash');
      return crypto.sha256(bytes);
    },
  },
});
say(`open ${node.state.meta!.height}`);
if (mode === 'take') {
  const { height } = await node.snapshots.take();
  say(`taken ${height}`);
} else {
  const { appHash, snapshot, pieces } = JSON.parse(readFileSync(handed, 'utf8')) as {
    appHash: string;
    snapshot: { height: number; chunks: number; hash: string; metadata: string };
    pieces: string[];
  };
  const { height, chunks, hash, metadata } = snapshot;
  const offered = {
    height: BigInt(height),
    format: 1,
    chunks,
    hash: hexToBytes(hash),
    metadata: hexToBytes(metadata),
  };
  say(`offer ${await node.snapshots.offer(offered, hexToBytes(appHash))}`);
  for (const [index, path] of pieces.entries())
    say(`piece ${(await node.snapshots.apply(index, new Uint8Array(readFileSync(path)), 'peer')).result}`);
}
await node.store.close();
say('closed');
