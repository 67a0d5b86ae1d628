import {
  type AccountId,
  accountIdToAddress,
  bytesToUtf8,
  CairnError,
  type Logger,
  utf8ToBytes,
} from '@cairn/core';
import { MAX_CASE_BYTES } from '@cairn/mechanisms';
import type { LedgerReader, PeerName, Stream, Timer, Transport } from '@cairn/protocol';
import { fetchPeersOf } from './judges.ts';

/** Hands evidence of a case to a validator: one frame of evidence, one word in answer. */
const REVIEW_PROTOCOL = '/cairn/review/1';

/** What a validator says of evidence. `notJudged`: it cannot check it, or not now. */
export const REVIEW_ANSWERS = ['passed', 'failed', 'notJudged'] as const;
export type ReviewAnswer = (typeof REVIEW_ANSWERS)[number];

/** Reviews under way: each runs the model. */
const MAX_REVIEWS = 2;
/** Longest review, and longest wait for one. */
const MOST_MS = 60_000;

export interface ReviewDeskParts {
  readonly transport: Transport;
  readonly timer: Timer;
  readonly log: Logger;
  /** Checks evidence and does what follows from it. Never throws for what a stranger sent. */
  readonly review: (evidence: Uint8Array) => Promise<ReviewAnswer>;
}

/** Takes evidence from whoever discloses it: payers with their own answers, and validators without a vote. */
export function openReviewDesk({ transport, timer, log, review }: ReviewDeskParts): Disposable {
  const open = new Set<Stream>();
  const stopListening = transport.listen(REVIEW_PROTOCOL, async (stream) => {
    const isSeated = [...open].some(({ remote }) => remote === stream.remote);
    if (open.size >= MAX_REVIEWS || isSeated) {
      stream.abort('too many answers are under review');
      return;
    }
    open.add(stream);
    const stop = timer.schedule(MOST_MS, () => stream.abort('it took too long'));
    try {
      const evidence = await stream.read();
      if (evidence === null) return;
      const answer = evidence.length > MAX_CASE_BYTES ? 'notJudged' : await review(evidence);
      await stream.write(utf8ToBytes(answer));
      await stream.closeWrite();
    } catch (error) {
      if (!(error instanceof CairnError)) throw error;
      stream.abort('the review failed');
      log.debug('a review was not answered', { peer: stream.remote, code: error.code });
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

/** Null: none of its peers answered. */
export type SendReview = (judge: AccountId, evidence: Uint8Array) => Promise<ReviewAnswer | null>;

export interface SendReviewParts {
  readonly transport: Transport;
  readonly timer: Timer;
  readonly ledger: Pick<LedgerReader, 'query'>;
  /** Nodes that this one joined. */
  readonly nodes: readonly PeerName[];
  readonly log: Logger;
}

export function createReviewSender({ transport, timer, ledger, nodes, log }: SendReviewParts): SendReview {
  async function ask(peer: PeerName, evidence: Uint8Array): Promise<ReviewAnswer | null> {
    const stream = await transport.dial(peer, REVIEW_PROTOCOL);
    const stop = timer.schedule(MOST_MS, () => stream.abort('it took too long'));
    try {
      await stream.write(evidence);
      await stream.closeWrite();
      const bytes = await stream.read();
      const said = bytes === null || bytes.length > 32 ? '' : bytesToUtf8(bytes);
      return REVIEW_ANSWERS.find((known) => known === said) ?? null;
    } finally {
      stop();
      stream.abort('the review is over');
    }
  }
  return async (judge, evidence) => {
    for (const peer of await fetchPeersOf(ledger, nodes, judge)) {
      try {
        const answer = await ask(peer, evidence);
        if (answer !== null) return answer;
      } catch (error) {
        if (!(error instanceof CairnError)) throw error;
        log.debug('a judge was not reached', { judge: accountIdToAddress(judge), peer, code: error.code });
      }
    }
    return null;
  };
}
