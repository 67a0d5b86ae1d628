import { accountIdToAddress, bytesToHex } from '@cairn/core';
import type { LedgerEvent } from '@cairn/ledger';
import type { BlockHeaderView, BlockView, EventView, TransactionView } from '@cairn/protocol';
import type { LoggedBlock } from '../blocks/block-log.ts';

function eventView(height: number, transaction: string | null, event: LedgerEvent): EventView {
  return { name: event.name, height, transaction, data: event.data };
}

function headerView({ header, hash }: LoggedBlock): BlockHeaderView {
  return {
    height: Number(header.height),
    timeMs: Number(header.timeMs),
    hash: bytesToHex(hash),
    previousHash: bytesToHex(header.previousHash),
    transactionsRoot: bytesToHex(header.dataHash),
    previousAppHash: bytesToHex(header.previousAppHash),
    proposer: accountIdToAddress(header.proposer),
  };
}

export function transactionView(block: LoggedBlock, index: number): TransactionView {
  const height = Number(block.header.height);
  const { id, ok, problem, fee, events } = block.results[index]!;
  return {
    id,
    height,
    index,
    bytes: bytesToHex(block.txs[index]!),
    ok,
    problem,
    fee,
    events: events.map((event) => eventView(height, id, event)),
  };
}

export function blockView(block: LoggedBlock): BlockView {
  const height = Number(block.header.height);
  return {
    header: headerView(block),
    appHash: bytesToHex(block.appHash),
    transactions: block.results.map((_, index) => transactionView(block, index)),
    events: block.events.map((event) => eventView(height, null, event)),
  };
}

/** All events of a block in the order they happened, then the event of the block itself. */
export function blockEvents(block: LoggedBlock): EventView[] {
  const height = Number(block.header.height);
  return [
    ...block.results.flatMap(({ id, events }) => events.map((event) => eventView(height, id, event))),
    ...block.events.map((event) => eventView(height, null, event)),
    {
      name: 'chain.committed',
      height,
      transaction: null,
      data: {
        hash: bytesToHex(block.hash),
        appHash: bytesToHex(block.appHash),
        timeMs: Number(block.header.timeMs),
        transactions: block.txs.length,
      },
    },
  ];
}
