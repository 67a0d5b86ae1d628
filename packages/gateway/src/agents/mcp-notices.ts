import type { Logger } from '@cairn/core';
import { type McpServer, ResourceNotFoundError } from '@modelcontextprotocol/server';
import type { UsageBook } from '../usage.ts';

/** Tells sessions that a resource they subscribed to changed. */
export interface McpNotices {
  /**
   * Lets the client of a session subscribe.
   *
   * @returns to be called when it reads a resource: it is told of the next change only then
   */
  attach(server: McpServer, caller: string): (uri: string) => void;
}

/** Both change with each answer that is paid. */
const TOLD: readonly string[] = ['cairn://usage', 'cairn://receipts'];

export function createMcpNotices(book: UsageBook, log: Logger): McpNotices {
  /** What to do when a caller used something. */
  const told = new Map<string, Set<() => void>>();
  book.watch((caller) => {
    for (const tell of told.get(caller) ?? []) tell();
  });

  return {
    attach({ server }, caller) {
      const subscribed = new Set<string>();
      /** Told and not read since: a client that reads nothing is not told again and again. */
      const unread = new Set<string>();
      const tell = () => {
        for (const uri of subscribed) {
          if (unread.has(uri)) continue;
          unread.add(uri);
          server
            .sendResourceUpdated({ uri })
            .catch((error: Error) =>
              log.debug('a session was not told of a change', { reason: error.message }),
            );
        }
      };
      server.setRequestHandler('resources/subscribe', ({ params: { uri } }) => {
        if (!TOLD.includes(uri)) {
          throw new ResourceNotFoundError(uri, `Only ${TOLD.join(' and ')} tell of changes.`);
        }
        subscribed.add(uri);
        unread.delete(uri);
        told.set(caller, (told.get(caller) ?? new Set()).add(tell));
        return {};
      });
      server.setRequestHandler('resources/unsubscribe', ({ params: { uri } }) => {
        subscribed.delete(uri);
        return {};
      });
      server.onclose = () => {
        const mine = told.get(caller);
        mine?.delete(tell);
        if (mine?.size === 0) told.delete(caller);
      };
      return (uri) => unread.delete(uri);
    },
  };
}
