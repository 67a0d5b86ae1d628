import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from '@cairn/core';
import { NodeError } from '../errors.ts';

/** Answers a request, or says that it is not its own. */
export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean;

export interface HttpServer extends AsyncDisposable {
  /** The port in use, also when a free one was asked for. */
  readonly port: number;
  readonly url: string;
}

export interface HttpServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Told when a handler fails. */
  readonly log?: Logger;
}

/**
 * One listener for everything a node serves. Handlers are tried in order.
 *
 * @throws NodeError `PORT_TAKEN`, `START_FAILED`
 */
export async function startHttpServer(
  handlers: { http: readonly HttpHandler[]; upgrade?: UpgradeHandler },
  { host, port, log }: HttpServerOptions,
): Promise<HttpServer> {
  const server = createServer({ maxHeaderSize: 16 * 1024, requestTimeout: 60_000 }, (request, response) => {
    answer(handlers.http, request, response).catch((error: unknown) => {
      log?.error('a request failed', { path: pathOf(request), error: String(error) });
      answerFailure(response);
    });
  });
  server.on('upgrade', (request, socket, head) => {
    // A client may reset the connection at any moment; without a listener that would end the process.
    socket.on('error', () => socket.destroy());
    if (handlers.upgrade?.(request, socket, head) !== true)
      socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(describeListenError(host, port, cause)));
    server.listen(port, host, resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  return {
    port: bound,
    url: `http://${host === '127.0.0.1' ? 'localhost' : host}:${bound}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  handlers: readonly HttpHandler[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  for (const handler of handlers) if (await handler(request, response)) return;
  sendJson(response, 404, {
    error: {
      message: 'There is nothing here.',
      type: 'invalid_request_error',
      param: null,
      code: 'not_found',
    },
  });
}

/** Without the query, which may hold what strangers typed. */
function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?')[0]!.slice(0, 80);
}

function answerFailure(response: ServerResponse): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.setHeader('connection', 'close');
  sendJson(response, 500, {
    error: {
      message: 'The node failed to answer. Its log says why.',
      type: 'server_error',
      param: null,
      code: 'internal_error',
    },
  });
}

function describeListenError(host: string, port: number, cause: NodeJS.ErrnoException): NodeError {
  if (cause.code === 'EADDRINUSE') {
    return new NodeError(
      { code: 'PORT_TAKEN', port },
      `Port ${port} on ${host} is taken. Stop what uses it, or choose another with --port.`,
      { cause },
    );
  }
  return new NodeError(
    { code: 'START_FAILED', step: 'listen' },
    `Cannot listen on ${host}:${port} (${cause.code}).`,
    { cause },
  );
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

/**
 * The whole body as text, or null when it is larger than `limitBytes`. What comes beyond the limit is dropped
 * and not awaited: the answer has to close the connection.
 */
export function readBody(request: IncomingMessage, limitBytes: number): Promise<string | null> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length'] ?? 0) > limitBytes) {
      resolve(null);
      return;
    }
    const parts: Buffer[] = [];
    let size = 0;
    request.on('data', (part: Buffer) => {
      size += part.length;
      if (size <= limitBytes) parts.push(part);
      else {
        parts.length = 0;
        resolve(null);
      }
    });
    request.on('end', () => resolve(Buffer.concat(parts).toString('utf8')));
    request.on('error', reject);
    request.on('close', () => reject(new Error('the client stopped sending')));
  });
}
