import type { Random } from '@cairn/core';
import type { Offer } from '@cairn/ledger';
import { type DeltaFrame, IMAGE_UNITS, type Timer } from '@cairn/protocol';
import type { HowOpened } from '@cairn/sdk';
import { codeOf, nobody, toBreak, toFinalError, verdictOf } from './answer-errors.ts';
import { type AnswerSum, type HowSealed, sealedAs, sumParts } from './answer-sum.ts';
import type { ApiRequest } from './api/parse-request.ts';
import { type AnswerPart, type Attempt, type AttemptParts, startAttempt } from './attempt.ts';
import { bodyFor, can, chooseSeed, whyNotResumed } from './continuation.ts';
import { createEmitted, type Emitted } from './emitted.ts';
import type { Reservation } from './meter.ts';
import { createWitness } from './prefill-witness.ts';
import { raceForFirst } from './race.ts';
import type { ListedModel } from './route/catalogue.ts';
import { mostCost, type Router } from './route/router.ts';
import type { UsedUnits } from './usage.ts';

export interface AnswerParts extends AttemptParts {
  readonly random: Random;
  readonly router: Router;
  /** Needed to hedge. */
  readonly timer?: Timer;
}

export interface AnswerJob {
  readonly listed: ListedModel;
  readonly request: ApiRequest;
  readonly requestId: string;
  readonly signal: AbortSignal;
  readonly reservation: Reservation;
  readonly idleTimeoutMs: number;
  /** How all were asked who were sent the question before; those who are sent it now are added. @default nobody was */
  readonly readers?: HowOpened[];
  /** Takes tokens behind the first without an event for them; false: an event tells them. @default events for all */
  readonly take?: (delta: DeltaFrame) => boolean;
}

export type AnswerEvent =
  | {
      readonly type: 'delta';
      readonly provider: string;
      readonly attempts: number;
      /** Time spent waiting for providers so far. */
      readonly providerMs: number;
      readonly delta: DeltaFrame;
    }
  | ({
      readonly type: 'end';
      /** The last one. */
      readonly provider: string;
      readonly attempts: number;
      readonly providerMs: number;
      /** What the answer came to over all who took part. */
      readonly receipt: AnswerSum;
      /** Of the last part, in hex; empty while it has not come. */
      readonly receiptId: string;
      /** Who did how much, in order. */
      readonly parts: readonly AnswerPart[];
    } & HowSealed);

/** Providers asked before the first token. */
const MOST_ATTEMPTS = 3;
/** Times that an answer is taken up in its middle. */
const MOST_CONTINUATIONS = 8;
/** Longest wait for the first token, over all attempts. */
const FIRST_TOKEN_MS = 120_000;
/** Silence in the middle of an answer before another provider goes on with it. */
const STALL_MS = 20_000;
const READ_MS_PER_TOKEN = 100;

/**
 * One answer. Before the first token up to three providers are asked; after it, one that fails is replaced by
 * another provider of the same artifact, which goes on behind the tokens that were shown. All are paid for what
 * they sent.
 *
 * @throws GatewayError `no_provider_available`, `provider_failed`, `context_length_exceeded`, `insufficient_funds`,
 * `budget_exceeded`
 */
export async function* answer(parts: AnswerParts, job: AnswerJob): AsyncGenerator<AnswerEvent, void> {
  const run = createRun(parts, job);
  try {
    for (;;) {
      const offer = run.choose();
      if (offer === null) return yield run.endAtBound();
      try {
        return yield* run.ask(offer);
      } catch (error) {
        run.failed(error);
      }
    }
  } finally {
    run.settle();
  }
}

