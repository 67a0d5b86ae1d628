import { CairnError, type Logger } from '@cairn/core';
import type { PeerName, Stream, Timer, Transport } from '@cairn/protocol';
import { MAX_QUOTE_BYTES } from './check-quote.ts';

/** A provider's quote for whoever asks: no frame one way, one the other. */
export const ATTEST_PROTOCOL = '/cairn/attest/1';

/** Streams served at a time, and how long one may last. */
const MAX_STREAMS = 32;
const MOST_MS = 10_000;

export interface ServeQuoteParts {
  readonly transport: Transport;
  readonly timer: Timer;
}

/** Hands the quote of this machine to whoever asks. */
export function serveQuote({ transport, timer }: ServeQuoteParts, quote: Uint8Array): Disposable {
  const open = new Set<Stream>();
  const stopListening = transport.listen(ATTEST_PROTOCOL, async (stream) => {
    if (open.size >= MAX_STREAMS) return stream.abort('too many quotes are asked for at once');
    open.add(stream);
    const stop = timer.schedule(MOST_MS, () => stream.abort('it took too long'));
    try {
      await stream.write(quote);
      await stream.closeWrite();
    } finally {
      stop();
      open.delete(stream);
    }
  });
  return {
    [Symbol.dispose]() {
      stopListening();
      for (const stream of open) stream.abort('this peer is stopping');
    },
  };
}

/** The quote that a provider shows; null: it shows none, or too much. */
export async function fetchQuote(
  { transport, timer, log }: ServeQuoteParts & { readonly log: Logger },
  peer: PeerName,
): Promise<Uint8Array | null> {
  try {
    const stream = await transport.dial(peer, ATTEST_PROTOCOL);
    const stop = timer.schedule(MOST_MS, () => stream.abort('it took too long'));
    try {
      await stream.closeWrite();
      const quote = await stream.read();
      return quote === null || quote.length > MAX_QUOTE_BYTES ? null : quote;
    } finally {
      stop();
      stream.abort('the quote is here');
    }
  } catch (error) {
    if (!(error instanceof CairnError)) throw error;
    log.debug('a provider showed no quote', { peer, code: error.code });
    return null;
  }
}
