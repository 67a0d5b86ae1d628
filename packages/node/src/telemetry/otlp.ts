import { VERSION } from '../version.ts';
import type { Attributes, SpanRecord } from './tracer.ts';

/** `Span.SpanKind` of the OpenTelemetry protocol. */
const KINDS = { internal: 1, server: 2, client: 3 } as const;
const STATUS_ERROR = 2;

/**
 * The body of a request to `/v1/traces`.
 *
 * @see https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding: ids are hex there, 64-bit numbers are text
 */
export function encodeSpans(spans: readonly SpanRecord[]): string {
  return JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: encodeAttributes({ 'service.name': 'cairn', 'service.version': VERSION }) },
        scopeSpans: [{ scope: { name: 'cairn', version: VERSION }, spans: spans.map(encodeSpan) }],
      },
    ],
  });
}

function encodeSpan({ context, parentId, name, kind, startMs, endMs, attributes, error }: SpanRecord) {
  return {
    traceId: context.traceId,
    spanId: context.spanId,
    ...(parentId === null ? {} : { parentSpanId: parentId }),
    name,
    kind: KINDS[kind],
    startTimeUnixNano: nanoseconds(startMs),
    endTimeUnixNano: nanoseconds(endMs),
    attributes: encodeAttributes(attributes),
    ...(error === null ? {} : { status: { code: STATUS_ERROR, message: error } }),
  };
}

const nanoseconds = (ms: number): string => `${BigInt(Math.round(ms)) * 1_000_000n}`;

function encodeAttributes(attributes: Attributes) {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: encodeValue(value) }));
}

function encodeValue(value: string | number | boolean): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}
