import {
  bytes,
  bytes32,
  bytesToHex,
  bytesToUtf8,
  type Crypto,
  decode,
  encode,
  list,
  optional,
  struct,
  utf8ToBytes,
  type ValueOf,
} from '@cairn/core';
import type { LedgerEvent, TransactionProblem, TransactionResult } from '@cairn/ledger';
import { storeCorrupt } from '../errors.ts';
import type { ChainState } from '../store/chain-state.ts';
import {
  BLOCK,
  BLOCK_HASH,
  heightKey,
  heightOfKey,
  openRecord,
  sealRecord,
  TRANSACTION,
} from '../store/records.ts';
import type { Store, StoreChange } from '../store/store.ts';
import { headerShape, sealShape } from './header.ts';

const storedBlockShape = struct('StoredBlock', {
  header: headerShape,
  hash: bytes32,
  /** The operator's vote, and the rest of what the hash covers. None under CometBFT, which keeps both. */
  seal: optional(sealShape),
  appHash: bytes32,
  txs: list(bytes(1_048_576), 262_144),
  /** JSON of `LoggedOutcome`. Not hashed by anyone else, so its form may change with the store's format. */
  outcome: bytes(1_073_741_824),
});

/** What execution said, with amounts as decimal text. */
export interface LoggedOutcome {
  readonly results: readonly LoggedResult[];
  readonly events: readonly LedgerEvent[];
}
export interface LoggedResult {
  readonly id: string;
  readonly ok: boolean;
  readonly problem: TransactionProblem | null;
  readonly fee: string;
  readonly events: readonly LedgerEvent[];
}

export type LoggedBlock = Omit<ValueOf<typeof storedBlockShape>, 'outcome'> & LoggedOutcome;

/** Where a transaction is. */
export interface TransactionPlace {
  readonly height: number;
  readonly index: number;
}

/** Every block with its outcome, by height, by hash and by transaction, in the same store as the state. */
export interface BlockLog {
  /** Adds a block with the next commit of the state. */
  stage(block: LoggedBlock): void;
  /** @throws ChainError `STORE_CORRUPT` when the record is not what was written. */
  read(height: number): LoggedBlock | null;
  /** First height that is here; that of the next block when none is. A node that began from a snapshot has no earlier. */
  oldest(): number;
  heightOfHash(hash: string): number | null;
  find(id: string): TransactionPlace | null;
}

export interface BlockLogParts {
  readonly crypto: Crypto;
  readonly store: Store;
  readonly state: Pick<ChainState, 'stageHistory' | 'meta'>;
  /** For messages. */
  readonly folder: string;
}

export function loggedResult(result: TransactionResult): LoggedResult {
  return { ...result, fee: result.fee.toString() };
}

function placeToBytes(height: number, index: number): Uint8Array {
  const place = new Uint8Array(12);
  const numbers = new DataView(place.buffer);
  numbers.setBigUint64(0, BigInt(height), true);
  numbers.setUint32(8, index, true);
  return place;
}

function placeFromBytes(place: Uint8Array): TransactionPlace {
  const numbers = new DataView(place.buffer, place.byteOffset, place.byteLength);
  return { height: Number(numbers.getBigUint64(0, true)), index: numbers.getUint32(8, true) };
}

export function createBlockLog({ crypto, store, state, folder }: BlockLogParts): BlockLog {
  function entriesOf(block: LoggedBlock): StoreChange[] {
    const { results, events, ...rest } = block;
    const height = Number(block.header.height);
    const outcome = utf8ToBytes(JSON.stringify({ results, events } satisfies LoggedOutcome));
    const record = sealRecord(crypto, encode(storedBlockShape, { ...rest, outcome }));
    const entries: StoreChange[] = [
      { key: heightKey(BLOCK, height), value: record },
      { key: BLOCK_HASH + bytesToHex(block.hash), value: placeToBytes(height, 0) },
    ];
    for (const [index, { id, ok, fee }] of results.entries()) {
      // Bytes that are no transaction have no id. One that could not run does not hide where it ran before.
      const hasRun = ok || fee !== '0';
      if (id === '' || !(hasRun || store.get(TRANSACTION + id) === undefined)) continue;
      entries.push({ key: TRANSACTION + id, value: placeToBytes(height, index) });
    }
    return entries;
  }

  return {
    stage: (block) => state.stageHistory(entriesOf(block)),
    read(height) {
      const sealed = store.get(heightKey(BLOCK, height));
      if (sealed === undefined) return null;
      const record = openRecord(crypto, sealed);
      if (record === null) throw storeCorrupt(folder, `block ${height} is not what was written`);
      const { outcome, ...rest } = decode(storedBlockShape, record);
      return { ...rest, ...(JSON.parse(bytesToUtf8(outcome)) as LoggedOutcome) };
    },
    oldest() {
      for (const key of store.keys(BLOCK)) return heightOfKey(key);
      return Number(state.meta?.height ?? 0n) + 1;
    },
    heightOfHash(hash) {
      const place = store.get(BLOCK_HASH + hash);
      return place === undefined ? null : placeFromBytes(place).height;
    },
    find(id) {
      const place = store.get(TRANSACTION + id);
      return place === undefined ? null : placeFromBytes(place);
    },
  };
}
