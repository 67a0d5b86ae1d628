import { describe, expect, it } from 'vitest';
import { type Batch, createBatchStore } from '../src/endpoints/batch-book.ts';
import { createBatchRunner } from '../src/endpoints/batch-runner.ts';
import type { EndpointContext } from '../src/endpoints/endpoint.ts';
import { createFileBook } from '../src/endpoints/file-book.ts';
import { aClock, aLogger, aRandom, aRecordStore } from './support/parts.ts';

/** A runner whose lines are refused without asking anybody, and what it worked on in order. */
function aRunner() {
  const parts = { records: aRecordStore(), clock: aClock(), random: aRandom() };
  const files = createFileBook(parts);
  const book = createBatchStore(parts);
  const timer = { schedule: () => () => undefined };
  const asked: string[] = [];
  let onLine: (batch: string) => Promise<void> = async () => undefined;
  const store = {
    ...book,
    async keepLine(id: string, line: number, result: string) {
      asked.push(id);
      await book.keepLine(id, line, result);
      await onLine(id);
    },
  };
  const completions = { meter: { inFlight: 0 } };
  const context = { ...parts, log: aLogger(), completions } as unknown as EndpointContext;
  const runner = createBatchRunner({ store, files, timer, context: () => context });

  async function add(caller: string, length: number): Promise<Batch> {
    const lines = Array.from({ length }, (_, line) =>
      JSON.stringify({
        ...{ custom_id: `${line}`, method: 'POST', url: '/v1/chat/completions' },
        body: { stream: true },
      }),
    );
    const data = new TextEncoder().encode(lines.join('\n'));
    const file = await files.add(caller, { filename: 'in.jsonl', purpose: 'batch', data });
    parts.clock.now += 1_000;
    return store.create({
      ...{ caller, endpoint: '/v1/chat/completions', inputFile: file.id, metadata: {} },
      ...{ status: 'in_progress', endedAt: null, cancelledAt: null, total: length },
      ...{ completed: 0, failed: 0, outputFile: null, errorFile: null, faults: [] },
    });
  }

  async function untilOver(...batches: readonly Batch[]): Promise<void> {
    runner.wake();
    const isOpen = ({ caller, id }: Batch) => store.find(caller, id).endedAt === null;
    while (batches.some(isOpen)) await new Promise((resolve) => setImmediate(resolve));
  }

  const listen = (listener: typeof onLine) => {
    onLine = listener;
  };
  return { runner, store, asked, add, untilOver, listen, clock: parts.clock };
}

describe('batches of several callers', () => {
  it('take turns, however many lines one of them has', async () => {
    const { store, asked, add, untilOver } = aRunner();
    const long = await add('greedy', 300);
    const next = await add('greedy', 300);
    const short = await add('modest', 50);
    await untilOver(short);
    expect(asked.filter((id) => id === long.id).length).toBeLessThan(100);
    expect(asked).not.toContain(next.id);
    await untilOver(long, next);
    expect(asked.length).toBe(650);
    for (const { caller, id, total } of [long, next, short])
      expect(store.find(caller, id)).toMatchObject({ status: 'completed', failed: total });
  });

  it('are not put off by callers who come again and again', async () => {
    const { asked, add, untilOver, listen } = aRunner();
    const patient = await add('patient', 60);
    let more = 40;
    listen(async (id) => {
      if (id === patient.id || more === 0) return;
      more -= 1;
      await add(more % 2 === 0 ? 'one' : 'two', 1);
    });
    await add('one', 1);
    await add('two', 1);
    await untilOver(patient);
    expect(asked.length).toBeLessThan(70);
  });

  it('end at once where they are cancelled or their day is over', async () => {
    const { runner, store, asked, add, untilOver, listen, clock } = aRunner();
    const old = await add('late', 50);
    clock.now += 86_401_000;
    const long = await add('greedy', 100);
    const unwanted = await add('greedy', 100);
    listen(async () => {
      if (asked.length === 1) await runner.cancel(unwanted);
    });
    await untilOver(old, unwanted);
    expect(asked.length).toBeLessThan(50);
    expect(store.find('late', old.id).status).toBe('expired');
    expect(store.find('greedy', unwanted.id).status).toBe('cancelled');
    await untilOver(long);
  });
});
