import { bytesToHex } from '@cairn/core';
import type { Timer } from '@cairn/protocol';
import type { Batch, BatchStore } from './batch-book.ts';
import { type BatchLine, type LineFault, parseLines, runLine } from './batch-line.ts';
import type { EndpointContext } from './endpoint.ts';
import type { FileBook } from './file-book.ts';

export interface BatchRunner {
  readonly store: BatchStore;
  /** Ends a batch behind the line that is under way. Does nothing where it is over. */
  cancel(batch: Batch): Promise<Batch>;
  /** Looks for work. Called when there is some. */
  wake(): void;
  /** Resolves when nothing is under way; what was begun is asked again after the next start. */
  stop(): Promise<void>;
}

export interface BatchRunnerParts {
  readonly store: BatchStore;
  readonly files: FileBook;
  readonly timer: Timer;
  readonly context: () => EndpointContext;
}

/** Answers to people under way at which a batch waits. */
const BUSY_AT = 4;
const PAUSE_MS = 250;
/** How often a line is asked when providers are full or fail. */
const MOST_TRIES = 5;
export const WINDOW_SECONDS = 86_400;
/** Results of one batch, in bytes: they are read and written at once. */
const MOST_RESULT_BYTES = 64 * 1024 * 1024;
/** Lines after which the next caller has its turn. An input is read anew for each turn. */
const LINES_PER_TURN = 20;

/** How far a batch came in the turns of its caller. */
interface Progress {
  place: number;
  /** Of its results. */
  bytes: number;
}

