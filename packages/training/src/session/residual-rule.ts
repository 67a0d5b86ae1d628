import { bytesToHex } from '@cairn/core';
import type { PaidRoundView } from '@cairn/protocol';

/** What an update has to add to its own change: nothing, what the list of this id (hex) says, or what nobody knows any more. */
export type Residual =
  | { readonly kind: 'none' }
  | { readonly kind: 'list'; readonly id: string }
  | { readonly kind: 'forgotten' };

const NOTHING = '0'.repeat(64);

/**
 * What a seat left unsent in the round before is part of its next update, and nothing older: so everybody knows what
 * an update has to be made of, from the ledger alone.
 *
 * @param before the round before; null when the ledger has none of it.
 */
export function residualOf(before: PaidRoundView | null, seat: number): Residual {
  if (before === null || before.isVoid) return { kind: 'none' };
  const place = before.lines.findIndex((line) => line.seat === seat);
  if (place === -1 || ((before.committed[place >> 3] ?? 0) & (1 << (place & 7))) === 0)
    return { kind: 'none' };
  const known = before.updates.find((each) => each.place === place);
  if (known === undefined) return { kind: 'forgotten' };
  const id = bytesToHex(known.update.residualRoot);
  return id === NOTHING ? { kind: 'none' } : { kind: 'list', id };
}
