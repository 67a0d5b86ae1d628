import { bytesToHex, type Clock, type Random } from '@cairn/core';
import type { McpServer } from '@modelcontextprotocol/server';
import { GatewayError } from '../errors.ts';
import { createMcpEvents } from './mcp-events.ts';
import { createMcpSession, type McpSession } from './mcp-session.ts';

export interface McpSessionsParts {
  readonly clock: Clock;
  readonly random: Random;
  /** A server for a new session of a caller. */
  readonly serve: (caller: string) => McpServer;
  readonly onError: (error: Error) => void;
}

export interface McpSessionsOptions {
  /** Sessions of one caller at once. @default 32 */
  readonly mostOfCaller?: number;
  /** Sessions of all callers. @default 256 */
  readonly most?: number;
  /** Silence after which a session ends. @default 3_600_000 */
  readonly idleMs?: number;
}

/** Sessions by their id, each bound to the caller who opened it. */
export interface McpSessions {
  /**
   * A session that begins with the request it is then asked. A caller with all it may have loses the one it did not use
   * for longest, if one is idle.
   *
   * @throws GatewayError `too_many_requests`
   */
  open(caller: string): Promise<McpSession>;
  /** @throws GatewayError `session_not_found`, also for a session of somebody else */
  find(id: string, caller: string): McpSession;
  readonly size: number;
  close(): Promise<void>;
}

const MOST_OF_CALLER = 32;
const MOST = 256;
const IDLE_MS = 3_600_000;

export function createMcpSessions(parts: McpSessionsParts, options: McpSessionsOptions = {}): McpSessions {
  const { clock, random } = parts;
  const { mostOfCaller = MOST_OF_CALLER, most = MOST, idleMs = IDLE_MS } = options;
  const sessions = new Map<string, McpSession>();
  const events = createMcpEvents();
  const nowMs = () => clock.nowMs();

  /** Ends what nobody uses any more. */
  function sweep(): void {
    for (const session of [...sessions.values()]) {
      const isIdle = !session.isBusy && nowMs() - session.usedMs >= idleMs;
      if (isIdle || session.isWorn) end(session);
    }
  }

  /** It leaves the list as it closes. */
  function end(session: McpSession): void {
    session.close().catch(parts.onError);
  }

  function makeRoom(caller: string): void {
    const mine = [...sessions.values()].filter((session) => session.caller === caller);
    const isFull = sessions.size >= most;
    if (mine.length < mostOfCaller && !isFull) return;
    const idle = mine
      .filter(({ isBusy }) => !isBusy)
      .toSorted((one, other) => one.usedMs - other.usedMs)
      .at(0);
    if (idle !== undefined) {
      end(idle);
      return;
    }
    const isMine = mine.length >= mostOfCaller;
    const limit = isMine ? mostOfCaller : most;
    const resetMs = Math.min(idleMs, ...(isMine ? mine : [...sessions.values()]).map(leftOf));
    throw new GatewayError(
      { code: 'too_many_requests', limit, resetMs, position: null },
      isMine
        ? `You have ${mine.length} sessions, all in use, which is all one caller may have. End one with DELETE.`
        : `This gateway has ${sessions.size} sessions, which is all it takes. The next ends in ${resetMs} ms at the earliest.`,
    );
  }

  const leftOf = ({ isBusy, usedMs }: McpSession) =>
    isBusy ? idleMs : Math.max(usedMs + idleMs - nowMs(), 1);

  return {
    get size() {
      return sessions.size;
    },
    async open(caller) {
      sweep();
      makeRoom(caller);
      const id = bytesToHex(random.bytes(32));
      const session = await createMcpSession({
        id,
        caller,
        server: parts.serve(caller),
        events: events.ofSession(),
        nowMs,
        onOpen: () => sessions.set(id, session),
        onClose: () => sessions.delete(id),
        onError: parts.onError,
      });
      return session;
    },
    find(id, caller) {
      sweep();
      const found = sessions.get(id);
      if (found !== undefined && found.caller === caller) return found;
      throw new GatewayError(
        { code: 'session_not_found' },
        'There is no such session, or it ended. Begin a new one with initialize and no Mcp-Session-Id.',
      );
    },
    async close() {
      await Promise.all([...sessions.values()].map((session) => session.close()));
    },
  };
}
