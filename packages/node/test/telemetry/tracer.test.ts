import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createLogger } from '../../src/real/logger.ts';
import { createMetrics } from '../../src/real/metrics.ts';
import { openTracer } from '../../src/telemetry/open-tracer.ts';
import { createTracer, NO_TRACER } from '../../src/telemetry/tracer.ts';

let next = 0;
const random = { bytes: (length: number) => new Uint8Array(length).fill(++next % 255 || 1) };
const timer = { schedule: () => () => undefined };

function partsOf(lines: string[] = []) {
  return {
    clock: { nowMs: () => 1_700_000_000_123 },
    random,
    timer,
    metrics: createMetrics(),
    log: createLogger({ level: 'warn', write: (line) => void lines.push(line) }),
  };
}

interface Sent {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly object[] }[];
  }[];
}

/** A collector on loopback. */
async function aCollector(status = 200) {
  const got: { path: string; headers: IncomingHttpHeaders; body: Sent }[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    request.on('end', () => {
      got.push({ path: request.url ?? '', headers: request.headers, body: JSON.parse(text) });
      response.writeHead(status).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    got,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('a tracer', () => {
  it('sends spans as OTLP over HTTP, parents and errors told', async () => {
    await using collector = await aCollector();
    const parts = partsOf();
    const tracer = createTracer(parts, { collector: `${collector.url}/` });
    const outer = tracer.start('POST /v1/chat/completions', 'server', null);
    const inner = tracer.start('ask provider', 'client', outer.context);
    inner.end({ 'cairn.tokens': 5, 'cairn.share': 0.5, 'cairn.retry': false }, 'PROVIDER_LOST');
    inner.end();
    outer.end({ 'http.response.status_code': 200 });
    await tracer[Symbol.asyncDispose]();
    const [request] = collector.got;
    expect(collector.got).toHaveLength(1);
    expect(request).toMatchObject({ path: '/v1/traces', headers: { 'content-type': 'application/json' } });
    const [first, second] = request!.body.resourceSpans[0]!.scopeSpans[0]!.spans;
    expect(first).toMatchObject({
      traceId: outer.context.traceId,
      parentSpanId: outer.context.spanId,
      kind: 3,
      startTimeUnixNano: '1700000000123000000',
      status: { code: 2, message: 'PROVIDER_LOST' },
      attributes: [
        { key: 'cairn.tokens', value: { intValue: '5' } },
        { key: 'cairn.share', value: { doubleValue: 0.5 } },
        { key: 'cairn.retry', value: { boolValue: false } },
      ],
    });
    expect(second).toMatchObject({ spanId: outer.context.spanId, kind: 2 });
    expect(second).not.toHaveProperty('parentSpanId');
    expect(parts.metrics.render()).toContain('cairn_traces_spans_total{outcome="sent"} 2');
  });

  it('does not send what its caller wants unsampled', async () => {
    await using collector = await aCollector();
    const tracer = createTracer(partsOf(), { collector: collector.url });
    const parent = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), isSampled: false };
    tracer.start('x', 'server', parent).end();
    await tracer[Symbol.asyncDispose]();
    expect(collector.got).toEqual([]);
  });

  it('complains once of a collector that refuses, and drops what it cannot hold', async () => {
    await using collector = await aCollector(503);
    const lines: string[] = [];
    const parts = partsOf(lines);
    const tracer = createTracer(parts, { collector: collector.url });
    for (let span = 0; span < 5_000; span++) tracer.start('x', 'internal', null).end();
    await tracer[Symbol.asyncDispose]();
    expect(lines).toHaveLength(1);
    const told = parts.metrics.render();
    const countOf = (outcome: string) =>
      Number(new RegExp(`spans_total\\{outcome="${outcome}"\\} (\\d+)`).exec(told)?.[1] ?? 0);
    expect(countOf('failed') + countOf('dropped')).toBe(5_000);
    expect(countOf('dropped')).toBeGreaterThan(1_000);
  });

  it('is none when no collector is named, and refuses an address with a password', () => {
    expect(openTracer(partsOf(), { traceCollector: '' })).toBe(NO_TRACER);
    for (const traceCollector of ['localhost:4318', 'ftp://x', 'http://a:b@127.0.0.1:4318', 'http://x/?k=v'])
      expect(() => openTracer(partsOf(), { traceCollector }), traceCollector).toThrow(/traceCollector/);
  });
});
