import { PostgresDialect, type PostgresPoolClient } from 'kysely';
import postgres from 'postgres';

/** Connections: one writes, the others answer. */
const MAX_CONNECTIONS = 4;
/** Type number of `bigint` in PostgreSQL. */
const INT8 = 20;

/** A PostgreSQL server as the query builder wants it. Connects with the first query. */
export function createPostgresDialect(url: string): PostgresDialect {
  const { address, host } = splitHost(url);
  const server = postgres(address, {
    ...(host === null ? {} : { host }),
    max: MAX_CONNECTIONS,
    connect_timeout: 10,
    onnotice: () => undefined,
    // Heights and places are below 2^53; amounts are read as text.
    types: { bigint: { to: INT8, from: [INT8], serialize: String, parse: Number } },
    connection: { application_name: 'cairn-index' },
  });
  return new PostgresDialect({
    pool: {
      options: {},
      async connect(): Promise<PostgresPoolClient> {
        const connection = await server.reserve();
        const query = async (sql: string, parameters: readonly unknown[]) => {
          const rows = await connection.unsafe(sql, parameters as never[], { prepare: true });
          return { command: rows.command, rowCount: rows.count, rows: [...rows] };
        };
        return { query, release: () => connection.release() } as PostgresPoolClient;
      },
      end: () => server.end({ timeout: 5 }),
    },
  });
}

/** `?host=/folder` names the folder of a socket, as in PostgreSQL's own programs; the client wants it apart. */
function splitHost(url: string): { address: string; host: string | null } {
  const parsed = new URL(url);
  const host = parsed.searchParams.get('host');
  parsed.searchParams.delete('host');
  return { address: parsed.href, host };
}
