import {
  type AccountId,
  account,
  areBytesEqual,
  bool,
  bytes32,
  type Crypto,
  choice,
  concatBytes,
  encode,
  list,
  optional,
  struct,
  u8,
  u16,
  u64,
  utf8ToBytes,
  type ValueOf,
} from '@cairn/core';
import { defineCell } from '../state/table.ts';
import type { Overlay, StateView } from '../state/view.ts';

/** What an order is, for who has not seen it yet. */
export const sealedOrderShape = struct('SealedOrder', {
  side: choice('side', ['buy', 'sell'], u8),
  netuid: u16,
  /** Pebbles of a buyer, tokens of a seller in 1e-9; null, of a seller: all that is held when it is opened. */
  amount: optional(u64),
  /** Highest price of a buyer, lowest of a seller: pebbles for one token; null: none. */
  limitPrice: optional(u64),
  /** Least to receive for the whole: the bound on slippage. A part must bring its share. */
  minOut: u64,
  /** Whether a part is wanted when the whole cannot be had within the bounds. */
  isPartialAllowed: bool,
  /** Of a seller: the subnet whose token is bought with the proceeds in the next block, and the fewest for them. */
  nextLeg: optional(struct('SealedLeg', { netuid: u16, minOut: u64 })),
});
export type SealedOrder = ValueOf<typeof sealedOrderShape>;

export interface SealedOrderSecret {
  readonly chainId: Uint8Array;
  /** Whose order it is, so that a commitment of another is worth nothing. */
  readonly sender: AccountId;
  /** 32 random bytes that make the commitment impossible to guess. */
  readonly salt: Uint8Array;
  readonly order: SealedOrder;
}

/** SHA-256 of a tag, the chain, the account, the salt and the order in SSZ: always 32 bytes, whatever the order. */
export function sealedOrderCommitment(
  crypto: Crypto,
  { chainId, sender, salt, order }: SealedOrderSecret,
): Uint8Array {
  const tag = utf8ToBytes('cairn/sealed-order/v1');
  return crypto.sha256(concatBytes(tag, chainId, sender, salt, encode(sealedOrderShape, order)));
}

const MAX_SEALED = 4_096;

/** Bytes that the deposit of a sealed order is reckoned from. */
export const SEALED_BYTES = 96;

const sealedShape = struct('Sealed', {
  owner: account,
  commitment: bytes32,
  /** Nonce of the message that sealed it; see `orderId`. */
  nonce: u64,
  /** Pebbles that come back when it is opened, and are lost when it is not. */
  bond: u64,
  deposit: u64,
});
export type Sealed = ValueOf<typeof sealedShape>;

const openingShape = struct('Opening', {
  /** Blocks, of those in which the module is live, in which these can still be opened; 0: none are to be. */
  blocksLeft: u16,
  sealed: list(sealedShape, MAX_SEALED),
});

const openingCell = defineCell<ValueOf<typeof openingShape>>(
  'pools',
  'opening',
  openingShape,
  { blocksLeft: 0, sealed: [] },
  { isRemembered: true },
);
const waitingCell = defineCell<Sealed[]>('pools', 'sealed', list(sealedShape, MAX_SEALED), [], {
  isRemembered: true,
});

/** Sealed orders: those whose turn it is to be opened, and those that wait until these are. */
export const sealedOrders = {
  opening: (view: StateView) => openingCell.get(view),
  waiting: (view: StateView): readonly Sealed[] => waitingCell.get(view),
  add: (state: Overlay, sealed: Sealed) => waitingCell.set(state, [...waitingCell.get(state), sealed]),
  /** Takes out one that was opened. */
  remove(state: Overlay, opened: Sealed): void {
    const { blocksLeft, sealed } = openingCell.get(state);
    openingCell.set(state, { blocksLeft, sealed: sealed.filter((one) => one !== opened) });
  },
  /** A block has passed in which they could be opened, and they have others. */
  passBlock(state: Overlay): void {
    const { blocksLeft, sealed } = openingCell.get(state);
    openingCell.set(state, { blocksLeft: blocksLeft - 1, sealed });
  },
  /** Ends the turn of those that could be opened, and begins that of those that waited. */
  nextTurn(state: Overlay, blocks: bigint): void {
    const sealed = waitingCell.get(state);
    openingCell.set(state, { blocksLeft: sealed.length === 0 ? 0 : Number(blocks), sealed });
    if (sealed.length > 0) waitingCell.set(state, []);
  },
};

/** The sealed order of an account with this commitment in a list. */
export function findSealed(
  sealed: readonly Sealed[],
  owner: AccountId,
  commitment: Uint8Array,
): Sealed | undefined {
  return sealed.find((one) => areBytesEqual(one.commitment, commitment) && areBytesEqual(one.owner, owner));
}
