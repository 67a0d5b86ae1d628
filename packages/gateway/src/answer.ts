import { CairnError, type Clock, type Logger } from '@cairn/core';
import type { Offer } from '@cairn/ledger';
import type { DeltaFrame, SealSuite, SignedReceipt } from '@cairn/protocol';
import type { InferEvent, InferRequest } from '@cairn/sdk';
import type { ApiRequest } from './api/parse-request.ts';
import { GatewayError } from './errors.ts';
import type { Reservation } from './meter.ts';
import type { ListedModel } from './route/catalogue.ts';
import type { HealthBook } from './route/health.ts';
import { mostCost, mostTokens, nameOf, type Router } from './route/router.ts';

export interface AnswerParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly router: Router;
  readonly health: HealthBook;
  /** Asks one provider and pays it. */
  readonly infer: (request: InferRequest) => AsyncIterable<InferEvent>;
}

export interface AnswerJob {
  readonly listed: ListedModel;
  readonly request: ApiRequest;
  readonly requestId: string;
  readonly signal: AbortSignal;
  readonly reservation: Reservation;
  readonly idleTimeoutMs: number;
}

export type AnswerEvent =
  | {
      readonly type: 'delta';
      readonly provider: string;
      readonly attempts: number;
      readonly delta: DeltaFrame;
    }
  | {
      readonly type: 'end';
      readonly provider: string;
      readonly attempts: number;
      readonly receipt: SignedReceipt['receipt'];
      readonly receiptId: string;
      /** How it was sealed; absent: it went in clear. */
      readonly sealed?: SealSuite;
    };

const MOST_ATTEMPTS = 3;

/**
 * One answer from up to three providers: another one is asked only while nothing has come. After that a failure
 * is the caller's to tell.
 *
 * @throws GatewayError `no_provider_available`, `provider_failed`, `context_length_exceeded`, `insufficient_funds`
 */
export async function* answer(parts: AnswerParts, job: AnswerJob): AsyncGenerator<AnswerEvent, void> {
  const tried = new Set<string>();
  let last: unknown = null;
  while (tried.size < MOST_ATTEMPTS) {
    const offer = parts.router.choose(job.listed, job.request, tried);
    if (offer === null) break;
    const provider = nameOf(offer);
    tried.add(provider);
    const attempt = { hasStarted: false };
    try {
      for await (const event of tryProvider(parts, job, offer, tried.size, attempt)) yield event;
      return;
    } catch (error) {
      const final = toFinalError(error, attempt.hasStarted || job.signal.aborted);
      if (final !== null) throw final;
      parts.log.warn('a provider failed, another one is asked', { provider, reason: codeOf(error) });
      last = error;
    }
  }
  throw nobody(job.listed, tried.size, last);
}

async function* tryProvider(
  { clock, health, infer }: AnswerParts,
  { listed, request, requestId, signal, reservation, idleTimeoutMs }: AnswerJob,
  offer: Offer,
  attempts: number,
  attempt: { hasStarted: boolean },
): AsyncGenerator<AnswerEvent, void> {
  const provider = nameOf(offer);
  reservation.hold(mostCost(offer, request));
  health.started(provider);
  const startMs = clock.nowMs();
  // A reader that walks away is no fault of the provider.
  let verdict: 'well' | 'failed' | 'busy' | 'cheated' = 'busy';
  try {
    const { wantsLogprobs: _, ...asked } = request;
    const events = infer({
      offer,
      body: {
        endpoint: asked.endpoint,
        prompt: asked.prompt,
        params: { ...asked.params, maxTokens: mostTokens(offer, request) },
      },
      idempotencyKey: `${requestId}-${attempts}`,
      signal,
      idleTimeoutMs,
    });
    for await (const event of events) {
      if (event.type === 'delta') {
        if (!attempt.hasStarted) health.firstToken(provider, clock.nowMs() - startMs);
        attempt.hasStarted = true;
        yield { type: 'delta', provider, attempts, delta: event };
      } else if (event.type === 'end') {
        const { receipt } = event.receipt;
        reservation.settle(receipt.price);
        if (receipt.finishReason === 'failed' || receipt.finishReason === 'unpaid') {
          verdict = 'failed';
          throw new GatewayError(
            { code: 'provider_failed' },
            `Provider ${provider} of ${listed.name} failed after ${receipt.completionTokens} tokens, which were paid (receipt ${event.receiptId}).`,
          );
        }
        verdict = 'well';
        attempt.hasStarted = true;
        const sealed = event.sealed === undefined ? {} : { sealed: event.sealed };
        yield { type: 'end', provider, attempts, receipt, receiptId: event.receiptId, ...sealed };
        return;
      }
    }
  } catch (error) {
    if (!signal.aborted) verdict = verdictOf(error);
    throw error;
  } finally {
    health.ended(provider, verdict);
  }
}

function codeOf(error: unknown): string {
  return error instanceof CairnError ? error.code : 'UNKNOWN';
}

function refusalOf(error: unknown): string | null {
  if (!(error instanceof CairnError) || error.code !== 'PROVIDER_REFUSED') return null;
  return (error.problem as { refusal?: string }).refusal ?? null;
}

function verdictOf(error: unknown): 'failed' | 'busy' | 'cheated' {
  const code = codeOf(error);
  if (
    code === 'RECEIPT_REFUSED' ||
    code === 'CHANNEL_DISPUTED' ||
    code === 'PROVIDER_BROKE_PROTOCOL' ||
    code === 'TERMS_REFUSED'
  ) {
    return 'cheated';
  }
  const refusal = refusalOf(error);
  if (refusal === 'BUSY' || refusal === 'CONTEXT_TOO_SMALL') return 'busy';
  // A provider without a sealing key is none for this request, and no worse for it.
  if (code === 'SEAL_REQUIRED') return 'busy';
  // The ledger refused to open or fill a channel: not the provider's doing.
  return code === 'TRANSACTION_REFUSED' || code === 'budget_exceeded' ? 'busy' : 'failed';
}

/** What ends the request; null when another provider may be asked. */
function toFinalError(error: unknown, hasStarted: boolean): unknown {
  if (!(error instanceof CairnError)) return error;
  if (error.code === 'TRANSACTION_REFUSED') {
    return new GatewayError(
      { code: 'insufficient_funds' },
      `The payment channel could not be filled: ${error.message} Top up the gateway's wallet.`,
      { cause: error },
    );
  }
  if (refusalOf(error) === 'CONTEXT_TOO_SMALL') {
    return new GatewayError({ code: 'context_length_exceeded' }, error.message, { cause: error });
  }
  if (error instanceof GatewayError) return error;
  if (!hasStarted) return null;
  return new GatewayError({ code: 'provider_failed' }, error.message, { cause: error });
}

function nobody({ name, offers }: ListedModel, tried: number, last: unknown): GatewayError {
  if (tried === 0) {
    return new GatewayError(
      { code: 'no_provider_available' },
      `None of the ${offers.length} providers of ${name} fits this request now. Relax \`provider\`, or try again in a moment.`,
    );
  }
  const reason = last instanceof Error ? ` The last one: ${last.message}` : '';
  return new GatewayError(
    { code: 'no_provider_available' },
    `${tried} of ${offers.length} providers of ${name} were asked and none answered.${reason}`,
    { cause: last },
  );
}
