import type { Amount, Clock } from '@cairn/core';
import type { RecordStore, Timer } from '@cairn/protocol';
import { createSpentBefore } from './spent-before.ts';
import { bytesToRow, emptyRow, rowToBytes } from './usage-record.ts';

/** What a request used; what is left out was not used. */
export interface UsedUnits {
  readonly promptTokens?: number;
  readonly cachedTokens?: number;
  readonly completionTokens?: number;
  readonly images?: number;
  readonly audioSeconds?: number;
  /** Ids of its receipts, with who was paid what. */
  readonly receipts?: readonly UsedReceipt[];
}

export interface UsedReceipt {
  /** Hex; null while it has not come. */
  readonly receipt: string | null;
  readonly provider: string;
  readonly cost: Amount;
}

/** Who used what where. */
export interface UsageOf {
  readonly caller: string;
  readonly model: string;
  readonly endpoint: string;
}

export interface UsageRow extends UsageOf {
  /** `2026-01-31`, in UTC. */
  readonly day: string;
  readonly requests: number;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly completionTokens: number;
  readonly images: number;
  readonly audioSeconds: number;
  readonly cost: Amount;
}

export interface ReceiptRow extends UsageOf, UsedReceipt {
  readonly atMs: number;
}

/** What must be the same; what is left out may be anything. */
export interface UsageFilter {
  readonly caller?: string;
  readonly model?: string;
  readonly day?: string;
}

/** What was used, by day, caller, model and endpoint; kept for 400 days, and over restarts where there is a store. */
export interface UsageBook {
  add(of: UsageOf, cost: Amount, used: UsedUnits): void;
  /** A receipt came late: the cost of the day on which its answer was added changes. */
  correct(of: UsageOf, change: Amount, addedMs: number): void;
  spentToday(caller: string, model?: string): Amount;
  spentInAll(caller: string): Amount;
  answersOf(caller: string): number;
  /** Ascending by day, caller, model and endpoint. */
  rows(filter: UsageFilter): readonly UsageRow[];
  /** The newest first, of at most the last 10,000. */
  receipts(filter: UsageFilter, limit: number): readonly ReceiptRow[];
  /** Calls back with each caller that used something, once it is in the book. */
  watch(listener: (caller: string) => void): void;
  /** Resolves when all that was counted so far is on disk, or was told to be lost. */
  flush(): Promise<void>;
}

export interface UsageBookParts {
  readonly clock: Clock;
  /** @default in memory only */
  readonly records?: RecordStore;
  /** Lets answers share a write. @default each begins one */
  readonly timer?: Timer;
  /** Whether what a caller spent in all is known for longer than its rows. @default of all callers */
  readonly keepsSum?: (caller: string) => boolean;
  /** Told when usage was not kept. */
  readonly onLost?: (reason: string) => void;
}

const GATEWAY_USAGE = 'gateway/usage/';
const DAY_MS = 86_400_000;
const MOST_DAYS = 400;
/** Rows kept; the oldest day goes first. */
const MOST_ROWS = 50_000;
const MOST_RECEIPTS = 10_000;
/** Answers of so long share a write. What is lost with the machine's power is counts: no voucher waits for them. */
const SAVE_AFTER_MS = 20;

/** A row that is still counted up. */
export type Row = { -readonly [K in keyof UsageRow]: UsageRow[K] };

interface Sum {
  day: string;
  today: Amount;
  inAll: Amount;
  answers: number;
}

