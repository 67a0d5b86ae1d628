import { accountIdToAddress, bytesToHex, type Logger } from '@cairn/core';
import type { EventValue } from '@cairn/ledger';
import type { BlockView, EventFilter, EventView, LedgerReader, TransactionView } from '@cairn/protocol';

/** The same number gives the same account. */
export function anAddress(number: number): string {
  return accountIdToAddress(new Uint8Array(32).fill(number));
}

export const hash = (number: number, salt = 0): string =>
  bytesToHex(Uint8Array.of(salt, number >> 16, number >> 8, number, ...new Uint8Array(28).fill(7)));

const CHAIN_ID = 'c1'.repeat(32);

/** An event without its height and transaction. */
export type Said = readonly [name: string, data: Readonly<Record<string, EventValue>>];

export interface BlockOptions {
  /** Events of each transaction. */
  readonly transactions?: readonly (readonly Said[])[];
  readonly events?: readonly Said[];
  /** Changes the hash of this block. */
  readonly salt?: number;
  readonly previousSalt?: number;
}

export function aBlock(height: number, options: BlockOptions = {}): BlockView {
  const { transactions = [], events = [], salt = 0, previousSalt = 0 } = options;
  const view = (transaction: string | null, [name, data]: Said): EventView => ({
    name,
    height,
    transaction,
    data,
  });
  return {
    header: {
      height,
      timeMs: 1_700_000_000_000 + height * 1_000,
      hash: hash(height, salt),
      previousHash: height === 1 ? '00'.repeat(32) : hash(height - 1, previousSalt),
      transactionsRoot: '',
      previousAppHash: '',
      proposer: anAddress(9),
    },
    appHash: hash(height, 9),
    transactions: transactions.map((said, index): TransactionView => {
      const id = hash(height * 100 + index, 1);
      const events = said.map((each) => view(id, each));
      return { id, height, index, bytes: 'ff', ok: true, problem: null, fee: '0', events };
    }),
    events: events.map((each) => view(null, each)),
  };
}

/** A ledger whose blocks a test writes. */
export function createWrittenChain(blocks: BlockView[] = [], chainId = CHAIN_ID) {
  const waiting = new Set<() => void>();
  const reads = { blocks: 0 };
  const notNeeded = () => Promise.reject(new Error('the index does not need this'));
  const ledger: LedgerReader = {
    chainId,
    query: notNeeded,
    transaction: notNeeded,
    proof: notNeeded,
    lightBlock: notNeeded,
    async status() {
      const last = blocks.at(-1);
      return {
        ...{ chainId, name: 'written', kind: 'local', engine: 'solo' },
        height: last?.header.height ?? 0,
        oldestBlock: 1,
        timeMs: 0,
        blockHash: last?.header.hash ?? '',
        ...{ appHash: '', waiting: 0, waitingBytes: 0, stateKeys: 0 },
      };
    },
    async block(at) {
      reads.blocks += 1;
      return blocks.find(({ header }) => header.height === at) ?? null;
    },
    async *events({ from = 1, signal }: EventFilter = {}) {
      for (let height = from; ; height++) {
        while (blocks.length < height) {
          if (signal?.aborted) return;
          await new Promise<void>((resolve) => {
            waiting.add(resolve);
            signal?.addEventListener('abort', () => resolve(), { once: true });
          });
        }
        if (signal?.aborted) return;
        yield { name: 'chain.committed', height, transaction: null, data: {} };
      }
    },
  };
  return {
    ledger,
    blocks,
    reads,
    push(...more: BlockView[]) {
      blocks.push(...more);
      for (const wake of waiting) wake();
      waiting.clear();
    },
  };
}

export function aLog(): Logger {
  const log: Logger = {
    error: () => undefined,
    warn: () => undefined,
    info: () => undefined,
    debug: () => undefined,
    child: () => log,
  };
  return log;
}
