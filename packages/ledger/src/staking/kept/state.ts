import { type AccountId, bytesToHex, list, struct, u16, u64, type ValueOf } from '@cairn/core';
import { defineTable } from '../../state/table.ts';
import type { Overlay, StateView } from '../../state/view.ts';

/** Most subnets whose tokens one hotkey keeps for its root stakers; what others pay beyond is recycled. */
export const MAX_KEPT_SUBNETS = 128;

/** Bytes that the deposit of a position is reckoned from: what the longest takes. */
export const KEPT_POSITION_BYTES = 2_400;

const rateShape = struct('KeptRate', {
  netuid: u16,
  /** Tokens that one share has been given since the beginning, in 32 fractional bits. */
  rate: u64,
  /** Tokens that are held for claims, with what rounding left. */
  held: u64,
  /** Of those held what is not in the rate yet. */
  carry: u64,
});
export type KeptRate = ValueOf<typeof rateShape>;

const ratesTable = defineTable(
  'staking',
  'keptRates',
  struct('KeptRates', { rates: list(rateShape, MAX_KEPT_SUBNETS) }),
  { isRemembered: true },
);

/** Tokens kept for root stakers of a hotkey, by subnet in the order in which they first came. */
export const keptRates = {
  table: ratesTable,
  get: (view: StateView, hotkey: AccountId): readonly KeptRate[] =>
    ratesTable.get(view, bytesToHex(hotkey))?.rates ?? [],
  set: (state: Overlay, hotkey: AccountId, rates: readonly KeptRate[]) =>
    ratesTable.set(state, bytesToHex(hotkey), { rates: [...rates] }),
};

const keptPositionShape = struct('KeptPosition', {
  shares: u64,
  /** For each subnet the rate up to which `owed` was reckoned, and tokens that can be claimed. */
  claims: list(struct('KeptClaim', { netuid: u16, seen: u64, owed: u64 }), MAX_KEPT_SUBNETS),
  /** Refundable deposit of this record, paid by the coldkey. */
  deposit: u64,
});
export type KeptPosition = ValueOf<typeof keptPositionShape>;

const positionTable = defineTable('staking', 'keptPosition', keptPositionShape);
const positionId = (coldkey: AccountId, hotkey: AccountId) => `${bytesToHex(coldkey)}/${bytesToHex(hotkey)}`;

/** Root stake whose dividends are kept in tokens: `<coldkey hex>/<hotkey hex>`. */
export const keptPositions = {
  table: positionTable,
  get: (view: StateView, coldkey: AccountId, hotkey: AccountId) =>
    positionTable.get(view, positionId(coldkey, hotkey)),
  set: (state: Overlay, coldkey: AccountId, hotkey: AccountId, value: KeptPosition) =>
    positionTable.set(state, positionId(coldkey, hotkey), value),
  delete: (state: Overlay, coldkey: AccountId, hotkey: AccountId) =>
    positionTable.delete(state, positionId(coldkey, hotkey)),
};

/**
 * A position with all that its shares were given since it was last reckoned. Rounds down; what is left stays held.
 * Shares change only after this, so that nobody is given what came before.
 */
export function reckonClaims(position: KeptPosition, rates: readonly KeptRate[]): KeptPosition {
  const claims = rates.map(({ netuid, rate }) => {
    const before = position.claims.find((claim) => claim.netuid === netuid) ?? { seen: 0n, owed: 0n };
    const given = (position.shares * (rate - before.seen)) >> 32n;
    return { netuid, seen: rate, owed: before.owed + given };
  });
  return { ...position, claims };
}
