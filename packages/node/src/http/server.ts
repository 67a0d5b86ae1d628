import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
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
}

/**
 * One listener for everything a node serves. Handlers are tried in order.
 *
 * @throws NodeError `PORT_TAKEN`, `START_FAILED`
 */
export async function startHttpServer(
  handlers: { http: readonly HttpHandler[]; upgrade?: UpgradeHandler },
  { host, port }: HttpServerOptions,
): Promise<HttpServer> {
  const server = createServer({ maxHeaderSize: 16 * 1024, requestTimeout: 60_000 }, (request, response) => {
    answer(handlers.http, request, response).catch(() => response.destroy());
  });
  server.on('upgrade', (request, socket, head) => {
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

/** The whole body as text, or null when it is larger than `limitBytes`. */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<string | null> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > limitBytes) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
