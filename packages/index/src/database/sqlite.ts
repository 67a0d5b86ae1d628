import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely';

/** Compiled statements that are kept. The queries of the index are few; rows of different batch sizes are not. */
const MAX_STATEMENTS = 200;
/** How long a statement waits for another process to let the file go. */
const BUSY_MS = 5_000;

const PRAGMAS = [
  'journal_mode = WAL',
  'synchronous = NORMAL',
  // Most bytes the log keeps on the disk after a long catch-up.
  'journal_size_limit = 67108864',
  // Pages of the log until they go into the file: fewer waits for the disk.
  'wal_autocheckpoint = 4000',
];

/**
 * SQLite of Node as the query builder wants it. Write-ahead log: a process that is killed loses nothing it committed,
 * and a machine that loses power at most the last commits, which are indexed again.
 */
export function createSqliteDialect(path: string): SqliteDialect {
  const database = new DatabaseSync(path, { timeout: BUSY_MS });
  try {
    for (const pragma of PRAGMAS) database.exec(`PRAGMA ${pragma}`);
  } catch (error) {
    database.close();
    throw error;
  }
  return new SqliteDialect({ database: adapt(database) });
}

function adapt(database: DatabaseSync): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>();
  return {
    close() {
      statements.clear();
      database.close();
    },
    prepare(sql) {
      const known = statements.get(sql);
      if (known !== undefined) return known;
      // Schema changes and transactions are rare; a statement kept across them would only hold the file.
      const statement = adaptStatement(database.prepare(sql));
      if (statements.size >= MAX_STATEMENTS) statements.delete(statements.keys().next().value as string);
      statements.set(sql, statement);
      return statement;
    },
  };
}

function adaptStatement(statement: StatementSync): SqliteStatement {
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...(parameters as SQLInputValue[])),
    run: (parameters) => statement.run(...(parameters as SQLInputValue[])),
    iterate: (parameters) => statement.iterate(...(parameters as SQLInputValue[])),
  };
}
