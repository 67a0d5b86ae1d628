import { bytesToHex, type Clock, type Random } from '@cairn/core';
import type { RecordStore } from '@cairn/protocol';
import { GatewayError } from '../errors.ts';
import type { BatchEndpoint, LineFault } from './batch-line.ts';

export type BatchStatus =
  | 'failed'
  | 'in_progress'
  | 'finalizing'
  | 'completed'
  | 'expired'
  | 'cancelling'
  | 'cancelled';

/** A batch as it stands. Times are seconds since 1970. */
export interface Batch {
  readonly id: string;
  readonly caller: string;
  readonly endpoint: BatchEndpoint;
  readonly inputFile: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly createdAt: number;
  readonly status: BatchStatus;
  readonly endedAt: number | null;
  readonly cancelledAt: number | null;
  readonly total: number;
  readonly completed: number;
  readonly failed: number;
  readonly outputFile: string | null;
  readonly errorFile: string | null;
  readonly faults: readonly LineFault[];
}

/** Batches and the results of their lines, as they survive a restart. */
export interface BatchStore {
  create(batch: Omit<Batch, 'id' | 'createdAt'>): Promise<Batch>;
  save(batch: Batch): Promise<void>;
  /** The newest first. */
  list(caller: string): readonly Batch[];
  /** @throws GatewayError `batch_not_found` */
  find(caller: string, id: string): Batch;
  /** Those that are not over, the oldest first. */
  open(): readonly Batch[];
  /** Keeps a line's result; `line` is its place. */
  keepLine(id: string, line: number, result: string): Promise<void>;
  line(id: string, line: number): string | null;
  dropLines(id: string, lines: number): Promise<void>;
}

const PREFIX = 'batch/';
const MOST_OPEN = 16;
/** When a batch under way may be over. */
const RETRY_MS = 60_000;
const MOST_BATCHES = 512;

export function createBatchStore(parts: {
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly random: Random;
}): BatchStore {
  const { records, clock, random } = parts;
  const batches = new Map<string, Batch>();
  const read = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  for (const key of records.keys(PREFIX)) {
    const kept = records.get(key);
    if (kept === undefined) continue;
    const batch = JSON.parse(read(kept)) as Batch;
    batches.set(batch.id, batch);
  }
  const inOrder = () => [...batches.values()].sort((one, other) => one.createdAt - other.createdAt);
  const lineKey = (id: string, line: number) => `line/${id}/${String(line).padStart(6, '0')}`;

  async function save(batch: Batch): Promise<void> {
    batches.set(batch.id, batch);
    await records.set(`${PREFIX}${batch.id}`, new TextEncoder().encode(JSON.stringify(batch)));
  }

  return {
    async create(fields) {
      const own = inOrder().filter(({ caller }) => caller === fields.caller);
      if (own.filter(isOpen).length >= MOST_OPEN) {
        throw new GatewayError(
          { code: 'too_many_requests', limit: MOST_OPEN, resetMs: RETRY_MS, position: null },
          `You have ${MOST_OPEN} batches under way, which is all at once. Wait for one or cancel it.`,
        );
      }
      const oldest = own.length >= MOST_BATCHES ? own.find((batch) => !isOpen(batch)) : undefined;
      if (oldest !== undefined) {
        batches.delete(oldest.id);
        await records.delete(`${PREFIX}${oldest.id}`);
      }
      const id = `batch_${bytesToHex(random.bytes(12))}`;
      const batch: Batch = { ...fields, id, createdAt: Math.floor(clock.nowMs() / 1000) };
      await save(batch);
      return batch;
    },
    save,
    list: (caller) =>
      inOrder()
        .filter((batch) => batch.caller === caller)
        .reverse(),
    find(caller, id) {
      const found = batches.get(id);
      if (found?.caller === caller) return found;
      throw new GatewayError(
        { code: 'batch_not_found' },
        `There is no batch ${id.slice(0, 60)} of yours here.`,
      );
    },
    open: () => inOrder().filter(isOpen),
    async keepLine(id, line, result) {
      await records.set(lineKey(id, line), new TextEncoder().encode(result));
    },
    line(id, line) {
      const kept = records.get(lineKey(id, line));
      return kept === undefined ? null : read(kept);
    },
    async dropLines(id, lines) {
      for (let line = 0; line < lines; line += 1) await records.delete(lineKey(id, line));
    },
  };
}

function isOpen({ status }: Batch): boolean {
  return status === 'in_progress' || status === 'finalizing' || status === 'cancelling';
}
