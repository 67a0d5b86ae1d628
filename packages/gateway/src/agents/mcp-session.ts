import {
  isJSONRPCErrorResponse,
  isJSONRPCNotification,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  type McpServer,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';
import { GatewayError } from '../errors.ts';
import type { SessionEvents } from './mcp-events.ts';

/** A conversation with one client, which goes over several requests. */
export interface McpSession {
  readonly caller: string;
  /** When something was last under way. */
  readonly usedMs: number;
  /** A request is open, or a call goes on although its client left. */
  readonly isBusy: boolean;
  /** It holds all it may, and nothing is under way: it has to end, also when its client listens. */
  readonly isWorn: boolean;
  /**
   * Answers one request of it. `over` has to be called once the answer is sent.
   *
   * @throws GatewayError `too_many_requests`, `invalid_value`
   */
  fetch(request: Request, asked: AskedOfSession): Promise<SessionAnswer>;
  close(): Promise<void>;
}

export interface AskedOfSession {
  readonly body: unknown;
  readonly requestId: string;
}

export interface SessionAnswer {
  readonly answer: Response;
  readonly over: () => void;
}

export interface SessionParts {
  readonly id: string;
  readonly caller: string;
  readonly server: McpServer;
  readonly events: SessionEvents;
  readonly nowMs: () => number;
  readonly onOpen: () => void;
  readonly onClose: () => void;
  readonly onError: (error: Error) => void;
}

/** Calls of one session under way at once. */
const MOST_CALLS = 32;
/** The library keeps the id of a call that was cancelled until its session ends. */
const MOST_CANCELLED = 256;
const MOST_ID_CHARACTERS = 128;
/** When a client whose stream ended comes back. */
const RETRY_MS = 1_000;
/** A call takes about this long. */
const USUAL_CALL_MS = 1_000;

/** Connects a server to a session of its own. */
export async function createMcpSession(parts: SessionParts): Promise<McpSession> {
  const { id, caller, server, events, nowMs } = parts;
  const underWay = new Set<string | number>();
  let open = 0;
  let cancelled = 0;
  let usedMs = nowMs();

  const transport = new WebStandardStreamableHTTPServerTransport({
    sessionIdGenerator: () => id,
    onsessioninitialized: parts.onOpen,
    eventStore: events,
    retryInterval: RETRY_MS,
  });
  await server.connect(transport);
  const close = transport.onclose;
  transport.onclose = () => {
    events.drop();
    parts.onClose();
    close?.();
  };
  transport.onerror = parts.onError;
  const receive = transport.onmessage;
  transport.onmessage = (message, extra) => {
    noteReceived(message);
    receive?.(message, extra);
  };
  const send = transport.send.bind(transport);
  transport.send = async (message, options) => {
    if (isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message)) {
      underWay.delete(message.id ?? '');
      usedMs = nowMs();
    }
    return send(message, options);
  };

  function noteReceived(message: JSONRPCMessage): void {
    if (isJSONRPCRequest(message)) underWay.add(message.id);
    else if (isJSONRPCNotification(message) && message.method === 'notifications/cancelled') {
      const of = (message.params as { readonly requestId?: string | number } | undefined)?.requestId;
      if (of !== undefined && underWay.delete(of)) cancelled += 1;
    }
  }

  function check(body: unknown): void {
    const calls = [body].flat().filter(isCall);
    for (const { id } of calls) {
      if (String(id).length <= MOST_ID_CHARACTERS && !underWay.has(id)) continue;
      throw new GatewayError(
        { code: 'invalid_value', param: 'id' },
        `The id of a request must be new in its session and at most ${MOST_ID_CHARACTERS} characters long.`,
      );
    }
    if (underWay.size + calls.length <= MOST_CALLS) return;
    throw new GatewayError(
      {
        code: 'too_many_requests',
        limit: MOST_CALLS,
        resetMs: USUAL_CALL_MS,
        position: underWay.size + calls.length - MOST_CALLS,
      },
      `A session may have ${MOST_CALLS} calls under way, and ${underWay.size} are. Wait for answers, or cancel some.`,
    );
  }

  return {
    caller,
    get usedMs() {
      return usedMs;
    },
    get isBusy() {
      return open > 0 || underWay.size > 0;
    },
    get isWorn() {
      return cancelled >= MOST_CANCELLED && underWay.size === 0;
    },
    async fetch(request, { body, requestId }) {
      check(body);
      open += 1;
      const over = () => {
        open -= 1;
        usedMs = nowMs();
      };
      try {
        const authInfo = { token: requestId, clientId: caller, scopes: [] };
        const answer = await transport.handleRequest(request, {
          authInfo,
          ...(body === undefined ? {} : { parsedBody: body }),
        });
        return { answer, over };
      } catch (error) {
        over();
        throw error;
      }
    },
    close: () => transport.close(),
  };
}

function isCall(message: unknown): message is { readonly id: string | number } {
  const { id, method } = (message ?? {}) as { readonly id?: unknown; readonly method?: unknown };
  return (typeof id === 'string' || typeof id === 'number') && method !== undefined;
}
