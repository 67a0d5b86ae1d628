import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ReadRpc } from '@cairn/chain';
import { READ_RPC_PATH } from '../chain/state-sync.ts';
import { type HttpHandler, readBody, sendJson } from '../http/server.ts';

/** Questions are short. */
const MAX_BODY_BYTES = 16 * 1024;

export interface ReadEndpointParts {
  readonly rpc: ReadRpc;
  /** Refuses requests that a web page or a stranger must not make; it has answered when it says so. */
  readonly refuses: (request: IncomingMessage, response: ServerResponse) => boolean;
}

/** `POST /comet`: headers, votes and validators, in the words of CometBFT, for light clients and nodes that join. */
export function createReadEndpoint({ rpc, refuses }: ReadEndpointParts): HttpHandler {
  return async (request, response) => {
    if ((request.url ?? '').split('?')[0] !== READ_RPC_PATH) return false;
    showKeyAsBearer(request);
    if (refuses(request, response)) return true;
    if (request.method !== 'POST') {
      response.setHeader('allow', 'POST');
      sendJson(response, 405, refusal('Use POST with a JSON body.'));
      return true;
    }
    const body = await readBody(request, MAX_BODY_BYTES);
    if (body === null) {
      response.setHeader('connection', 'close');
      sendJson(response, 413, refusal(`The body is larger than ${MAX_BODY_BYTES} bytes.`));
      return true;
    }
    sendJson(response, 200, await rpc.answer(body));
    return true;
  };
}

const refusal = (message: string) => ({ jsonrpc: '2.0', id: null, error: { code: -32600, message } });

/** CometBFT can only send a key as the password of an address. */
function showKeyAsBearer({ headers }: IncomingMessage): void {
  const basic = /^Basic +([A-Za-z0-9+/=]+)\s*$/i.exec(headers.authorization ?? '')?.[1];
  if (basic === undefined) return;
  const shown = Buffer.from(basic, 'base64').toString('utf8');
  headers.authorization = `Bearer ${shown.slice(shown.indexOf(':') + 1)}`;
}