/** Works through batches, one line at a time, whenever nobody else waits for an answer. Callers take turns. */
export function createBatchRunner({ store, files, timer, context }: BatchRunnerParts): BatchRunner {
  const controller = new AbortController();
  const { signal } = controller;
  let working: Promise<void> | null = null;
  const progress = new Map<string, Progress>();

  const nowSeconds = () => Math.floor(context().clock.nowMs() / 1000);

  function pause(): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const stop = timer.schedule(PAUSE_MS, done);
      function done(): void {
        signal.removeEventListener('abort', done);
        stop();
        resolve();
      }
      signal.addEventListener('abort', done, { once: true });
    });
  }

  /** Why a line is not asked any more: its answer would be paid and might not be kept. Null while there is room. */
  function whyFull(caller: string, bytes: number): string | null {
    if (bytes >= MOST_RESULT_BYTES)
      return `The results have ${bytes} bytes, and those of a batch may have ${MOST_RESULT_BYTES}.`;
    return bytes < files.room(caller) ? null : 'Your files leave no room for more results: delete some.';
  }

  /** Others that wait for a turn of this process go first. */
  async function untilIdle(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    while (!signal.aborted && context().completions.meter.inFlight >= BUSY_AT) await pause();
  }

  async function askLine(batch: Batch, line: BatchLine): Promise<string | null> {
    for (let tries = 1; ; tries += 1) {
      await untilIdle();
      if (signal.aborted) return null;
      const { status, body, isPassing } = await runLine(
        context(),
        batch.endpoint,
        line,
        batch.caller,
        signal,
      );
      if (signal.aborted) return null;
      if (isPassing && tries < MOST_TRIES) {
        await pause();
        continue;
      }
      const id = `batch_req_${bytesToHex(context().random.bytes(12))}`;
      const response = { status_code: status, request_id: id, body };
      return JSON.stringify({ id, custom_id: line.customId, response, error: null });
    }
  }

  /** What a batch comes to that is not to be asked any further; null while it is. */
  function outcomeOf({ status, createdAt }: Batch): 'cancelled' | 'expired' | null {
    if (status === 'cancelling') return 'cancelled';
    return nowSeconds() - createdAt > WINDOW_SECONDS ? 'expired' : null;
  }

  /** Asks some lines of a batch, and ends it behind its last. */
  async function runTurn({ caller, id, inputFile, endpoint }: Batch): Promise<void> {
    const text = new TextDecoder().decode(files.read(caller, inputFile));
    const { lines } = parseLines(text, endpoint);
    const at = progress.get(id) ?? { place: 0, bytes: 0 };
    progress.set(id, at);
    let outcome: 'completed' | 'expired' | 'cancelled' | 'failed' = 'completed';
    const faults: LineFault[] = [];
    let asked = 0;
    const goesFirst = (other: Batch) => other.caller !== caller || outcomeOf(other) !== null;
    for (; at.place < lines.length; at.place += 1) {
      const line = lines[at.place]!;
      const batch = store.find(caller, id);
      const over = outcomeOf(batch);
      if (over !== null) {
        outcome = over;
        break;
      }
      const before = store.line(id, at.place);
      if (before !== null) {
        at.bytes += Buffer.byteLength(before);
        continue;
      }
      const full = whyFull(caller, at.bytes);
      if (full !== null) {
        outcome = 'failed';
        const rest = `${line.customId.slice(0, 100)} and what is behind it was not asked. Send it in another batch.`;
        faults.push({ code: 'storage_full', message: `${full} ${rest}`, line: at.place + 1 });
        break;
      }
      if (asked > 0 && asked % LINES_PER_TURN === 0 && store.open().some(goesFirst)) return;
      asked += 1;
      const result = await askLine(batch, line);
      if (result === null) return;
      at.bytes += Buffer.byteLength(result);
      await store.keepLine(id, at.place, result);
      // Cancelling may have come in between.
      const now = store.find(caller, id);
      const isFine = statusOf(result) === 200;
      await store.save({
        ...now,
        completed: now.completed + (isFine ? 1 : 0),
        failed: now.failed + (isFine ? 0 : 1),
      });
    }
    await finish({ ...store.find(caller, id), faults }, outcome);
  }

  async function finish(batch: Batch, outcome: Batch['status']): Promise<void> {
    const lines = batch.total;
    const kept = Array.from({ length: lines }, (_, place) => store.line(batch.id, place)).filter(
      (line) => line !== null,
    );
    const write = async (name: string, wanted: readonly string[]) => {
      if (wanted.length === 0) return null;
      const data = new TextEncoder().encode(`${wanted.join('\n')}\n`);
      const file = { filename: `${batch.id}_${name}.jsonl`, purpose: 'batch_output', data };
      return (await files.keep(batch.caller, file)).id;
    };
    const good = kept.filter((line) => statusOf(line) === 200);
    const bad = kept.filter((line) => statusOf(line) !== 200);
    await store.save({
      ...batch,
      status: outcome,
      endedAt: nowSeconds(),
      completed: good.length,
      failed: bad.length,
      outputFile: await write('output', good),
      errorFile: await write('error', bad),
    });
    await store.dropLines(batch.id, lines);
  }

  /** Those that only have to be ended, and then the oldest of the caller whose last turn is the longest ago. */
  function choose(turns: ReadonlyMap<string, number>): Batch | undefined {
    const open = store.open();
    const over = open.find((batch) => outcomeOf(batch) !== null);
    if (over !== undefined) return over;
    const turnOf = ({ caller }: Batch) => turns.get(caller) ?? 0;
    return open.reduce<Batch | undefined>(
      (best, batch) => (best === undefined || turnOf(batch) < turnOf(best) ? batch : best),
      undefined,
    );
  }

  async function work(): Promise<void> {
    /** When each caller had its last turn: one that comes again and again waits like all others. */
    const turns = new Map<string, number>();
    for (let turn = 1; ; turn += 1) {
      const next = choose(turns);
      if (next === undefined || signal.aborted) return;
      if (outcomeOf(next) === null) turns.set(next.caller, turn);
      try {
        await runTurn(next);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        context().log.warn('a batch could not go on', { batch: next.id, reason });
        const fault = { code: 'batch_failed', message: reason, line: 0 };
        const now = { ...store.find(next.caller, next.id), faults: [fault] };
        // What was answered until then was paid.
        await finish(now, 'failed').catch(() =>
          store.save({ ...now, status: 'failed', endedAt: nowSeconds() }),
        );
      }
      if (store.find(next.caller, next.id).endedAt !== null) progress.delete(next.id);
    }
  }

  function wake(): void {
    if (working !== null || signal.aborted) return;
    working = work()
      .catch((error: unknown) => context().log.error('batches stopped', { reason: String(error) }))
      .finally(() => {
        working = null;
      });
  }

  return {
    store,
    async cancel(batch) {
      if (batch.status !== 'in_progress') return batch;
      const next: Batch = { ...batch, status: 'cancelling', cancelledAt: nowSeconds() };
      await store.save(next);
      wake();
      return next;
    },
    wake,
    async stop() {
      controller.abort();
      await working;
    },
  };
}

function statusOf(line: string): number {
  return (JSON.parse(line) as { response: { status_code: number } }).response.status_code;
}
