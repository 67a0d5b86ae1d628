import { spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';

export interface PostgresServer extends AsyncDisposable {
  createDatabase(): Promise<{ readonly url: string; drop(): Promise<void> }>;
}

const cache =
  process.env.CAIRN_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'cairn');

/** Where `scripts/provision` and distributions put the programs. */
const FOLDERS = [
  process.env.CAIRN_POSTGRES_BIN ?? '',
  '/var/cache/cairn/postgres/bin',
  join(cache, 'postgres', 'bin'),
  ...versionFolders('/usr/lib/postgresql'),
  ...(process.env.PATH ?? '').split(':'),
].filter((folder) => folder !== '');

function versionFolders(root: string): string[] {
  if (!existsSync(root)) return [];
  return readdirSync(root).map((version) => join(root, version, 'bin'));
}

/** Runs a server for as long as its parent lives, however that ends, and takes its folder away. */
const UNTIL_STDIN_ENDS = '"$@" & cat >/dev/null; kill -QUIT $!; wait $!; rm -rf "$0"';

/**
 * A PostgreSQL server of this process, on a socket in a new folder and no port. A text says why there is none.
 */
export async function startPostgres(): Promise<PostgresServer | string> {
  const bin = FOLDERS.find((folder) =>
    ['initdb', 'postgres'].every((name) => existsSync(join(folder, name))),
  );
  if (bin === undefined) return 'PostgreSQL is not installed: scripts/provision brings it';
  const user = runAs();
  if (user === null) return 'PostgreSQL refuses to run as root and there is no user postgres or nobody';
  const folder = mkdtempSync(join(tmpdir(), 'cairn-pg-'));
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid!);
  const data = join(folder, 'data');
  const init = spawnSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'cairn', '--auth=trust', '--no-sync', '--encoding=UTF8', '--locale=C'],
    { ...user, encoding: 'utf8', cwd: folder },
  );
  if (init.status !== 0) throw new Error(`initdb failed: ${init.stderr || init.error}`);
  const settings = [
    'listen_addresses=',
    `unix_socket_directories=${folder}`,
    'fsync=off',
    'max_connections=40',
  ];
  const server = spawn(
    '/bin/sh',
    [
      '-c',
      UNTIL_STDIN_ENDS,
      folder,
      join(bin, 'postgres'),
      '-D',
      data,
      ...settings.flatMap((each) => ['-c', each]),
    ],
    { ...user, cwd: folder, stdio: ['pipe', 'ignore', 'pipe'] },
  );
  const said: string[] = [];
  await new Promise<void>((resolve, reject) => {
    server.stderr.setEncoding('utf8').on('data', (text: string) => {
      said.push(text);
      if (text.includes('ready to accept connections')) resolve();
    });
    server.once('exit', (code) => reject(new Error(`postgres ended with ${code}: ${said.join('')}`)));
  });
  let made = 0;
  const urlOf = (database: string) => `postgres://cairn@localhost/${database}?host=${folder}`;
  return {
    async createDatabase() {
      const name = `index_${++made}`;
      await withServer(folder, (sql) => sql.unsafe(`create database ${name}`));
      return {
        url: urlOf(name),
        drop: () => withServer(folder, (sql) => sql.unsafe(`drop database if exists ${name} with (force)`)),
      };
    },
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.stdin.end();
      await ended;
    },
  };
}

async function withServer(folder: string, act: (sql: postgres.Sql) => Promise<unknown>): Promise<void> {
  const sql = postgres({
    host: folder,
    username: 'cairn',
    database: 'postgres',
    max: 1,
    onnotice: () => undefined,
  });
  try {
    await act(sql);
  } finally {
    await sql.end();
  }
}

/** PostgreSQL does not run as root; null when this process is root and has nobody to become. */
function runAs(): { uid?: number; gid?: number } | null {
  if (process.getuid?.() !== 0) return {};
  const users = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const fields = users.find((line) => line.startsWith(`${name}:`))?.split(':');
    if (fields !== undefined) return { uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  return null;
}
