import type { ServerResponse } from 'node:http';
import { type Amount, bytesToHex, type Clock, type Logger, type Random } from '@cairn/core';
import type { DeltaFrame, TokenLogprob } from '@cairn/protocol';
import type { HowOpened } from '@cairn/sdk';
import { type AnswerEvent, type AnswerParts, answer } from './answer.ts';
import { type AnswerForm, type AnswerIdentity, noteOf } from './api/format.ts';
import type { KeptAnswer } from './api/idempotency.ts';
import type { ApiRequest } from './api/parse-request.ts';
import { errorToApi, isUnexpected } from './http/api-error.ts';
import { createGatheredWriter } from './http/gathered-writer.ts';
import { replyJson } from './http/reply.ts';
import type { Meter, Reservation } from './meter.ts';
import type { ListedModel } from './route/catalogue.ts';

export interface CompletionParts extends AnswerParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly meter: Meter;
}

export interface CompletionJob {
  readonly listed: ListedModel;
  readonly request: ApiRequest;
  /** How the answer is told. */
  readonly form: AnswerForm;
  readonly requestId: string;
  readonly caller: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly idleTimeoutMs: number;
  /** As usage names it: `chat/completions` and the like. */
  readonly endpoint: string;
  /** Most pebbles it may cost, where that is less than any answer may. */
  readonly most?: Amount;
  /** How all were asked who were sent the question for earlier models of its list. @default nobody was */
  readonly readers?: HowOpened[];
  /** When the request came. */
  readonly startMs: number;
  /**
   * The client named its request, to have the answer again: it is finished and kept even when the client leaves.
   * Called once anything was paid.
   */
  readonly onSpent?: () => void;
}

type Delta = Extract<AnswerEvent, { type: 'delta' }>;
type End = Extract<AnswerEvent, { type: 'end' }>;

/** Where tokens go without an event for each, once an answer has begun. */
interface Tap {
  take: ((delta: DeltaFrame) => boolean) | null;
}

/** A longer stream is not kept for replay. */
const MOST_KEPT_CHARACTERS = 1024 * 1024;

/**
 * Answers one request over HTTP. A client that disconnects cancels its provider.
 *
 * @returns the whole answer for replay; null when it was not finished or is too long to keep.
 * @throws GatewayError before anything was sent
 */
export async function serveCompletion(
  parts: CompletionParts,
  job: CompletionJob,
  response: ServerResponse,
): Promise<KeptAnswer | null> {
  const controller = new AbortController();
  const leave = () => controller.abort();
  if (job.onSpent === undefined) response.once('close', leave);
  const reservation = reserveFor(parts, job);
  try {
    const tap: Tap = { take: null };
    const take = (delta: DeltaFrame) => tap.take?.(delta) ?? false;
    const events = answer(parts, { ...job, signal: controller.signal, reservation, take });
    return await (job.request.stream ? replyStream : replyWhole)(parts, job, events, response, tap);
  } finally {
    response.off('close', leave);
    reservation.release();
    if ((reservation.cost ?? 0n) > 0n) job.onSpent?.();
  }
}

/** The way to money of all that is answered: limits of the caller and of the model hold for it. */
export function reserveFor(
  { meter }: Pick<CompletionParts, 'meter'>,
  { caller, endpoint, listed, most }: Pick<CompletionJob, 'caller' | 'endpoint' | 'listed' | 'most'>,
): Reservation {
  return meter.reserve(caller, {
    endpoint,
    model: listed.model.card.name,
    ...(most === undefined ? {} : { most }),
  });
}

export function identify(
  { clock, random }: Pick<CompletionParts, 'clock' | 'random'>,
  { request, listed, form }: Pick<CompletionJob, 'request' | 'listed' | 'form'>,
): AnswerIdentity {
  return {
    id: `${form.idPrefix}${bytesToHex(random.bytes(16))}`,
    created: Math.floor(clock.nowMs() / 1000),
    model: listed.name,
    request,
  };
}

