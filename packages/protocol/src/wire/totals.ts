import { areBytesEqual, compareBytes } from '@cairn/core';
import { MAX_CHANNEL_ARTIFACTS, type Voucher } from '@cairn/ledger';

/** Pebbles by artifact, ascending by artifact: what a voucher's `cumulative` is made of. */
export type ArtifactTotals = Voucher['totals'];

/** Totals with `amount` more for an artifact; null when that would be one artifact too many. */
export function addToTotals(
  totals: ArtifactTotals,
  amount: bigint,
  artifact: Uint8Array,
): ArtifactTotals | null {
  if (amount === 0n) return totals;
  const at = totals.findIndex((total) => areBytesEqual(total.artifact, artifact));
  if (at >= 0) return totals.with(at, { artifact, amount: (totals[at]?.amount ?? 0n) + amount });
  if (totals.length >= MAX_CHANNEL_ARTIFACTS) return null;
  return [...totals, { artifact, amount }].sort((one, other) => compareBytes(one.artifact, other.artifact));
}

export function areTotalsEqual(one: ArtifactTotals, other: ArtifactTotals): boolean {
  return (
    one.length === other.length &&
    one.every(
      ({ artifact, amount }, index) =>
        amount === other[index]?.amount && areBytesEqual(artifact, other[index].artifact),
    )
  );
}

/** True when no artifact of `before` has less in `after`. */
export function doTotalsGrow(before: ArtifactTotals, after: ArtifactTotals): boolean {
  return before.every(({ artifact, amount }) =>
    after.some((next) => areBytesEqual(next.artifact, artifact) && next.amount >= amount),
  );
}
