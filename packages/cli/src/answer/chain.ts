import type { BlockView, LedgerStatus, TransactionView } from '@cairn/protocol';
import type { Connection } from '../connect.ts';
import { askNode } from './ask-node.ts';
import {
  asAmount,
  asBool,
  asCount,
  asHex,
  asIs,
  asList,
  asNullable,
  asNumber,
  asObject,
  asRecord,
  asText,
} from './checks.ts';

const asChainStatus = asIs<LedgerStatus>(
  asObject({
    chainId: asHex,
    name: asText,
    kind: asText,
    engine: asText,
    height: asCount,
    oldestBlock: asCount,
    timeMs: asNumber,
    blockHash: asText,
    appHash: asText,
    waiting: asCount,
    waitingBytes: asCount,
    stateKeys: asCount,
  }),
);

export const fetchChainStatus = (connection: Connection): Promise<LedgerStatus> =>
  askNode(connection, 'chain_status', {}, asChainStatus);

export interface Supply {
  readonly issuance: string;
  readonly cap: string;
  readonly circulating: string;
  readonly staked: string;
}

const asSupply = asIs<Supply>(
  asObject({ issuance: asAmount, cap: asAmount, circulating: asAmount, staked: asAmount }),
);

export const fetchSupply = (connection: Connection): Promise<Supply> =>
  askNode(connection, 'emission_supply', {}, asSupply);

const asEvents = asList(asObject({ name: asText, data: asRecord }));

const asTransaction = asIs<TransactionView>(
  asObject({
    id: asText,
    height: asCount,
    index: asCount,
    bytes: asHex,
    ok: asBool,
    problem: asNullable(asObject({ code: asText, message: asText })),
    fee: asAmount,
    events: asEvents,
  }),
);

/** A transaction that is in a block; null when none has it. */
export const findTransaction = (connection: Connection, id: string): Promise<TransactionView | null> =>
  askNode(connection, 'chain_transaction', { id }, asNullable(asTransaction));

const asBlock = asIs<BlockView>(
  asObject({
    header: asObject({
      height: asCount,
      timeMs: asNumber,
      hash: asText,
      proposer: asText,
      previousHash: asText,
    }),
    appHash: asText,
    transactions: asList(asTransaction),
    events: asEvents,
  }),
);

/** A block by its height or hash, without either the latest; null when there is none. */
export const findBlock = (connection: Connection, at?: number | string): Promise<BlockView | null> =>
  askNode(connection, 'chain_block', at === undefined ? {} : { at }, asNullable(asBlock));
