import type { IncomingMessage, ServerResponse } from 'node:http';
import { CairnError, type Logger } from '@cairn/core';
import type { HttpHandler } from './server.ts';

/** Pages for browsers, handed in: a node knows none. */
export interface PageSource {
  /** @returns null when the path is no page's */
  file(path: string): Promise<{
    readonly bytes: Uint8Array;
    readonly type: string;
    /** Its path names its content. */
    readonly isImmutable: boolean;
  } | null>;
}

/**
 * What a page may do: run its own scripts and compile wasm, speak with the node that serves it, and with nobody else.
 * `blob:` is where onnxruntime keeps the script it starts its runtime from.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval' blob:",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** `GET` of pages and their parts. */
export function createSiteEndpoint(
  site: PageSource,
  refuses: (request: IncomingMessage, response: ServerResponse) => boolean,
  log: Logger,
): HttpHandler {
  return async (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false;
    const path = (request.url ?? '').split('?')[0]!;
    const found = await site.file(path).catch((error: unknown) => {
      if (!(error instanceof CairnError)) throw error;
      log.error('a page could not be made', { reason: error.message });
      return error;
    });
    if (found === null) return false;
    if (refuses(request, response)) return true;
    if (found instanceof CairnError) {
      response.writeHead(503, { 'content-type': 'text/plain; charset=utf-8' }).end(`${found.message}\n`);
      return true;
    }
    response.writeHead(200, {
      'content-type': found.type,
      'content-length': found.bytes.length,
      'cache-control': found.isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache',
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
    });
    response.end(request.method === 'HEAD' ? undefined : found.bytes);
    return true;
  };
}
