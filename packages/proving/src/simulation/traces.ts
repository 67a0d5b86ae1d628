import { areBytesEqual, bytesToHex, type Crypto } from '@cairn/core';
import {
  accounts,
  agendaCell,
  type BlockInput,
  createOverlay,
  type Ledger,
  parseTransaction,
  proposerPayee,
  type StateView,
  supplyCell,
} from '@cairn/ledger';

/**
 * What a transaction that fails leaves behind besides its fee, its tip and its nonce: null when nothing.
 * Compares a block of it alone with an empty block on the same state.
 */
export function traceOfFailure(
  crypto: Crypto,
  ledger: Ledger,
  state: StateView,
  block: BlockInput,
  tx: Uint8Array,
): string | null {
  const view = withoutScheduled(state);
  const { results, changes } = ledger.apply(view, { ...block, txs: [tx] });
  const [result] = results;
  if (result === undefined || result.ok) return null;
  if (result.events.length > 0) return `${result.problem?.code} reported ${result.events[0]!.name}`;
  const empty = new Map(
    ledger.apply(view, { ...block, txs: [] }).changes.map(({ key, value }) => [key, value]),
  );
  const read = parseTransaction(crypto, tx);
  const isAllowed = new Set<string>();
  if (read.ok && result.fee > 0n) {
    const { sender } = read.parsed.transaction.body;
    for (const id of [sender, proposerPayee(view, block.proposer)])
      isAllowed.add(accounts.table.prefix + bytesToHex(id));
    isAllowed.add(supplyCell.key);
  }
  for (const { key, value } of changes) {
    const other = empty.get(key);
    empty.delete(key);
    const isSame =
      other !== undefined &&
      (value === null ? other === null : other !== null && areBytesEqual(value, other));
    if (!isSame && !isAllowed.has(key)) return `${result.problem?.code} changed ${key}`;
  }
  for (const key of empty.keys()) return `${result.problem?.code} kept ${key} from changing`;
  return null;
}

/** The state with its scheduled calls far ahead: what a fee leaves may decide how one of them ends. */
function withoutScheduled(view: StateView): StateView {
  const overlay = createOverlay(view);
  agendaCell.set(overlay, { ...agendaCell.get(view), nextSlot: 1n << 62n });
  return overlay;
}
