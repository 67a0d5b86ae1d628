import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from '@cairn/core';
import type { LedgerReader, Timer } from '@cairn/protocol';
import { type WebSocket, WebSocketServer } from 'ws';
import type { UpgradeHandler } from '../http/server.ts';
import { systemTimer } from '../real/timer.ts';
import { errorToResponse, type JsonRpc } from './json-rpc.ts';
import { createSubscriptions, parseSubscriptionCall, type SubscriptionCall } from './subscriptions.ts';

/** Most connections at a time. */
const MAX_CONNECTIONS = 256;
/** Most subscriptions of one connection. */
const MAX_SUBSCRIPTIONS = 16;
/** Most requests of one connection that are answered at a time; more wait in its socket. */
const MAX_IN_HAND = 32;
/** Largest message of a client, in bytes. */
const MAX_MESSAGE_BYTES = 8 * 1024 * 1024;
/** Events wait while this much lies unread with the client. */
const EVENT_BUFFER_BYTES = 256 * 1024;
/** A client whose answers pile up to this is cut off. */
const MAX_BUFFERED_BYTES = 16 * 1024 * 1024;
/** A client that reads nothing for this long while events wait is cut off. */
const STALL_MS = 30_000;

export interface WsEndpointParts {
  readonly rpc: JsonRpc;
  readonly ledger: LedgerReader;
  readonly log: Logger;
  /** True when a web page or a stranger must not connect. */
  readonly isRefused: (request: IncomingMessage) => boolean;
  /** @default timers of this process */
  readonly timer?: Timer;
}

/**
 * JSON-RPC over WebSocket at `/ws`, with `chain_subscribe {names, from}` → subscription id,
 * notifications `chain_event`, and `chain_unsubscribe {subscription}`.
 */
export function createWsEndpoint(parts: WsEndpointParts): {
  upgrade: UpgradeHandler;
  close(): Promise<void>;
} {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
  });
  return {
    upgrade(request: IncomingMessage, socket: Duplex, head: Buffer) {
      if ((request.url ?? '').split('?')[0] !== '/ws') return false;
      if (parts.isRefused(request)) {
        socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n');
      } else if (server.clients.size >= MAX_CONNECTIONS) {
        socket.end('HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\n\r\n');
      } else {
        server.handleUpgrade(request, socket, head, (client) => serveClient(parts, client));
      }
      return true;
    },
    close() {
      for (const client of server.clients) client.terminate();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function serveClient({ rpc, ledger, log, timer = systemTimer }: WsEndpointParts, socket: WebSocket): void {
  let inHand = 0;
  const subscriptions = createSubscriptions(ledger, {
    limit: MAX_SUBSCRIPTIONS,
    onFailed(error) {
      log.warn('subscription ended', { error: String(error) });
      socket.close(1011);
    },
  });

  /** At once, not at the socket's `close`: a long history would be read to its end before that event has a turn. */
  function cut(): void {
    subscriptions.close();
    socket.terminate();
  }

  function send(value: unknown, onSent?: () => void): void {
    if (socket.bufferedAmount > MAX_BUFFERED_BYTES) cut();
    socket.send(JSON.stringify(value), () => onSent?.());
  }

  /** Resolves when there is room for the next event. A client that does not read is cut, not waited for. */
  function sendEvent(value: unknown): Promise<void> {
    return new Promise((resolve) => {
      if (socket.bufferedAmount <= EVENT_BUFFER_BYTES) {
        send(value);
        resolve();
        return;
      }
      const cancel = timer.schedule(STALL_MS, cut);
      send(value, () => {
        cancel();
        resolve();
      });
    });
  }

  function answerSubscription({ id, method, params }: SubscriptionCall): void {
    try {
      const result =
        method === 'chain_unsubscribe'
          ? subscriptions.remove(params)
          : subscriptions.add(params, (subscription, event) =>
              sendEvent({ jsonrpc: '2.0', method: 'chain_event', params: { subscription, event } }),
            );
      send({ jsonrpc: '2.0', id, result });
    } catch (error) {
      send(errorToResponse(id, method, error, log));
    }
  }

  async function answer(body: string): Promise<void> {
    inHand += 1;
    if (inHand === MAX_IN_HAND) socket.pause();
    try {
      const reply = await rpc.answer(body);
      if (reply !== null) send(reply);
    } finally {
      if (inHand === MAX_IN_HAND) socket.resume();
      inHand -= 1;
    }
  }

  socket.on('message', (data) => {
    const body = data.toString();
    const call = parseSubscriptionCall(body);
    if (call !== null) {
      answerSubscription(call);
      return;
    }
    answer(body).catch((error: unknown) => {
      log.error('a message could not be answered', { error: String(error) });
      socket.close(1011);
    });
  });
  socket.on('close', () => subscriptions.close());
  socket.on('error', () => socket.terminate());
}
