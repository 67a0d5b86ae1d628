import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Addresses of sockets are at most 108 bytes with their end. */
const MAX_SOCKET_PATH_BYTES = 96;

/** A folder that only its owner can enter; a temporary one when the path of the home is too long for a socket. */
export async function makeSocketFolder(home: string): Promise<AsyncDisposable & { readonly path: string }> {
  const wanted = join(home, 'sockets');
  const isShort = Buffer.byteLength(wanted) <= MAX_SOCKET_PATH_BYTES - '/abci.sock'.length;
  if (isShort) await mkdir(wanted, { recursive: true, mode: 0o700 });
  const path = isShort ? wanted : await mkdtemp(join(tmpdir(), 'cairn-comet-'));
  await chmod(path, 0o700);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
