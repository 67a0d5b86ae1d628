import type { Clock, Random } from '@cairn/core';
import {
  createMcpHandler,
  isInitializeRequest,
  isLegacyRequest,
  type McpServer,
} from '@modelcontextprotocol/server';
import type { SessionAnswer } from './mcp-session.ts';
import { createMcpSessions, type McpSessionsOptions } from './mcp-sessions.ts';
import { STRANGER } from './stranger.ts';

export interface McpWayParts {
  readonly clock: Clock;
  readonly random: Random;
  /** A server for one request, or for a session, of a caller. */
  readonly serve: (caller: string, isSession: boolean) => McpServer;
  readonly onError: (error: Error) => void;
}

export interface McpWayOptions extends McpSessionsOptions {
  readonly mostBodyBytes?: number;
}

export interface AskedOfMcp {
  readonly caller: string;
  readonly requestId: string;
  /** The body as it came; null where there is none. */
  readonly body: Uint8Array | null;
}

/** Answers requests of the protocol, in sessions and without. */
export interface McpWay {
  /**
   * `over` has to be called once the answer is sent.
   *
   * @throws GatewayError `session_not_found`, `too_many_requests`, `invalid_value`
   */
  fetch(request: Request, asked: AskedOfMcp): Promise<SessionAnswer>;
  close(): Promise<void>;
}

const MOST_SUBSCRIPTIONS = 64;

/**
 * The revisions of 2025 in sessions, which `initialize` opens, and without; that of July 2026 without. Callers without a
 * key have no sessions: nothing would keep them apart.
 */
export function createMcpWay(parts: McpWayParts, options: McpWayOptions = {}): McpWay {
  const sessions = createMcpSessions({ ...parts, serve: (caller) => parts.serve(caller, true) }, options);
  const handler = createMcpHandler(({ authInfo }) => parts.serve(authInfo?.clientId ?? STRANGER, false), {
    maxSubscriptions: MOST_SUBSCRIPTIONS,
    ...(options.mostBodyBytes === undefined ? {} : { maxRequestBodySize: options.mostBodyBytes }),
    onerror: parts.onError,
  });

  return {
    async fetch(request, { caller, requestId, body }) {
      const read = body === null ? undefined : parseJson(body);
      const asked = { body: read, requestId };
      if (caller !== STRANGER && (body === null || read !== undefined)) {
        const id = request.headers.get('mcp-session-id');
        const isOpening = id === null && isInitializeRequest(read);
        if ((id !== null || isOpening) && (await isLegacyRequest(request, read))) {
          const session = id === null ? await sessions.open(caller) : sessions.find(id, caller);
          return session.fetch(request, asked);
        }
      }
      const authInfo = { token: requestId, clientId: caller, scopes: [] };
      return { answer: await handler.fetch(request, { authInfo }), over: () => undefined };
    },
    async close() {
      await sessions.close();
      await handler.close();
    },
  };
}

/** Undefined for what is no JSON: the library answers it. */
function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}
