import type { ColumnType, Generated } from 'kysely';
import type { Place } from './place.ts';

/** Where an account's money is. `payout`: paid for the account, to itself or to the coldkey that owns it. */
export const PURSES = ['free', 'staked', 'channel', 'payout'] as const;
export type Purse = (typeof PURSES)[number];

/** What something of a subnet costs. `burn`: a registration. `lock`: the subnet. `pool`: its token. */
export const PRICE_KINDS = ['burn', 'lock', 'pool'] as const;
export type PriceKind = (typeof PRICE_KINDS)[number];

/**
 * Pebbles, or the smallest unit of a subnet's token. A 64-bit integer in both databases, which is more than the cap
 * of 2.1 × 10^16; read as text, because a double is too small.
 */
type AmountColumn = ColumnType<unknown, bigint, never>;

/** How far the index has come, in one row. It is written with the rows it speaks of, in one transaction. */
interface ProgressTable {
  readonly id: Generated<number>;
  readonly version: number;
  readonly chain_id: string;
  /** Last indexed height; 0 before the first. */
  readonly height: number;
  /** Hash of that block; empty at height 0. */
  readonly hash: string;
}

interface BlocksTable {
  readonly height: number;
  readonly hash: string;
  readonly app_hash: string;
  readonly time_ms: number;
  readonly proposer: string;
  readonly transactions: number;
  readonly events: number;
}

interface TransactionsTable {
  readonly place: Place;
  /** Hex; empty when the bytes were not a transaction. */
  readonly id: string;
  /** Null when the bytes were not a transaction, as all that comes from them. */
  readonly sender: string | null;
  readonly nonce: AmountColumn | null;
  readonly message: string | null;
  /** 1: done. 0: refused. */
  readonly ok: number;
  /** Code of the refusal. */
  readonly code: string | null;
  readonly fee: AmountColumn;
  readonly tip: AmountColumn | null;
  readonly size_bytes: number;
}

interface EventsTable {
  readonly place: Place;
  readonly transaction_id: string | null;
  readonly module: string;
  readonly name: string;
  /** JSON. */
  readonly data: string;
}

/** Which accounts an event names. */
interface EventAccountsTable {
  readonly account: string;
  readonly place: Place;
  readonly name: string;
}

/** Which subnets an event names. */
interface EventSubnetsTable {
  readonly netuid: number;
  readonly place: Place;
  readonly name: string;
}

/** Money that an event or a fee moved, one row for each account and purse. */
interface FlowsTable {
  readonly place: Place;
  /** Tells the rows of one place apart. */
  readonly leg: number;
  readonly account: string;
  readonly purse: Purse;
  /** Subnet whose token it is; 0: CAIRN. */
  readonly token: number;
  readonly kind: string;
  /** Negative when it left. */
  readonly amount: AmountColumn;
  /** Sum of the flows of this account, purse and token up to this one. */
  readonly balance: AmountColumn;
  readonly counterparty: string | null;
}

interface PricesTable {
  readonly netuid: number;
  readonly kind: PriceKind;
  readonly place: Place;
  readonly amount: AmountColumn;
}

/** Emission paid at epochs and to proposers. */
interface PayTable {
  readonly place: Place;
  /** Null for what a proposer earns. */
  readonly netuid: number | null;
  readonly uid: number | null;
  readonly hotkey: string | null;
  readonly coldkey: string | null;
  readonly kind: string;
  readonly amount: AmountColumn;
}

/** What happened to payment channels. Receipts stay off the ledger; claims are where they reach it. */
interface ChannelMovesTable {
  readonly place: Place;
  readonly channel: string;
  readonly payer: string;
  readonly payee: string;
  readonly netuid: number;
  readonly kind: string;
  readonly amount: AmountColumn;
  readonly burned: AmountColumn;
}

/** The tables, for the query builder. Both databases have the same. */
export interface Tables {
  readonly progress: ProgressTable;
  readonly blocks: BlocksTable;
  readonly transactions: TransactionsTable;
  readonly events: EventsTable;
  readonly event_accounts: EventAccountsTable;
  readonly event_subnets: EventSubnetsTable;
  readonly flows: FlowsTable;
  readonly prices: PricesTable;
  readonly pay: PayTable;
  readonly channel_moves: ChannelMovesTable;
}

/** Tables whose rows have a place, so that history can be cut back at a height. */
export const PLACED_TABLES = [
  'transactions',
  'events',
  'event_accounts',
  'event_subnets',
  'flows',
  'prices',
  'pay',
  'channel_moves',
] as const satisfies readonly (keyof Tables)[];
