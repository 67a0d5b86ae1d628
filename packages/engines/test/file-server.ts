import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FileServerOptions {
  bytes: Uint8Array;
  etag?: string | null;
  /** How many bytes each answer carries before it stops, in turn; then whole answers follow. */
  cuts?: number[];
  status?: number;
  /** Ignores ranges, as some servers do. */
  ignoresRange?: boolean;
}

export interface FileServer extends AsyncDisposable {
  readonly url: string;
  readonly ranges: (string | undefined)[];
  readonly options: FileServerOptions;
  /** Cuts the stopped answers of which the reader has all that came. To be called with the reader's progress. */
  readonly reached: (progress: { doneBytes: number }) => void;
}

interface Stopped {
  readonly response: ServerResponse;
  readonly atByte: number;
}

/** A local server of one file that can cut its answers. */
export async function startFileServer(options: FileServerOptions): Promise<FileServer> {
  const ranges: (string | undefined)[] = [];
  let stopped: Stopped[] = [];
  const server = createServer((request, response) => {
    const atByte = answer(options, ranges, request, response);
    if (atByte !== null) stopped.push({ response, atByte });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.gguf`,
    ranges,
    options,
    reached({ doneBytes }) {
      for (const { response, atByte } of stopped) if (atByte <= doneBytes) response.destroy();
      stopped = stopped.filter(({ response }) => !response.destroyed);
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** @returns the byte at which the answer stopped, null when it is whole */
function answer(
  options: FileServerOptions,
  ranges: (string | undefined)[],
  request: IncomingMessage,
  response: ServerResponse,
): number | null {
  const { bytes, etag = '"one"', status } = options;
  const { range, 'if-range': ifRange } = request.headers;
  ranges.push(range);
  if (status !== undefined) {
    response.writeHead(status).end();
    return null;
  }
  const wanted = Number(/^bytes=(\d+)-$/u.exec(range ?? '')?.[1] ?? 0);
  const from = options.ignoresRange === true || ifRange !== etag ? 0 : wanted;
  const headers = etag === null ? {} : { etag };
  if (from >= bytes.length && from > 0) {
    response.writeHead(416, { ...headers, 'content-range': `bytes */${bytes.length}` }).end();
    return null;
  }
  const body = bytes.subarray(from);
  const told = { ...headers, 'content-length': body.length };
  if (from > 0) {
    response.writeHead(206, {
      ...told,
      'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}`,
    });
  } else response.writeHead(200, told);
  const stop = options.cuts?.shift();
  if (stop === undefined) {
    response.end(body);
    return null;
  }
  if (stop === 0) {
    response.flushHeaders();
    setImmediate(() => response.destroy());
    return null;
  }
  response.write(body.subarray(0, stop));
  return from + stop;
}
