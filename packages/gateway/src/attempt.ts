import { bytesToHex, type Clock, type Logger } from '@cairn/core';
import { type Offer, priceOf } from '@cairn/ledger';
import type { DeltaFrame, InferBody, Receipt } from '@cairn/protocol';
import type { HowOpened, InferEvent, InferRequest } from '@cairn/sdk';
import { verdictOf } from './answer-errors.ts';
import { GatewayError } from './errors.ts';
import type { HealthBook } from './route/health.ts';
import { priceFor } from './route/needs.ts';
import { nameOf } from './route/router.ts';

export interface AttemptParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly health: HealthBook;
  readonly infer: (request: InferRequest) => AsyncIterable<InferEvent>;
}

export interface AttemptJob {
  /** Whether the answer is shown to validators. */
  readonly discloses: boolean;
  readonly offer: Offer;
  readonly body: Omit<InferBody, 'salt' | 'artifact'>;
  readonly idempotencyKey: string;
  /** The client's: aborted when it is gone. */
  readonly signal: AbortSignal;
  /** Longest silence before the first token. */
  readonly firstTokenMs: number;
  /** Longest silence after it. */
  readonly stallMs: number;
  /** Longest time for {@link PACE_TOKENS} tokens once they come. */
  readonly paceMs: number;
  /** Called when the question goes to the provider. */
  readonly onOpening: (how: HowOpened) => void;
  /** Called when a receipt came after the attempt was given up: what it costs is known now. */
  readonly onLateReceipt: (change: bigint) => void;
}

/** What one provider did for an answer. */
export interface AnswerPart {
  readonly provider: string;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly completionTokens: number;
  /** Pebbles: those of the receipt; until it comes, those of the tokens that came. */
  readonly price: bigint;
  /** Hex id; null while the receipt has not come: the next request to this provider brings it. */
  readonly receiptId: string | null;
  readonly finishReason: Receipt['finishReason'] | null;
  /** What decides how the sums of its engine round, in hex; null: unknown. */
  readonly engineClass: string | null;
}

export interface Attempt {
  readonly provider: string;
  readonly offer: Offer;
  readonly isRunning: boolean;
  /** Time spent waiting for it. */
  readonly waitMs: number;
  part(): AnswerPart;
  /** The next event; ends with `end`. Fails as `infer` does, or when tokens come too slowly. */
  next(): Promise<InferEvent>;
  /** Hands the tokens behind the first to `take` as they come; what it refuses is told by `next`. */
  flowTo(take: (delta: DeltaFrame) => boolean): void;
  /** Gives it up, as nobody's fault by default. What came is paid; its receipt may come later. */
  leave(verdict?: 'busy' | 'failed' | 'cheated'): void;
}

/** Fewer tokens than these in `paceMs` are no answer. */
const PACE_TOKENS = 4;

