import { CairnError, encode } from '@cairn/core';
import {
  COUNTERSIGNED_PROTOCOL,
  countersignedReceiptShape,
  decodeWantCountersignedFrame,
  encodeCountersignedFrame,
  type PeerName,
  type Stream,
} from '@cairn/protocol';
import type { MinerParts } from './miner-parts.ts';

/** Streams served at a time, to one peer and in all. */
const MAX_STREAMS_PER_PEER = 4;
const MAX_STREAMS = 64;
/** Longest service of one stream, so that a peer that stalls does not hold its place. */
const MOST_MS = 10_000;

/** Shows whoever asks the receipts that payers have countersigned, one for each question. */
export function serveCountersigned({ transport, payee, timer, log }: MinerParts): Disposable {
  const serving = new Map<Stream, PeerName>();

  async function answer(stream: Stream): Promise<void> {
    const asked = await stream.read();
    if (asked === null) return;
    const { payer, requests } = decodeWantCountersignedFrame(asked);
    const found = payee.countersigned(payer, requests);
    await stream.write(
      encodeCountersignedFrame(
        found === null
          ? { type: 'absent' }
          : { type: 'countersigned', bytes: encode(countersignedReceiptShape, found) },
      ),
    );
  }

  async function serve(stream: Stream): Promise<void> {
    const sameAsker = [...serving.values()].filter((peer) => peer === stream.remote).length;
    if (serving.size >= MAX_STREAMS || sameAsker >= MAX_STREAMS_PER_PEER) {
      stream.abort('too many receipts are asked for at once');
      return;
    }
    serving.set(stream, stream.remote);
    const stop = timer.schedule(MOST_MS, () => stream.abort('it took too long'));
    try {
      await answer(stream);
    } catch (error) {
      if (!(error instanceof CairnError)) throw error;
      stream.abort('the question was not understood');
      log.debug('a countersigned receipt was not shown', { peer: stream.remote, code: error.code });
    } finally {
      stop();
      serving.delete(stream);
    }
  }

  const stopListening = transport.listen(COUNTERSIGNED_PROTOCOL, serve);
  return {
    [Symbol.dispose]() {
      stopListening();
      for (const stream of serving.keys()) stream.abort('this peer is stopping');
    },
  };
}
