import type { EventStore, JSONRPCMessage } from '@modelcontextprotocol/server';

/** What all sessions keep together of the messages they sent, so that a client which lost its stream can go on. */
export interface McpEvents {
  /** The messages of one session. */
  ofSession(): SessionEvents;
  /** Characters kept now, of all sessions. */
  readonly characters: number;
}

export interface SessionEvents extends EventStore {
  /** Forgets them. */
  drop(): void;
}

interface Kept {
  readonly stream: string;
  readonly message: JSONRPCMessage;
  readonly size: number;
}

const MOST_OF_SESSION = 1024 * 1024;
const MOST_IN_ALL = 16 * 1024 * 1024;
/** What an entry takes beside its text. */
const ENTRY_SIZE = 256;

/**
 * Keeps the latest messages within a number of characters, of each session and of all. The oldest go first; a message
 * above the limit of a session is not kept, and a client that lost its stream before does not get it.
 */
export function createMcpEvents(mostOfSession = MOST_OF_SESSION, mostInAll = MOST_IN_ALL): McpEvents {
  /** Sessions by when one of them last sent something; the one silent for longest first. */
  const books = new Map<SessionEvents, () => void>();
  let inAll = 0;

  function makeRoom(): void {
    for (const dropOldest of books.values()) {
      while (inAll > mostInAll) {
        const before = inAll;
        dropOldest();
        if (inAll === before) break;
      }
      if (inAll <= mostInAll) return;
    }
  }

  return {
    get characters() {
      return inAll;
    },
    ofSession() {
      const kept = new Map<string, Kept>();
      let characters = 0;
      let next = 0;

      function forget(id: string): void {
        const { size } = kept.get(id)!;
        kept.delete(id);
        characters -= size;
        inAll -= size;
      }
      function dropOldest(): void {
        for (const id of kept.keys()) {
          forget(id);
          return;
        }
      }

      const own: SessionEvents = {
        storeEvent: async (stream, message) => {
          const id = String(next);
          next += 1;
          const size = JSON.stringify(message).length + ENTRY_SIZE;
          if (size > mostOfSession) return id;
          kept.set(id, { stream, message, size });
          characters += size;
          inAll += size;
          books.delete(own);
          books.set(own, dropOldest);
          while (characters > mostOfSession) dropOldest();
          makeRoom();
          return id;
        },
        getStreamIdForEventId: async (id) => kept.get(id)?.stream,
        replayEventsAfter: async (last, { send }) => {
          const stream = kept.get(last)?.stream ?? '';
          for (const [id, event] of [...kept]) {
            if (event.stream === stream && Number(id) > Number(last)) await send(id, event.message);
          }
          return stream;
        },
        drop() {
          for (const id of [...kept.keys()]) forget(id);
          books.delete(own);
        },
      };
      return own;
    },
  };
}
