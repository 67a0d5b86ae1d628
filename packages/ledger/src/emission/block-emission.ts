import { type Amount, PEBBLES_PER_CAIRN, SUPPLY_CAP } from '@cairn/core';

/** Pebbles minted in a slot before the first halving. */
export const INITIAL_SLOT_EMISSION: Amount = PEBBLES_PER_CAIRN;

/**
 * Pebbles minted in one slot when `issuance` pebbles exist: the initial emission, halved each time half of
 * what was left has been issued, zero at the cap. Recycled tokens lower the issuance and so delay the next
 * halving; height plays no part. Rounds down: less than the cap can ever be issued.
 *
 * @param issuance pebbles outstanding, of CAIRN or of a subnet's own token.
 * @see docs/guide/emission.md, which names the source of e(x) = e₀ · 2^−⌊log₂(1 / (1 − x / cap))⌋
 */
export function slotEmission(
  issuance: Amount,
  initial: Amount = INITIAL_SLOT_EMISSION,
  cap: Amount = SUPPLY_CAP,
): Amount {
  if (issuance >= cap) return 0n;
  let left = cap - (issuance > 0n ? issuance : 0n);
  let emission = initial;
  while (left * 2n <= cap && emission > 0n) {
    left *= 2n;
    emission /= 2n;
  }
  return emission;
}

/**
 * Pebbles minted over several slots, each counted after the one before it.
 *
 * @param slots a block accrues at most ten, so the loop is short.
 */
export function emissionOverSlots(
  issuance: Amount,
  slots: number,
  initial: Amount = INITIAL_SLOT_EMISSION,
  cap: Amount = SUPPLY_CAP,
): Amount {
  let minted = 0n;
  for (let slot = 0; slot < slots; slot += 1) {
    const emission = slotEmission(issuance + minted, initial, cap);
    if (emission === 0n) break;
    minted += emission;
  }
  return minted;
}
