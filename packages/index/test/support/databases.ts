import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { type IndexConnection, openIndexDatabase } from '../../src/index.ts';
import { startPostgres } from './postgres-server.ts';

/** A place for an index of one test, and how to throw it away. */
export interface Target extends AsyncDisposable {
  readonly target: string;
  open(): Promise<IndexConnection>;
}

export interface DatabaseUnderTest {
  readonly name: string;
  /** Why it cannot be tested here; null when it can. */
  readonly missing: string | null;
  create(): Promise<Target>;
}

const sqlite: DatabaseUnderTest = {
  name: 'SQLite',
  missing: null,
  async create() {
    const folder = mkdtempSync(join(tmpdir(), 'cairn-index-'));
    const target = join(folder, 'index.db');
    return {
      target,
      open: () => openIndexDatabase(target),
      async [Symbol.asyncDispose]() {
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
};

/** Both databases. Called while tests are collected; the server of the second ends after the last test of the file. */
export async function databasesUnderTest(): Promise<readonly DatabaseUnderTest[]> {
  const server = await startPostgres();
  if (typeof server !== 'string') afterAll(() => server[Symbol.asyncDispose]());
  const postgres: DatabaseUnderTest = {
    name: 'PostgreSQL',
    missing: typeof server === 'string' ? server : null,
    async create() {
      if (typeof server === 'string') throw new Error(server);
      const { url, drop } = await server.createDatabase();
      return { target: url, open: () => openIndexDatabase(url), [Symbol.asyncDispose]: drop };
    },
  };
  return [sqlite, postgres];
}
