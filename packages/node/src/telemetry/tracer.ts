import type { Clock, Logger, Metrics, Random } from '@cairn/core';
import { nextContext, type Timer, type TraceContext } from '@cairn/protocol';
import { encodeSpans } from './otlp.ts';

export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** What is told of a piece of work when it is over. */
export interface SpanRecord {
  readonly context: TraceContext;
  readonly parentId: string | null;
  readonly name: string;
  readonly kind: 'server' | 'client' | 'internal';
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Attributes;
  /** A code, never a text that a stranger chose. */
  readonly error: string | null;
}

export interface Span {
  readonly context: TraceContext;
  /** Only the first call counts. */
  end(attributes?: Attributes, error?: string | null): void;
}

export interface Tracer extends AsyncDisposable {
  start(name: string, kind: SpanRecord['kind'], parent: TraceContext | null): Span;
}

export interface TracerParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly timer: Timer;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** @default the platform's own */
  readonly fetch?: typeof globalThis.fetch;
}

export interface TracerOptions {
  /** Base address of a collector that takes OTLP over HTTP, as in `http://127.0.0.1:4318`. */
  readonly collector: string;
  /** @default 5_000 */
  readonly everyMs?: number;
}

/** Spans that wait; what comes while the collector is slower is dropped and counted. */
const MAX_WAITING = 2_048;
const MAX_BATCH = 512;
const TIMEOUT_MS = 10_000;

/** Takes nothing down and sends nothing. */
export const NO_TRACER: Tracer = {
  start: (_name, _kind, parent) => ({
    context: parent ?? { traceId: '', spanId: '', isSampled: false },
    end: () => undefined,
  }),
  [Symbol.asyncDispose]: async () => undefined,
};

/** Sends spans to a collector as OTLP/HTTP JSON, in batches. A collector that is away costs spans, never requests. */
export function createTracer(parts: TracerParts, { collector, everyMs = 5_000 }: TracerOptions): Tracer {
  const { clock, random, timer, log, metrics } = parts;
  const url = `${collector.replace(/\/+$/u, '')}/v1/traces`;
  const waiting: SpanRecord[] = [];
  let cancel: (() => void) | null = null;
  let sending: Promise<void> = Promise.resolve();
  let hasComplained = false;

  function count(outcome: 'sent' | 'dropped' | 'failed', spans: number): void {
    metrics.count('cairn_traces_spans_total', spans, { outcome });
  }

  function flush(): Promise<void> {
    cancel?.();
    cancel = null;
    sending = sending.then(async () => {
      while (waiting.length > 0) await send(waiting.splice(0, MAX_BATCH));
    });
    return sending;
  }

  async function send(batch: readonly SpanRecord[]): Promise<void> {
    try {
      const response = await (parts.fetch ?? globalThis.fetch)(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: encodeSpans(batch),
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`status ${response.status}`);
      count('sent', batch.length);
      hasComplained = false;
    } catch (error) {
      count('failed', batch.length);
      // Once until it works again: a collector that is away would fill the log.
      if (!hasComplained) log.warn('spans could not be sent', { reason: String(error) });
      hasComplained = true;
    }
  }

  function take(record: SpanRecord): void {
    if (!record.context.isSampled) return;
    if (waiting.length >= MAX_WAITING) {
      count('dropped', 1);
      return;
    }
    waiting.push(record);
    if (waiting.length >= MAX_BATCH) void flush();
    else cancel ??= timer.schedule(everyMs, () => flush());
  }

  return {
    start(name, kind, parent) {
      const context = nextContext(random, parent);
      const startMs = clock.nowMs();
      let isOver = false;
      return {
        context,
        end(attributes = {}, error = null) {
          if (isOver) return;
          isOver = true;
          const endMs = Math.max(startMs, clock.nowMs());
          take({ context, parentId: parent?.spanId ?? null, name, kind, startMs, endMs, attributes, error });
        },
      };
    },
    [Symbol.asyncDispose]: () => flush(),
  };
}
