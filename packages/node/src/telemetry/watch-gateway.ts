import { AsyncLocalStorage } from 'node:async_hooks';
import { accountIdToAddress, CairnError, type Clock, type Metrics } from '@cairn/core';
import type { Gateway } from '@cairn/gateway';
import { formatTraceparent, parseTraceparent, type TraceContext } from '@cairn/protocol';
import type { InferEvent, InferRequest } from '@cairn/sdk';
import type { Span, Tracer } from './tracer.ts';

export interface WatchParts {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly tracer: Tracer;
  /** Whether providers get the trace of the request, not one of their own. @default true */
  readonly tellsProviders?: boolean;
}

export interface GatewayWatch {
  /** The same gateway, counted and traced. */
  gateway(inner: Gateway): Gateway;
  /** The same way to ask, counted and traced below the request that asks. */
  infer(
    inner: (request: InferRequest) => AsyncIterable<InferEvent>,
  ): (request: InferRequest) => AsyncIterable<InferEvent>;
}

const PEBBLES_PER_CAIRN = 1e9;
/** Endpoints that are told apart; another path is `other`, so that strangers make no series. */
const ENDPOINTS = [
  'models',
  'receipts',
  'chat/completions',
  'completions',
  'responses',
  'embeddings',
  'rerank',
  'images/generations',
  'audio/speech',
  'audio/transcriptions',
  'audio/translations',
  'moderations',
  'files',
  'batches',
  'messages',
  'usage',
  'keys',
] as const;

export function createGatewayWatch({
  clock,
  metrics,
  tracer,
  tellsProviders = true,
}: WatchParts): GatewayWatch {
  /** The request that a provider is asked for. */
  const current = new AsyncLocalStorage<TraceContext | null>();
  let inFlight = 0;
  const underWay = (by: 1 | -1): void => {
    inFlight += by;
    metrics.gauge('cairn_gateway_in_flight_requests', inFlight);
  };

  async function* ask(
    inner: (request: InferRequest) => AsyncIterable<InferEvent>,
    request: InferRequest,
  ): AsyncGenerator<InferEvent, void> {
    const span = tracer.start('ask provider', 'client', current.getStore() ?? null);
    const startMs = clock.nowMs();
    const isRetry = /-(?!1$)\d{1,3}$/.test(request.idempotencyKey);
    const isContinuation = 'prefill' in request.body && Array.isArray(request.body.prefill);
    let firstMs: number | null = null;
    let tokens = 0;
    let firstTokens = 0;
    let outcome = 'left';
    if (isRetry) metrics.count('cairn_gateway_retries_total');
    const isTold = tellsProviders && span.context.traceId !== '' && span.context.isSampled;
    try {
      for await (const event of inner(isTold ? { ...request, trace: span.context } : request)) {
        if (event.type === 'delta') {
          tokens += event.tokens;
          if (firstMs === null) {
            firstMs = clock.nowMs();
            firstTokens = tokens;
            metrics.observe('cairn_gateway_first_token_seconds', (firstMs - startMs) / 1_000);
          }
        } else if (event.type === 'end') {
          outcome = 'answered';
          const { price, promptTokens, completionTokens } = event.receipt.receipt;
          const cost = Number(price) / PEBBLES_PER_CAIRN;
          metrics.count('cairn_gateway_tokens_total', promptTokens, { kind: 'prompt' });
          metrics.count('cairn_gateway_tokens_total', completionTokens, { kind: 'completion' });
          metrics.count('cairn_gateway_spent_cairn_total', cost);
          metrics.observe('cairn_gateway_answer_cost_cairn', cost);
          const restMs = firstMs === null ? 0 : clock.nowMs() - firstMs;
          if (restMs > 0 && tokens > firstTokens)
            metrics.observe(
              'cairn_gateway_speed_tokens_per_second',
              (1_000 * (tokens - firstTokens)) / restMs,
            );
        }
        yield event;
      }
    } catch (error) {
      outcome = error instanceof CairnError ? error.code : 'UNEXPECTED';
      throw error;
    } finally {
      metrics.count('cairn_gateway_attempts_total', 1, { outcome });
      if (isContinuation) metrics.count('cairn_gateway_continuations_total', 1, { outcome });
      span.end(
        {
          'cairn.provider': accountIdToAddress(request.offer.provider),
          'cairn.tokens': tokens,
          'cairn.retry': isRetry,
          ...(firstMs === null ? {} : { 'cairn.first_token_ms': firstMs - startMs }),
        },
        outcome === 'answered' || outcome === 'left' ? null : outcome,
      );
    }
  }

  async function handle(
    inner: Gateway,
    ...[request, response]: Parameters<Gateway['handle']>
  ): Promise<boolean> {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    if (path !== '/v1' && !path.startsWith('/v1/')) return inner.handle(request, response);
    const endpoint = endpointOf(path);
    const span: Span = tracer.start(
      `${request.method === 'POST' ? 'POST' : 'GET'} /v1/${endpoint}`,
      'server',
      parseTraceparent(request.headers.traceparent),
    );
    if (span.context.traceId !== '' && !response.headersSent)
      response.setHeader('traceparent', formatTraceparent(span.context));
    const startMs = clock.nowMs();
    underWay(1);
    try {
      // The lines of a batch are asked long after it came, and each has a trace of its own.
      const below = endpoint === 'batches' ? null : span.context;
      return await current.run(below, () => inner.handle(request, response));
    } finally {
      underWay(-1);
      const { statusCode } = response;
      const status = `${Math.trunc(statusCode / 100)}xx`;
      metrics.count('cairn_gateway_requests_total', 1, { endpoint, status });
      metrics.observe('cairn_gateway_request_seconds', (clock.nowMs() - startMs) / 1_000, { endpoint });
      span.end({ 'http.response.status_code': statusCode }, statusCode >= 500 ? status : null);
    }
  }

  return {
    gateway: (inner) => ({ ...inner, handle: (request, response) => handle(inner, request, response) }),
    infer: (inner) => (request) => ask(inner, request),
  };
}

function endpointOf(path: string): string {
  const rest = path.slice('/v1/'.length);
  return ENDPOINTS.find((known) => rest === known || rest.startsWith(`${known}/`)) ?? 'other';
}
