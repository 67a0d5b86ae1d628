import { bytesToHex } from '@cairn/core';
import type { TraceContext, Transport } from '@cairn/protocol';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { NO_TRACER, type SpanRecord, type Tracer } from '../../src/telemetry/tracer.ts';
import { createGatewayWatch } from '../../src/telemetry/watch-gateway.ts';
import { anHttpTown } from '../miner/http-town.ts';
import type { TownOptions } from '../miner/parts.ts';

const USERS = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
const METRICS = { count: () => undefined, gauge: () => undefined, observe: () => undefined };

type Seen = Pick<SpanRecord, 'name' | 'context' | 'parentId' | 'attributes' | 'error'>;

/** Takes down spans; its ids begin with its name. */
function aTracer(name: string) {
  const spans: Seen[] = [];
  let next = 0;
  const idOf = (characters: number) => {
    next += 1;
    return name + String(next).padStart(characters - name.length, '0');
  };
  const tracer: Tracer = {
    ...NO_TRACER,
    start(spanName, _kind, parent) {
      const context: TraceContext = {
        traceId: parent?.traceId ?? idOf(32),
        spanId: idOf(16),
        isSampled: parent?.isSampled ?? true,
      };
      return {
        context,
        end: (attributes = {}, error = null) =>
          spans.push({ name: spanName, context, parentId: parent?.spanId ?? null, attributes, error }),
      };
    },
  };
  return { tracer, spans };
}

/** Writes down every byte that passes. */
function aTap() {
  const seen: string[] = [];
  const tap = (inner: Transport): Transport => ({
    ...inner,
    dial: async (...args) => {
      const stream = await inner.dial(...args);
      return {
        ...stream,
        write: (bytes) => {
          seen.push(Buffer.from(bytes).toString('latin1'), bytesToHex(bytes));
          return stream.write(bytes);
        },
      };
    },
  });
  return { tap, wire: () => seen.join('\n') };
}

async function aTracedTown(
  options: TownOptions & { hasCollector?: boolean; tellsProviders?: boolean } = { sealing: 'x25519' },
) {
  const provider = aTracer('b');
  const { tracer, spans } = aTracer('a');
  const { tap, wire } = aTap();
  const { hasCollector = true, tellsProviders = true, ...rest } = options;
  const watch = createGatewayWatch({
    clock: { nowMs: () => 0 },
    metrics: METRICS as never,
    tracer: hasCollector ? tracer : NO_TRACER,
    tellsProviders,
  });
  const town = await anHttpTown({ ...rest, tap, tracer: provider.tracer, watch });
  onTestFinished(() => town[Symbol.asyncDispose]());
  let count = 0;
  const ask = async (headers: Readonly<Record<string, string>> = {}) => {
    expect((await town.chat('hello', {}, headers)).status).toBe(200);
    count += 1;
    await vi.waitFor(() => expect(provider.spans.length).toBe(count), { timeout: 20_000 });
  };
  const asked = () => spans.filter(({ name }) => name === 'ask provider');
  return { ask, asked, answers: provider.spans, wire };
}

const userHeader = (flags: string) => ({ traceparent: `00-${USERS.traceId}-${USERS.spanId}-${flags}` });

describe('a trace that goes on at the provider', () => {
  it('has the provider’s span below that of the gateway, in a trace of its own for each request', async () => {
    const { ask, asked, answers } = await aTracedTown();
    await ask();
    await ask();
    await vi.waitFor(() => expect([asked().length, answers.length]).toEqual([2, 2]), { timeout: 20_000 });
    expect(answers.map(({ name, parentId, context }) => [name, parentId, context.traceId])).toEqual(
      asked().map(({ context }) => ['answer', context.spanId, context.traceId]),
    );
    expect(new Set(answers.map(({ context }) => context.traceId)).size).toBe(2);
    expect(answers[0]).toMatchObject({
      error: null,
      attributes: { 'cairn.tokens': expect.any(Number), 'cairn.finish': 'stop' },
    });
  });

  it('is the user’s own when a traceparent came, with a collector at the gateway and without', async () => {
    for (const hasCollector of [true, false]) {
      const { ask, answers } = await aTracedTown({ sealing: 'x25519', hasCollector });
      await ask(userHeader('01'));
      expect(answers[0]?.context.traceId, String(hasCollector)).toBe(USERS.traceId);
      if (!hasCollector) expect(answers[0]?.parentId).toBe(USERS.spanId);
    }
  });

  it('is a new one each time where the user wants none, or the operator says so', async () => {
    const traces = new Set<string | undefined>();
    for (const tellsProviders of [true, false]) {
      const { ask, answers } = await aTracedTown({ sealing: 'x25519', tellsProviders });
      // The user's flags say: not recorded.
      await ask(userHeader(tellsProviders ? '00' : '01'));
      await ask(userHeader(tellsProviders ? '00' : '01'));
      for (const { context } of answers) traces.add(context.traceId);
      expect(answers.length).toBe(2);
    }
    // Both towns draw the same numbers, so two of the four are equal.
    expect(traces.size).toBeGreaterThanOrEqual(2);
    expect(traces).not.toContain(USERS.traceId);
  });

  it('is not told by there being one: requests that nobody traces have one too', async () => {
    const { ask, answers } = await aTracedTown({ sealing: 'x25519', hasCollector: false });
    await ask();
    await ask();
    expect(new Set(answers.map(({ context }) => context.traceId)).size).toBe(2);
    expect(answers.every(({ parentId }) => parentId !== null)).toBe(true);
  });

  it('is on no wire, sealed or in clear, where relays could read it', async () => {
    for (const sealing of [{ sealing: 'x-wing' } as const, {}]) {
      const { ask, answers, wire } = await aTracedTown(sealing);
      await ask(userHeader('01'));
      expect(wire().length).toBeGreaterThan(0);
      for (const secret of [USERS.traceId, Buffer.from(USERS.traceId).toString('hex')])
        expect(wire().includes(secret), JSON.stringify(sealing)).toBe(false);
      // In clear nothing is sent, so the provider begins a trace.
      if (!('sealing' in sealing)) expect(answers[0]?.parentId).toBeNull();
    }
  });
});
