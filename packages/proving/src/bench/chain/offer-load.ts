import { type CometClient, MAX_BATCH } from './comet-client.ts';
import type { CpuMs } from './cpu-time.ts';
import { type BenchNetwork, committedHeight } from './network.ts';
import type { Outgoing, TransactionSource } from './source.ts';

export interface Load {
  /** Transactions a second that are offered, whatever becomes of them. */
  readonly perSecond: number;
  readonly seconds: number;
  /** Not counted. */
  readonly warmUpSeconds: number;
}

export interface LoadResult {
  readonly offeredPerSecond: number;
  /** In blocks that the application committed in the counted time. */
  readonly committedPerSecond: number;
  /** From the moment it was due to be sent until its block was seen committed, milliseconds. */
  readonly latencyMs: { readonly p50: number; readonly p99: number };
  /** By the blocks' own time, milliseconds. */
  readonly blockMs: { readonly mean: number; readonly max: number };
  /** Processor time of all validators for each transaction that came into a block, with their empty blocks. */
  readonly cpuMsPerTransaction: CpuMs | null;
  /** Due, and not sent as too many were on their way. */
  readonly skipped: number;
  readonly refused: number;
  /** Not in a block when the waiting ended. */
  readonly left: number;
}

const TICK_MS = 20;
const LOOK_MS = 20;
/** What is on its way after the load is waited for this long. */
const DRAIN_MS = 30_000;

interface Sent extends Outgoing {
  readonly dueMs: number;
}

/** Offers transactions at a steady rate to all nodes in turn, whether or not they keep up, and watches the blocks. */
export async function offerLoad(
  { clients, cpuMs }: Pick<BenchNetwork, 'clients' | 'cpuMs'>,
  source: TransactionSource,
  { perSecond, seconds, warmUpSeconds }: Load,
): Promise<LoadResult> {
  const watched = clients[0]!;
  const onTheirWay = new Map<string, Sent>();
  const startMs = performance.now();
  const fromMs = startMs + warmUpSeconds * 1_000;
  const untilMs = fromMs + seconds * 1_000;
  const latencies: number[] = [];
  const times: number[] = [];
  const cpuBefore = cpuMs();
  let [committed, included, skipped, refused] = [0, 0, 0, 0];
  let failure: unknown = null;
  let isOver = false;

  function look(txs: readonly string[], nowMs: number): void {
    for (const tx of txs) {
      const sent = onTheirWay.get(tx);
      if (sent === undefined) continue;
      onTheirWay.delete(tx);
      sent.done();
      included += 1;
      if (sent.dueMs >= fromMs && sent.dueMs < untilMs) latencies.push(nowMs - sent.dueMs);
      if (nowMs >= fromMs && nowMs < untilMs) committed += 1;
    }
  }

  async function watch(): Promise<void> {
    let seen = await committedHeight(watched);
    while (!isOver) {
      const height = await committedHeight(watched);
      const nowMs = performance.now();
      for (let at = seen + 1; at <= height; at++) {
        const { block } = await watched.call<Block>('block', { height: String(at) });
        times.push(Date.parse(block.header.time));
        look(block.data.txs ?? [], nowMs);
      }
      seen = height;
      await pause(LOOK_MS);
    }
  }

  async function send(batch: readonly Sent[], client: CometClient): Promise<void> {
    const taken = await client.broadcast(batch.map(({ tx }) => tx));
    for (const [at, sent] of batch.entries()) {
      if (taken[at] === true) continue;
      refused += 1;
      if (onTheirWay.delete(sent.tx)) sent.refused();
    }
  }

  const keep = (error: unknown): void => {
    failure ??= error;
  };
  const watching = watch().catch(keep);
  const sending: Promise<void>[] = [];
  let count = 0;
  let turn = 0;
  while (performance.now() < untilMs && failure === null) {
    const due = Math.floor(((performance.now() - startMs) / 1_000) * perSecond);
    let batch: Sent[] = [];
    const hand = (): void => {
      if (batch.length > 0) sending.push(send(batch, clients[turn++ % clients.length]!).catch(keep));
      batch = [];
    };
    for (; count < due; count++) {
      const next = source.next();
      if (next === null) {
        skipped += 1;
        continue;
      }
      const sent = { ...next, dueMs: startMs + (count / perSecond) * 1_000 };
      onTheirWay.set(next.tx, sent);
      batch.push(sent);
      if (batch.length === MAX_BATCH) hand();
    }
    hand();
    await pause(TICK_MS);
  }
  await Promise.all(sending);
  const drainMs = performance.now() + DRAIN_MS;
  while (onTheirWay.size > 0 && performance.now() < drainMs && failure === null) await pause(LOOK_MS);
  isOver = true;
  await watching;
  if (failure !== null) throw failure;
  const cpuAfter = cpuMs();
  latencies.sort((a, b) => a - b);
  const intervals = times.slice(1).map((time, at) => time - times[at]!);
  return {
    offeredPerSecond: perSecond,
    committedPerSecond: committed / seconds,
    latencyMs: { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) },
    blockMs: {
      mean: intervals.reduce((sum, interval) => sum + interval, 0) / Math.max(1, intervals.length),
      max: Math.max(0, ...intervals),
    },
    cpuMsPerTransaction: share(cpuBefore, cpuAfter, included),
    skipped,
    refused,
    left: onTheirWay.size,
  };
}

interface Block {
  readonly block: {
    readonly header: { readonly time: string };
    readonly data: { readonly txs: readonly string[] | null };
  };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function share(before: CpuMs | null, after: CpuMs | null, count: number): CpuMs | null {
  if (before === null || after === null || count === 0) return null;
  return {
    application: (after.application - before.application) / count,
    consensus: (after.consensus - before.consensus) / count,
  };
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