function createRun(parts: AnswerParts, job: AnswerJob) {
  const { clock, log, router } = parts;
  const { listed, request, reservation, signal, readers = [] } = job;
  const attempts: Attempt[] = [];
  const emitted: Emitted = createEmitted();
  const witness = createWitness();
  const tried = new Set<string>();
  const startMs = clock.nowMs();
  const wantsSeed = request.params.temperature > 0 && request.params.seed === null;
  const seed = chooseSeed(request, parts.random);
  let continuations = 0;
  const failures: unknown[] = [];
  const last = () => failures.at(-1);
  let isSettled = false;

  const mostSpent = () =>
    attempts.reduce(
      (sum, { isRunning, offer, part }) => sum + (isRunning ? mostCost(offer, request) : part().price),
      0n,
    );
  const spent = () => attempts.reduce((sum, attempt) => sum + attempt.part().price, 0n);
  const providerMs = () => attempts.reduce((sum, { waitMs }) => sum + waitMs, 0);
  const partsOf = () => attempts.map((attempt) => attempt.part()).filter(isWorthTelling);

  function needs() {
    const usedSeed = wantsSeed && attempts.some(({ offer }) => can(offer, 'seed'));
    return { prefillTokens: emitted.tokens, seed: usedSeed };
  }

  function start(offer: Offer): Attempt {
    reservation.hold(mostSpent() + mostCost(offer, request, emitted.tokens));
    const leftMs = Math.max(FIRST_TOKEN_MS - (clock.nowMs() - startMs), 1);
    // The tokens that were shown are read one by one before it goes on.
    const readMs = emitted.tokens * READ_MS_PER_TOKEN;
    const attempt = startAttempt(parts, {
      offer,
      body: bodyFor(request, offer, emitted, seed),
      idempotencyKey: `${job.requestId}-${attempts.length + 1}`,
      signal,
      discloses: request.preferences.discloses,
      firstTokenMs: emitted.tokens > 0 ? job.idleTimeoutMs + readMs : Math.min(job.idleTimeoutMs, leftMs),
      stallMs: Math.min(job.idleTimeoutMs, STALL_MS),
      paceMs: STALL_MS,
      onOpening: (how) => readers.push(how),
      onLateReceipt: (change) => {
        if (isSettled) reservation.correct(change);
      },
    });
    attempts.push(attempt);
    tried.add(attempt.provider);
    return attempt;
  }

  function hedge(): Attempt | null {
    const offer = attempts.length < MOST_ATTEMPTS ? router.choose(listed, request, tried, needs()) : null;
    if (offer === null) return null;
    try {
      return start(offer);
    } catch (error) {
      // What is left of the budget does not pay two at once.
      if (codeOf(error) !== 'budget_exceeded') throw error;
      return null;
    }
  }

  function endOf(): AnswerEvent {
    const told = partsOf();
    const { provider = '', receiptId } = told.at(-1) ?? {};
    return {
      type: 'end',
      provider,
      attempts: attempts.length,
      providerMs: providerMs(),
      receipt: sumParts(told),
      receiptId: receiptId ?? '',
      parts: told,
      ...sealedAs(readers),
    };
  }

  /** Before the end is told, so that the price that is told is the one that was taken. */
  function settle(): void {
    if (isSettled) return;
    isSettled = true;
    if (attempts.length === 0) return;
    reservation.settle(spent(), usedBy(partsOf(), request));
  }

  const isFull = () => request.params.maxTokens !== null && emitted.tokens >= request.params.maxTokens;

  return {
    /** Whom to ask next; null when all tokens that were asked for have been shown. */
    choose(): Offer | null {
      if (emitted.tokens === 0) {
        const isLate = clock.nowMs() - startMs >= FIRST_TOKEN_MS;
        const offer =
          attempts.length >= MOST_ATTEMPTS || isLate ? null : router.choose(listed, request, tried, needs());
        if (offer === null) throw nobody(listed, attempts.length, failures);
        return offer;
      }
      if (isFull()) return null;
      if (continuations >= MOST_CONTINUATIONS) {
        throw toBreak(last(), `It was the ${continuations + 1}th provider of this answer. Ask again.`);
      }
      continuations += 1;
      const failed = attempts.at(-1)?.provider ?? '';
      // When nobody new is left, one that failed before is better than half an answer.
      for (const without of [tried, new Set([failed]), new Set<string>()]) {
        const offer = router.choose(listed, request, without, needs());
        if (offer !== null) return offer;
      }
      throw toBreak(last(), 'No other provider of this model can go on with the answer. Ask again.');
    },

    async *ask(offer: Offer): AsyncGenerator<AnswerEvent, void> {
      const first = start(offer);
      const isHedged = parts.timer !== undefined && request.preferences.hedges && emitted.tokens === 0;
      const won = isHedged
        ? await raceForFirst(parts.timer, first, router.hedgeAfterMs(listed), hedge)
        : { attempt: first, event: await first.next() };
      const { attempt } = won;
      const { provider } = attempt;
      const tell = (delta: DeltaFrame): AnswerEvent => ({
        type: 'delta',
        provider,
        attempts: attempts.length,
        providerMs: providerMs(),
        delta,
      });
      const { take } = job;
      if (take !== undefined) {
        attempt.flowTo((delta) => {
          // A delta that waits for the next one is shown with it.
          const isPlain = delta.text !== '' && emitted.isEmpty;
          if (!isPlain || !take(delta)) return false;
          emitted.take(delta);
          witness.showed(provider);
          return true;
        });
      }
      let isOver = false;
      try {
        for (let event = won.event; ; event = await attempt.next()) {
          if (event.type === 'accepted') witness.check(attempt, event.prefillHash, emitted, parts.health);
          if (event.type === 'end') {
            isOver = true;
            const rest = emitted.finish();
            if (rest !== null) yield tell(rest);
            settle();
            return yield endOf();
          }
          const shown = event.type === 'delta' ? emitted.take(event) : null;
          if (shown !== null) witness.showed(provider);
          if (shown !== null) yield tell(shown);
        }
      } finally {
        if (!isOver) attempt.leave();
      }
    },

    /** Gets ready for another provider. Throws when there is nothing to be done. */
    failed(error: unknown): void {
      emitted.drop();
      failures.push(error);
      const attempt = attempts.at(-1);
      for (const each of attempts) each.leave(verdictOf(error));
      if (signal.aborted) throw toBreak(error, 'The client has left.');
      const final = toFinalError(error, emitted.tokens > 0);
      if (final !== null) throw final;
      log.warn('a provider failed, another one is asked', {
        provider: attempt?.provider ?? '',
        reason: codeOf(error),
        shownTokens: emitted.tokens,
      });
      if (emitted.tokens === 0 || isFull()) return;
      const why = whyNotResumed(request, emitted);
      if (why !== null) throw toBreak(error, why);
    },

    /** Every token that was asked for was shown; only the last receipt is missing. */
    endAtBound(): AnswerEvent {
      settle();
      return endOf();
    },

    settle,
  };
}

function usedBy(told: readonly AnswerPart[], { task }: ApiRequest): UsedUnits {
  const { promptTokens, cachedTokens, completionTokens } = sumParts(told);
  const receipts = told.map(({ receiptId, provider, price }) => ({
    receipt: receiptId,
    provider,
    cost: price,
  }));
  const images = task?.kind === 'image' ? Math.floor(completionTokens / IMAGE_UNITS) : 0;
  return { promptTokens, cachedTokens, completionTokens, images, receipts };
}

function isWorthTelling({ completionTokens, receiptId }: AnswerPart): boolean {
  return completionTokens > 0 || receiptId !== null;
}
