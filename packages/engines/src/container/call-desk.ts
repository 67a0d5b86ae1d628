import { chmod } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { CALLS_SOCKET } from './run-words.ts';

/** What a container said to a call. */
export type DeskAnswer =
  | { readonly type: 'answer'; readonly output: Uint8Array }
  | { readonly type: 'fault'; readonly message: string }
  | { readonly type: 'tooLarge' };

/**
 * Where one container asks for calls and answers them: an HTTP server on a Unix socket. The container is the one that
 * dials, so nothing that it may put into its file system is ever opened from outside.
 */
export interface CallDesk extends AsyncDisposable {
  /** Settles when the container asks for its first call. */
  readonly asked: Promise<void>;
  /** Hands out one call and waits for what comes of it. */
  hand(input: Uint8Array, maxOutputBytes: number): Promise<DeskAnswer>;
}

const MAX_CONNECTIONS = 8;
const MAX_HEADER_BYTES = 8 * 1024;
const MAX_FAULT_BYTES = 4_000;

/** Listens in a folder. */
export async function openCallDesk(folder: string): Promise<CallDesk> {
  const first = Promise.withResolvers<void>();
  /** A request for a call that is held until there is one. */
  let held: ServerResponse | null = null;
  let waiting: Uint8Array | null = null;
  let call: { readonly mostBytes: number; readonly resolve: (answer: DeskAnswer) => void } | null = null;
  let isHanded = false;

  function hand(): void {
    if (held === null || waiting === null) return;
    const [response, input] = [held, waiting];
    held = null;
    waiting = null;
    isHanded = true;
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': input.length });
    response.end(input);
  }

  function takeNext(response: ServerResponse): void {
    if (held !== null) {
      say(response, 409, 'A call is asked for already.');
      return;
    }
    held = response;
    response.once('close', () => {
      if (held === response) held = null;
    });
    first.resolve();
    hand();
  }

  async function takeAnswer(
    request: IncomingMessage,
    response: ServerResponse,
    isFault: boolean,
  ): Promise<void> {
    if (call === null || !isHanded) {
      say(response, 409, 'There is no call to answer.');
      request.resume();
      return;
    }
    const { mostBytes, resolve } = call;
    const bytes = await readUpTo(request, isFault ? MAX_FAULT_BYTES : mostBytes);
    if (!isHanded) return;
    isHanded = false;
    call = null;
    if (bytes === null && !isFault) {
      request.destroy();
      resolve({ type: 'tooLarge' });
      return;
    }
    // Whoever waits may stop the container at once, so it is told first.
    await new Promise<void>((done) => {
      response.once('close', done);
      response.writeHead(204).end(done);
    });
    if (isFault)
      resolve({ type: 'fault', message: bytes === null ? '' : Buffer.from(bytes).toString('utf8') });
    else resolve({ type: 'answer', output: bytes! });
  }

  const server = createServer(
    // A container stands still between calls, for as long as nobody calls.
    { maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0 },
    (request, response) => {
      const { method, url } = request;
      if (method === 'GET' && url === '/next') takeNext(response);
      else if (method === 'POST' && (url === '/answer' || url === '/fault'))
        takeAnswer(request, response, url === '/fault').catch(() => response.destroy());
      else say(response, 404, 'There are GET /next, POST /answer and POST /fault.');
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  const path = join(folder, CALLS_SOCKET);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  // Nobody else of this machine reaches the folder above; the user of the container is nobody.
  await chmod(path, 0o666);
  return {
    asked: first.promise,
    hand(input, mostBytes) {
      const { promise, resolve } = Promise.withResolvers<DeskAnswer>();
      waiting = input;
      call = { mostBytes, resolve };
      hand();
      return promise;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}

/** Null when there is more. */
async function readUpTo(request: IncomingMessage, mostBytes: number): Promise<Uint8Array | null> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > mostBytes) return null;
    parts.push(part);
  }
  return Uint8Array.from(Buffer.concat(parts));
}