function headersOf(
  { clock, meter }: CompletionParts,
  job: CompletionJob,
  { provider, attempts, providerMs }: Delta | End,
): Record<string, string> {
  return {
    ...job.headers,
    ...meter.limitHeaders(job.caller),
    'x-cairn-provider': provider,
    'x-cairn-attempts': String(attempts),
    'x-cairn-overhead-ms': String(Math.max(clock.nowMs() - job.startMs - providerMs, 0)),
  };
}

async function replyWhole(
  parts: CompletionParts,
  job: CompletionJob,
  events: AsyncIterable<AnswerEvent>,
  response: ServerResponse,
  tap: Tap,
): Promise<KeptAnswer | null> {
  const texts: string[] = [];
  const logprobs: TokenLogprob[] = [];
  tap.take = (delta) => {
    texts.push(delta.text);
    if (delta.logprobs !== null) logprobs.push(...delta.logprobs);
    return true;
  };
  for await (const event of events) {
    if (event.type === 'delta') {
      tap.take(event.delta);
      continue;
    }
    const note = noteOf(event);
    const headers = {
      ...headersOf(parts, job, event),
      'x-cairn-receipt': note.receipt,
      'x-cairn-cost': note.cost,
      'x-cairn-privacy': note.privacy.level,
    };
    const body = JSON.stringify(
      job.form.whole(identify(parts, job), texts.join(''), logprobs, event.receipt, note),
    );
    replyJson(response, 200, body, headers);
    return { status: 200, headers: { ...headers, 'content-type': 'application/json; charset=utf-8' }, body };
  }
  return null;
}

async function replyStream(
  parts: CompletionParts,
  job: CompletionJob,
  events: AsyncIterable<AnswerEvent>,
  response: ServerResponse,
  tap: Tap,
): Promise<KeptAnswer | null> {
  const writer = job.form.writer(identify(parts, job));
  let kept: string[] | null = job.onSpent === undefined ? null : [];
  let keptCharacters = 0;
  let headers: Record<string, string> = {};
  let hasStarted = false;
  const out = createGatheredWriter(response);

  function write(text: string): Promise<void> | null {
    keptCharacters += text.length;
    if (keptCharacters > MOST_KEPT_CHARACTERS) kept = null;
    kept?.push(text);
    return out.write(text);
  }

  function start(event: Delta | End): void {
    headers = {
      ...headersOf(parts, job, event),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    };
    if (!response.destroyed) response.writeHead(200, headers);
    void write(writer.first());
    tap.take = (delta) => {
      if (response.writableNeedDrain) return false;
      void writeDelta(delta);
      return true;
    };
  }

  function writeDelta({ text, logprobs }: DeltaFrame): Promise<void> | null {
    const isSilent = text === '' && (logprobs === null || logprobs.length === 0);
    return isSilent ? null : write(writer.delta(text, logprobs));
  }

  try {
    for await (const event of events) {
      if (!hasStarted) start(event);
      hasStarted = true;
      if (event.type === 'delta') {
        const full = writeDelta(event.delta);
        if (full !== null) await full;
        continue;
      }
      const note = noteOf(event);
      void write(writer.last(event.receipt, note));
      out.end();
    }
  } catch (error) {
    if (!hasStarted) throw error;
    out.flush();
    tellBreak(parts, job, error, response);
    return null;
  }
  return kept === null ? null : { status: 200, headers, body: kept.join('') };
}

/** A stream that breaks says so and never ends cleanly: no `[DONE]`. */
function tellBreak(
  { log }: CompletionParts,
  { form }: CompletionJob,
  error: unknown,
  response: ServerResponse,
): void {
  if (isUnexpected(error)) {
    log.error('a stream failed', { reason: error instanceof Error ? error.message : String(error) });
  }
  if (response.destroyed) return;
  response.end(form.broken(errorToApi(error)));
}