/** Asks one provider. */
export function startAttempt({ clock, log, health, infer }: AttemptParts, job: AttemptJob): Attempt {
  const { offer, signal } = job;
  const priced = priceFor(offer, job.body);
  const provider = nameOf(offer);
  const controller = new AbortController();
  const abort = () => controller.abort();
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  const startMs = clock.nowMs();
  let promptTokens = 0;
  let engineClass: string | null = null;
  let tokens = 0;
  let settled: { readonly receipt: Receipt; readonly id: string } | null = null;
  let isOver = false;
  let waitMs = 0;
  let waitedMs = 0;
  let pacedTokens = 0;
  /** Since when it is waited for. */
  let sinceMs = startMs;
  let sink: ((delta: DeltaFrame) => boolean) | null = null;
  health.started(provider);

  const priceNow = () =>
    settled?.receipt.price ?? (tokens === 0 ? 0n : priceOf(priced.terms.price, promptTokens, 0, tokens));

  const iterator = infer({
    offer: priced,
    body: job.body,
    ...(job.discloses && { disclose: true as const }),
    idempotencyKey: job.idempotencyKey,
    signal: controller.signal,
    onOpening(how) {
      // Its answer may be told already, with who had read the question until then.
      if (isOver) throw new GatewayError({ code: 'provider_failed' }, `${provider} is not needed any more.`);
      job.onOpening(how);
    },
    idleTimeoutMs: () => (tokens === 0 ? job.firstTokenMs : job.stallMs),
    take(delta) {
      const nowMs = clock.nowMs();
      const tookMs = nowMs - sinceMs;
      if (sink === null || tokens === 0 || isTooSlow(tookMs, delta.tokens) || !sink(delta)) return false;
      came(delta, tookMs);
      sinceMs = nowMs;
      return true;
    },
    onSettled({ receipt: { receipt }, receiptId }) {
      const before = priceNow();
      settled = { receipt, id: receiptId };
      if (isOver) job.onLateReceipt(receipt.price - before);
    },
  })[Symbol.asyncIterator]();

  function end(verdict: 'well' | 'busy' | 'failed' | 'cheated'): boolean {
    if (isOver) return false;
    isOver = true;
    signal.removeEventListener('abort', abort);
    health.ended(provider, verdict);
    return true;
  }

  const isTooSlow = (tookMs: number, more: number) =>
    waitedMs + tookMs > job.paceMs && pacedTokens + more < PACE_TOKENS;

  /** Counts the time the provider took, not the time its reader did. */
  function came(delta: DeltaFrame, tookMs: number): void {
    if (tokens === 0) health.firstToken(provider, clock.nowMs() - startMs);
    else {
      health.tokensCame(provider, delta.tokens, tookMs);
      waitedMs += tookMs;
      pacedTokens += delta.tokens;
      if (pacedTokens >= PACE_TOKENS) {
        waitedMs = 0;
        pacedTokens = 0;
      }
    }
    tokens += delta.tokens;
  }

  function checkPace(tookMs: number, more: number): void {
    if (!isTooSlow(tookMs, more)) return;
    throw new GatewayError(
      { code: 'provider_failed' },
      `Provider ${provider} sent ${pacedTokens + more} tokens in ${waitedMs + tookMs} ms, too few to go on with.`,
    );
  }

  async function pull(): Promise<InferEvent> {
    const askedMs = clock.nowMs();
    sinceMs = askedMs;
    const { value, done } = await iterator.next();
    waitMs += clock.nowMs() - askedMs;
    if (done === true) {
      throw new GatewayError({ code: 'provider_failed' }, `Provider ${provider} ended without a receipt.`);
    }
    if (value.type === 'accepted') {
      promptTokens = value.promptTokens ?? 0;
      // Without a seed nobody draws the same tokens again.
      const isDrawnFreely = job.body.params.temperature > 0 && job.body.params.seed === null;
      engineClass = value.engineClass === null || isDrawnFreely ? null : bytesToHex(value.engineClass);
    }
    if (value.type === 'delta') {
      const tookMs = clock.nowMs() - sinceMs;
      if (tokens > 0) checkPace(tookMs, value.tokens);
      came(value, tookMs);
    }
    if (value.type === 'end') {
      settled = { receipt: value.receipt.receipt, id: value.receiptId };
      const fault = faultOf(provider, settled.receipt, job, signal.aborted);
      if (fault !== null) throw fault;
      end('well');
      // The client need not wait for the voucher that pays the last tokens.
      void iterator.return?.().then(undefined, (error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        log.warn('an answer was told and its last voucher was not sent', { provider, reason });
      });
    }
    return value;
  }

  /** Stops what still runs. Its receipt is waited for by nobody. */
  function cancel(): void {
    controller.abort();
    void iterator.return?.().then(undefined, () => undefined);
  }

  return {
    provider,
    offer,
    get isRunning() {
      return !isOver;
    },
    get waitMs() {
      return waitMs;
    },
    part: () => ({
      provider,
      promptTokens: settled?.receipt.promptTokens ?? (tokens === 0 ? 0 : promptTokens),
      cachedTokens: settled?.receipt.cachedTokens ?? 0,
      completionTokens: settled?.receipt.completionTokens ?? tokens,
      price: priceNow(),
      receiptId: settled?.id ?? null,
      finishReason: settled?.receipt.finishReason ?? null,
      engineClass,
    }),
    async next() {
      try {
        return await pull();
      } catch (error) {
        if (end(signal.aborted ? 'busy' : verdictOf(error))) cancel();
        throw error;
      }
    },
    flowTo(take) {
      sink = take;
    },
    leave(verdict = 'busy') {
      if (end(verdict)) cancel();
    },
  };
}

/** A receipt that is right and of an answer that is not whole. */
function faultOf(
  provider: string,
  { finishReason, promptTokens, completionTokens }: Receipt,
  { offer, body }: AttemptJob,
  isCancelled: boolean,
): GatewayError | null {
  const isCut =
    finishReason === 'failed' ||
    finishReason === 'unpaid' ||
    (finishReason === 'cancelled' && !isCancelled) ||
    // Neither the bound nor the end of the context was reached.
    (finishReason === 'length' &&
      offer.terms.capabilities.includes('tokenIds') &&
      completionTokens < body.params.maxTokens &&
      promptTokens + completionTokens < offer.terms.contextTokens);
  if (!isCut) return null;
  return new GatewayError(
    { code: 'provider_failed' },
    `Provider ${provider} broke off after ${completionTokens} tokens, which were paid; its receipt says ${finishReason}.`,
  );
}
