import { accountIdToAddress, CairnError, decode, hexToBytes } from '@cairn/core';
import { MODULES, transaction } from '@cairn/ledger';
import type { BlockView, EventView, TransactionView } from '@cairn/protocol';
import type { Insertable } from 'kysely';
import { PLACES_PER_BLOCK, type Place, placeOf } from '../database/place.ts';
import type { Tables } from '../database/tables.ts';
import { IndexError } from '../errors.ts';
import { readEvent } from './event-reader.ts';
import { mentionsOf } from './mentions.ts';
import { CAIRN, type ProjectedRow } from './row.ts';
import { PROJECTIONS } from './table.ts';

/** A flow before it is known what was there. */
export type FlowRow = Omit<Insertable<Tables['flows']>, 'balance'>;

/** All rows of a block or of several, by table. They come from the blocks alone. */
export type BlockRows = {
  readonly [T in Exclude<keyof Tables, 'progress' | 'flows'>]: Insertable<Tables[T]>[];
} & { readonly flows: FlowRow[] };

export function noRows(): BlockRows {
  return {
    blocks: [],
    transactions: [],
    events: [],
    event_accounts: [],
    event_subnets: [],
    flows: [],
    prices: [],
    pay: [],
    channel_moves: [],
  };
}

/**
 * Adds the rows of a block. The same block gives the same rows: places are counted through the block, each
 * transaction before its events, the events of the block itself last.
 *
 * @throws IndexError `INDEX_EVENT_MALFORMED`, `INDEX_BLOCK_TOO_FULL`
 */
export function addBlockRows(rows: BlockRows, block: BlockView): void {
  const { header, transactions, events } = block;
  const { height } = header;
  let position = 0;
  const nextPlace = (): Place => placeOf(height, position++);
  for (const each of transactions) {
    addTransaction(rows, nextPlace(), each);
    for (const event of each.events) addEvent(rows, nextPlace(), event);
  }
  for (const event of events) addEvent(rows, nextPlace(), event);
  if (position > PLACES_PER_BLOCK) throw tooFull(height, position);
  rows.blocks.push({
    height,
    hash: header.hash,
    app_hash: block.appHash,
    time_ms: header.timeMs,
    proposer: header.proposer,
    transactions: transactions.length,
    events: position - transactions.length,
  });
}

function tooFull(height: number, places: number): IndexError {
  return new IndexError(
    { code: 'INDEX_BLOCK_TOO_FULL', height, places },
    `Block ${height} has ${places} transactions and events; the index numbers at most ${PLACES_PER_BLOCK}.`,
  );
}

const MESSAGE_NAMES = new Map(
  MODULES.flatMap((module) => module.messages.map(({ id, name }) => [id, name] as const)),
);

/** What the bytes say, or null when they are not a transaction: such a one stands in its block as refused. */
function decodeBody(hex: string) {
  try {
    return decode(transaction, hexToBytes(hex)).body;
  } catch (error) {
    if (error instanceof CairnError) return null;
    throw error;
  }
}

function addTransaction(rows: BlockRows, place: Place, view: TransactionView): void {
  const body = decodeBody(view.bytes);
  const sender = body === null ? null : accountIdToAddress(body.sender);
  const fee = BigInt(view.fee);
  rows.transactions.push({
    place,
    id: view.id,
    sender,
    nonce: body === null ? null : clamp(body.nonce),
    message: body === null ? null : (MESSAGE_NAMES.get(body.messageId) ?? `#${body.messageId}`),
    ok: view.ok ? 1 : 0,
    code: view.problem?.code ?? null,
    fee,
    tip: body === null ? null : clamp(body.tip),
    size_bytes: view.bytes.length / 2,
  });
  if (sender === null || fee === 0n) return;
  const moved = { account: sender, purse: 'free', token: CAIRN, amount: -fee } as const;
  rows.flows.push({ place, leg: 0, ...moved, kind: 'fee', counterparty: null });
}

/** A refused transaction may state any 64-bit number; the columns are signed. */
function clamp(value: bigint): bigint {
  const most = 2n ** 63n - 1n;
  return value > most ? most : value;
}

function addEvent(rows: BlockRows, place: Place, event: EventView): void {
  const { name } = event;
  rows.events.push({
    place,
    transaction_id: event.transaction,
    module: name.split('.')[0]!,
    name,
    data: JSON.stringify(event.data),
  });
  const { accounts, netuids } = mentionsOf(event);
  for (const account of accounts) rows.event_accounts.push({ account, place, name });
  for (const netuid of netuids) rows.event_subnets.push({ netuid, place, name });
  if (!Object.hasOwn(PROJECTIONS, name)) return;
  let leg = 0;
  for (const row of PROJECTIONS[name]!(readEvent(event))) addProjected(rows, place, row, leg++);
}

function addProjected(rows: BlockRows, place: Place, row: ProjectedRow, leg: number): void {
  switch (row.table) {
    case 'flows': {
      const { table: _, ...flow } = row;
      rows.flows.push({ place, leg, ...flow });
      break;
    }
    case 'prices': {
      const { table: _, ...price } = row;
      rows.prices.push({ place, ...price });
      break;
    }
    case 'pay': {
      const { table: _, ...pay } = row;
      rows.pay.push({ place, ...pay });
      break;
    }
    case 'channel_moves': {
      const { table: _, ...move } = row;
      rows.channel_moves.push({ place, ...move });
      break;
    }
  }
}
