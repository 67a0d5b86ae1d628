import { Kysely } from 'kysely';
import { IndexError } from '../errors.ts';
import { createPostgresDialect } from './postgres.ts';
import { createSqliteDialect } from './sqlite.ts';
import type { Tables } from './tables.ts';

export type DatabaseKind = 'sqlite' | 'postgres';

/** An open database of the index. */
export interface IndexConnection extends AsyncDisposable {
  readonly kind: DatabaseKind;
  /** Where it is, for people; never a password. */
  readonly place: string;
  readonly database: Kysely<Tables>;
}

/** Whether this names a PostgreSQL server; anything else is the path of an SQLite file. */
export function isPostgresUrl(target: string): boolean {
  return /^postgres(ql)?:\/\//.test(target);
}

/**
 * Opens the database of an index.
 *
 * @param target path of an SQLite file, which is made when it is not there, or a `postgres://` URL.
 * @throws IndexError `INDEX_DATABASE_UNREACHABLE`
 */
export async function openIndexDatabase(target: string): Promise<IndexConnection> {
  const kind = isPostgresUrl(target) ? 'postgres' : 'sqlite';
  const place = kind === 'postgres' ? withoutSecret(target) : target;
  let database: Kysely<Tables> | null = null;
  try {
    const dialect = kind === 'postgres' ? createPostgresDialect(target) : createSqliteDialect(target);
    database = new Kysely<Tables>({ dialect });
    await database.introspection.getTables();
  } catch (cause) {
    await database?.destroy().catch(() => undefined);
    throw unreachable(kind, place, cause);
  }
  const opened = database;
  return {
    kind,
    place,
    database: opened,
    [Symbol.asyncDispose]: () => opened.destroy(),
  };
}

function unreachable(kind: DatabaseKind, place: string, cause: unknown): IndexError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const hint =
    kind === 'sqlite'
      ? 'Check that the folder can be written, or delete the file: it is made again from the chain.'
      : 'Check that the server runs, and the name and password in indexDatabase.';
  return new IndexError(
    { code: 'INDEX_DATABASE_UNREACHABLE', place },
    `The database of the index, ${place}, cannot be opened: ${reason}. ${hint}`,
    { cause },
  );
}

/** Host and database of a URL, without user and password. */
function withoutSecret(url: string): string {
  const parsed = URL.parse(url);
  return parsed === null ? 'postgres' : `postgres://${parsed.host}${parsed.pathname}`;
}
