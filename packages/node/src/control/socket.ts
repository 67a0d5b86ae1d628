import { chmod, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { describeDiskError } from '../data/disk-error.ts';
import { readBody, sendJson } from '../http/server.ts';
import type { JsonRpc } from '../rpc/json-rpc.ts';

const MAX_BODY_BYTES = 8 * 1024 * 1024;

/**
 * JSON-RPC at `POST /rpc` on a unix socket that only the owner of the folder can open: the way commands change a
 * running node. The folder's lock makes sure that a socket found there is a leftover.
 */
export async function startControlSocket(rpc: JsonRpc, path: string): Promise<AsyncDisposable> {
  await rm(path, { force: true });
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body =
      request.method === 'POST' && request.url === '/rpc' ? await readBody(request, MAX_BODY_BYTES) : null;
    if (body === null) {
      sendJson(response, 404, { error: { message: 'POST a JSON-RPC body to /rpc.' } });
      return;
    }
    const reply = await rpc.answer(body);
    if (reply === null) response.writeHead(204).end();
    else sendJson(response, 200, reply);
  }
  const server = createServer((request, response) => {
    // A command that is interrupted while it sends must not end the node.
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(describeDiskError(path, cause)));
    // Between listen and chmod the folder's own mode (0700) keeps others out.
    server.listen(path, resolve);
  });
  await chmod(path, 0o600);
  return {
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await rm(path, { force: true });
    },
  };
}
