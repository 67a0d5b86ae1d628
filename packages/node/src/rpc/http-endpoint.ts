import type { IncomingMessage, ServerResponse } from 'node:http';
import { type HttpHandler, readBody, sendJson } from '../http/server.ts';
import type { JsonRpc } from './json-rpc.ts';

/** Largest body of `/rpc`: a batch of transactions. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

export interface RpcEndpointParts {
  readonly rpc: JsonRpc;
  /** Document served at `/openrpc.json`. */
  readonly openRpc: unknown;
  /** Refuses requests that a web page or a stranger must not make; it has answered when it says so. */
  readonly refuses: (request: IncomingMessage, response: ServerResponse) => boolean;
}

/** `POST /rpc` and `GET /openrpc.json`. */
export function createRpcEndpoint({ rpc, openRpc, refuses }: RpcEndpointParts): HttpHandler {
  return async (request, response) => {
    const path = (request.url ?? '').split('?')[0];
    if (path !== '/rpc' && path !== '/openrpc.json') return false;
    if (refuses(request, response)) return true;
    if (path === '/openrpc.json') {
      sendJson(response, 200, openRpc);
      return true;
    }
    if (request.method !== 'POST') {
      response.setHeader('allow', 'POST');
      sendJson(response, 405, {
        jsonrpc: '2.0',
        id: null,
        error: { code: -32600, message: 'Use POST with a JSON body.' },
      });
      return true;
    }
    const body = await readBody(request, MAX_BODY_BYTES);
    if (body === null) {
      response.setHeader('connection', 'close');
      sendJson(response, 413, {
        jsonrpc: '2.0',
        id: null,
        error: { code: -32600, message: `The body is larger than ${MAX_BODY_BYTES} bytes.` },
      });
      return true;
    }
    const reply = await rpc.answer(body);
    if (reply === null) response.writeHead(204).end();
    else sendJson(response, 200, reply);
    return true;
  };
}