export function createUsageBook({
  clock,
  records,
  timer,
  keepsSum = () => true,
  onLost = () => undefined,
}: UsageBookParts): UsageBook {
  const rows = new Map<string, Row>();
  const before = createSpentBefore(records, keepsSum, tell);
  const sums = new Map<string, Sum>();
  const receipts: ReceiptRow[] = [];
  const unsaved = new Set<string>();
  const listeners: ((caller: string) => void)[] = [];
  /** Ends when everything was written. */
  let saving: Promise<void> | null = null;
  let isWaiting = false;
  /** Rows of today by what they count, whose keys are long to make. */
  const current = { dayNumber: -1, day: '', keys: new Map<string, string>() };

  const dayAt = (atMs: number) => new Date(atMs).toISOString().slice(0, 10);
  function today(): string {
    const nowMs = clock.nowMs();
    const dayNumber = Math.floor(nowMs / DAY_MS);
    if (dayNumber !== current.dayNumber) {
      Object.assign(current, { dayNumber, day: dayAt(nowMs) });
      current.keys.clear();
    }
    return current.day;
  }
  const keyOf = ({ day, caller, model, endpoint }: UsageOf & { readonly day: string }) =>
    [day, caller, model, endpoint].map(encodeURIComponent).join('/');

  function sumOf(name: string): Sum {
    let sum = sums.get(name);
    if (sum === undefined) {
      sum = { day: today(), today: 0n, inAll: 0n, answers: 0 };
      sums.set(name, sum);
    }
    if (sum.day !== today()) {
      sum.day = today();
      sum.today = 0n;
    }
    return sum;
  }

  function count({ caller, model }: UsageOf, cost: Amount, answers: number, isToday = true): void {
    for (const name of [caller, `${caller} ${model}`]) {
      const sum = sumOf(name);
      if (isToday) sum.today += cost;
      sum.inAll += cost;
      sum.answers += answers;
    }
  }

  function keyToday(of: UsageOf): string {
    const day = today();
    const short = `${of.caller} ${of.model} ${of.endpoint}`;
    const key = current.keys.get(short) ?? keyOf({ ...of, day });
    if (current.keys.size < MOST_ROWS) current.keys.set(short, key);
    return key;
  }

  function rowOf(of: UsageOf, day = today()): Row {
    const key = day === today() ? keyToday(of) : keyOf({ ...of, day });
    let row = rows.get(key);
    if (row === undefined) {
      row = emptyRow(of, day);
      rows.set(key, row);
      makeRoom();
    }
    unsaved.add(key);
    return row;
  }

  function makeRoom(): void {
    const oldest = dayAt(clock.nowMs() - MOST_DAYS * DAY_MS);
    for (const [key, row] of rows) {
      if (rows.size <= MOST_ROWS && row.day >= oldest) return;
      rows.delete(key);
      // In this order: what ends in between counts the row twice, and never lets more be spent.
      void before
        .add(row)
        .then(() => records?.delete(GATEWAY_USAGE + key))
        .catch(tell);
    }
  }

  function tell(error: unknown): void {
    onLost(error instanceof Error ? error.message : String(error));
  }

  /** One write at a time; what changes meanwhile is written next. */
  async function saveAll(store: RecordStore): Promise<void> {
    try {
      while (unsaved.size > 0) {
        const keys = [...unsaved];
        unsaved.clear();
        await Promise.all(
          keys.map((key) => {
            const row = rows.get(key);
            return row === undefined ? undefined : store.set(GATEWAY_USAGE + key, rowToBytes(row));
          }),
        );
      }
    } catch (error) {
      tell(error);
    }
  }

  function flush(): Promise<void> {
    if (records === undefined) return Promise.resolve();
    saving ??= saveAll(records).finally(() => {
      saving = null;
    });
    return saving;
  }

  function save(): void {
    if (timer === undefined) {
      void flush();
      return;
    }
    if (isWaiting) return;
    isWaiting = true;
    timer.schedule(SAVE_AFTER_MS, () => {
      isWaiting = false;
      void flush();
    });
  }

  function resume(): void {
    if (records === undefined) return;
    for (const [caller, spent] of before.sums) sumOf(caller).inAll = spent;
    for (const key of records.keys(GATEWAY_USAGE)) {
      const bytes = records.get(key);
      const row = bytes === undefined ? null : bytesToRow(bytes);
      if (row === null) {
        if (bytes !== undefined) onLost(`record ${key.slice(0, 200)} is not one of this version`);
        continue;
      }
      rows.set(keyOf(row), row);
      count(row, row.cost, row.requests, row.day === today());
    }
    makeRoom();
  }

  const fits = (of: UsageOf, day: string, filter: UsageFilter) =>
    (filter.caller === undefined || filter.caller === of.caller) &&
    (filter.model === undefined || filter.model === of.model) &&
    (filter.day === undefined || filter.day === day);

  resume();
  return {
    add(of, cost, used) {
      const row = rowOf(of);
      row.requests += 1;
      row.promptTokens += used.promptTokens ?? 0;
      row.cachedTokens += used.cachedTokens ?? 0;
      row.completionTokens += used.completionTokens ?? 0;
      row.images += used.images ?? 0;
      row.audioSeconds += used.audioSeconds ?? 0;
      row.cost += cost;
      count(of, cost, 1);
      const atMs = clock.nowMs();
      const { caller, model, endpoint } = of;
      for (const receipt of used.receipts ?? []) receipts.push({ ...receipt, caller, model, endpoint, atMs });
      if (receipts.length > MOST_RECEIPTS + 1_000) receipts.splice(0, receipts.length - MOST_RECEIPTS);
      for (const listener of listeners) listener(caller);
      save();
    },
    correct(of, change, addedMs) {
      const day = dayAt(addedMs);
      rowOf(of, day).cost += change;
      count(of, change, 0, day === today());
      for (const listener of listeners) listener(of.caller);
      save();
    },
    spentToday: (caller, model) => sumOf(model === undefined ? caller : `${caller} ${model}`).today,
    spentInAll: (caller) => sumOf(caller).inAll,
    answersOf: (caller) => sumOf(caller).answers,
    rows: (filter) =>
      [...rows]
        .filter(([, row]) => fits(row, row.day, filter))
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .map(([, row]) => ({ ...row })),
    receipts: (filter, limit) =>
      receipts
        .filter((row) => fits(row, dayAt(row.atMs), filter))
        .slice(-Math.min(limit, MOST_RECEIPTS))
        .reverse(),
    watch: (listener) => void listeners.push(listener),
    flush,
  };
}
