import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from '@cairn/core';
import type { LedgerReader } from '@cairn/protocol';
import { type WebSocket, WebSocketServer } from 'ws';
import type { UpgradeHandler } from '../http/server.ts';
import type { JsonRpc } from './json-rpc.ts';

/** Most subscriptions of one connection. */
const MAX_SUBSCRIPTIONS = 16;
/** Most connections at a time. */
const MAX_CONNECTIONS = 256;
/** A client that lets this much pile up is cut off. */
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;

export interface WsEndpointParts {
  readonly rpc: JsonRpc;
  readonly ledger: LedgerReader;
  readonly log: Logger;
  /** True when a web page or a stranger must not connect. */
  readonly isRefused: (request: IncomingMessage) => boolean;
}

interface Subscribe {
  readonly id: string | number;
  readonly method: string;
  readonly params: {
    readonly names?: readonly string[];
    readonly from?: number;
    readonly subscription?: string;
  };
}

/**
 * JSON-RPC over WebSocket at `/ws`, with `chain_subscribe {names, from}` → subscription id,
 * notifications `chain_event`, and `chain_unsubscribe {subscription}`.
 */
export function createWsEndpoint({ rpc, ledger, log, isRefused }: WsEndpointParts): {
  upgrade: UpgradeHandler;
  close(): Promise<void>;
} {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: 8 * 1024 * 1024,
    perMessageDeflate: false,
  });

  function serve(socket: WebSocket): void {
    const subscriptions = new Map<string, AbortController>();
    let nextSubscription = 1;
    const send = (value: unknown) => {
      if (socket.bufferedAmount > MAX_BUFFERED_BYTES) socket.terminate();
      else socket.send(JSON.stringify(value));
    };

    function subscribe({ id, params }: Subscribe): void {
      if (subscriptions.size >= MAX_SUBSCRIPTIONS) {
        send({
          jsonrpc: '2.0',
          id,
          error: { code: -32000, message: `A connection has at most ${MAX_SUBSCRIPTIONS} subscriptions.` },
        });
        return;
      }
      const subscription = String(nextSubscription++);
      const abort = new AbortController();
      subscriptions.set(subscription, abort);
      send({ jsonrpc: '2.0', id, result: subscription });
      const filter = {
        signal: abort.signal,
        ...(params.names === undefined ? {} : { names: params.names }),
        ...(params.from === undefined ? {} : { from: params.from }),
      };
      forward(subscription, filter).catch((error) => {
        log.warn('subscription ended', { error: String(error) });
        socket.close(1011);
      });
    }

    async function forward(
      subscription: string,
      filter: Parameters<LedgerReader['events']>[0],
    ): Promise<void> {
      for await (const event of ledger.events(filter)) {
        send({ jsonrpc: '2.0', method: 'chain_event', params: { subscription, event } });
      }
    }

    socket.on('message', (data) => {
      const body = data.toString();
      const control = parseSubscribe(body);
      if (control?.method === 'chain_subscribe') subscribe(control);
      else if (control?.method === 'chain_unsubscribe') {
        subscriptions.get(control.params.subscription ?? '')?.abort();
        send({
          jsonrpc: '2.0',
          id: control.id,
          result: subscriptions.delete(control.params.subscription ?? ''),
        });
      } else {
        rpc.answer(body).then(
          (reply) => reply !== null && send(reply),
          () => socket.close(1011),
        );
      }
    });
    socket.on('close', () => {
      for (const abort of subscriptions.values()) abort.abort();
    });
    socket.on('error', () => socket.terminate());
  }

  return {
    upgrade(request: IncomingMessage, socket: Duplex, head: Buffer) {
      if ((request.url ?? '').split('?')[0] !== '/ws') return false;
      if (isRefused(request) || server.clients.size >= MAX_CONNECTIONS) {
        socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n');
        return true;
      }
      server.handleUpgrade(request, socket, head, serve);
      return true;
    },
    close() {
      for (const client of server.clients) client.terminate();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** A subscription request, checked; anything else goes to the methods. */
function parseSubscribe(body: string): Subscribe | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return null;
  }
  if (typeof parsed !== 'object' || parsed === null) return null;
  const { id, method, params = {} } = parsed as Record<string, unknown>;
  if (method !== 'chain_subscribe' && method !== 'chain_unsubscribe') return null;
  if (typeof id !== 'string' && typeof id !== 'number') return null;
  if (typeof params !== 'object' || params === null) return null;
  const { names, from, subscription } = params as Record<string, unknown>;
  return {
    id,
    method,
    params: {
      ...(Array.isArray(names) && names.length <= 50
        ? { names: names.filter((name) => typeof name === 'string') }
        : {}),
      ...(typeof from === 'number' && Number.isSafeInteger(from) && from >= 0 ? { from } : {}),
      ...(typeof subscription === 'string' ? { subscription } : {}),
    },
  };
}
