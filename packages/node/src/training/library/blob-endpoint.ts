import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Timer } from '@cairn/protocol';
import { type HttpHandler, sendJson } from '../../http/server.ts';
import type { Library } from './library.ts';

export interface BlobEndpointParts {
  readonly library: Pick<Library, 'getShown'>;
  readonly timer: Timer;
  readonly refuses: (request: IncomingMessage, response: ServerResponse) => boolean;
}

const PATH = /^\/blob\/([0-9a-f]{64})$/;
/** Blobs on their way at a time: each is held in memory. */
const MAX_IN_WORK = 16;
/** Longest service of one, so that a reader that stalls does not hold its place. */
const MOST_MS = 60_000;

/** `GET /blob/<sha256>`: what the library shows, for browsers that train. */
export function createBlobEndpoint({ library, timer, refuses }: BlobEndpointParts): HttpHandler {
  let inWork = 0;
  return async (request, response) => {
    const { method, url = '' } = request;
    if (!url.startsWith('/blob/') || (method !== 'GET' && method !== 'OPTIONS')) return false;
    if (refuses(request, response)) return true;
    const id = PATH.exec(url)?.[1];
    if (id === undefined) {
      answer(
        response,
        404,
        'not_found',
        'A blob is asked for by its SHA-256: /blob/ and 64 lower-case hex digits.',
      );
      return true;
    }
    if (inWork >= MAX_IN_WORK) {
      response.setHeader('retry-after', '1');
      answer(response, 503, 'busy', 'Too many blobs are asked for at once. Ask again in a second.');
      return true;
    }
    inWork += 1;
    const stop = timer.schedule(MOST_MS, () => {
      response.destroy();
    });
    try {
      const bytes = await library.getShown(id);
      if (bytes === null) {
        answer(response, 404, 'not_found', 'This node does not have that blob.');
        return true;
      }
      response.writeHead(200, {
        'content-type': 'application/octet-stream',
        'content-length': bytes.length,
        'cache-control': 'public, max-age=31536000, immutable',
        etag: `"${id}"`,
        'x-content-type-options': 'nosniff',
      });
      await new Promise<void>((resolve) => {
        response.on('close', () => resolve());
        response.end(bytes);
      });
    } finally {
      stop();
      inWork -= 1;
    }
    return true;
  };
}

function answer(response: ServerResponse, status: number, code: string, message: string): void {
  sendJson(response, status, { error: { message, type: 'invalid_request_error', param: null, code } });
}
