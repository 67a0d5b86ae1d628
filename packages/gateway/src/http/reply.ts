import type { ServerResponse } from 'node:http';
import type { ApiError } from './api-error.ts';

/** Sends a whole JSON body. */
export function replyJson(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(status, {
    ...headers,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

/** Sends an error; a body that was not read to its end closes the connection. */
export function replyError(
  response: ServerResponse,
  error: Pick<ApiError, 'status' | 'headers'> & { readonly body: object },
  isBodyUnread: boolean,
): void {
  const headers = isBodyUnread ? { ...error.headers, connection: 'close' } : error.headers;
  replyJson(response, error.status, JSON.stringify(error.body), headers);
}

/** Writes and waits while the client's buffer is full. Resolves at once when the client is gone. */
export function writeWithBackpressure(response: ServerResponse, text: string): Promise<void> | null {
  if (text === '' || response.destroyed) return null;
  if (response.write(text)) return null;
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.once('drain', done);
    response.once('close', done);
  });
}
