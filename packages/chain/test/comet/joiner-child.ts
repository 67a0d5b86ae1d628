/** A node that joins by state sync and kills itself on the way. Options of the chain as JSON, and the step. */
import { join } from 'node:path';
import type { Application } from '@cairn/protocol';
import { openLmdbStore, type ReplaceableStore } from '../../src/index.ts';
import { aCometChain } from './cometbft.ts';
import { genesis } from './state-sync-town.ts';

const [options = '{}', step = 'never'] = process.argv.slice(2);
const { folder, ...rest } = JSON.parse(options);

function pass(here: string): void {
  if (here !== step) return;
  process.kill(process.pid, 'SIGKILL');
  throw new Error('killed');
}

function mortalStore(inner: ReplaceableStore): ReplaceableStore {
  return {
    ...inner,
    async adoptAside() {
      pass('before adopt');
      await inner.adoptAside();
      pass('after adopt');
    },
  };
}

function mortal(inner: Application): Application {
  return {
    ...inner,
    async commit() {
      pass('before first commit');
      const done = await inner.commit();
      pass('after first commit');
      return done;
    },
  };
}

const chain = await aCometChain(
  'late',
  { folder, genesis, ...rest },
  { store: mortalStore(openLmdbStore(join(folder, 'chain'))), wrapApplication: mortal },
);
await chain.engine.start();
