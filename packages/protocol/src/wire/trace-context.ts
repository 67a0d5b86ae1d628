import { bytesToHex, type Random } from '@cairn/core';

/** Where a span stands, as W3C Trace Context carries it. */
export interface TraceContext {
  /** 16 bytes in lower-case hex, not all zero. */
  readonly traceId: string;
  /** 8 bytes in lower-case hex, not all zero. */
  readonly spanId: string;
  readonly isSampled: boolean;
}

/** Of version 00. */
export const TRACEPARENT_CHARACTERS = 55;
const VERSION_00 = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
/** A later version begins as version 00 does; what follows is not ours to read. */
const LATER = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;
const MAX_CHARACTERS = 512;

/**
 * Reads a `traceparent` header. Null: it is none that may be followed, and a new trace begins, as the standard says.
 *
 * @see https://www.w3.org/TR/trace-context/#traceparent-header
 */
export function parseTraceparent(header: string | readonly string[] | undefined): TraceContext | null {
  if (typeof header !== 'string' || header.length > MAX_CHARACTERS) return null;
  const match = VERSION_00.exec(header) ?? (header.startsWith('00') ? null : LATER.exec(header));
  const [, traceId, spanId, flags] = match ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return null;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export function formatTraceparent({ traceId, spanId, isSampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;
}

/** A place below another, or the first of a new trace. */
export function nextContext(random: Random, parent: TraceContext | null): TraceContext {
  return {
    traceId: parent?.traceId ?? randomId(random, 16),
    spanId: randomId(random, 8),
    isSampled: parent?.isSampled ?? true,
  };
}

function randomId(random: Random, sizeBytes: number): string {
  for (;;) {
    const id = bytesToHex(random.bytes(sizeBytes));
    if (!/^0+$/.test(id)) return id;
  }
}
