import {
  type AccountId,
  account,
  areBytesEqual,
  bool,
  bytes32,
  choice,
  concatBytes,
  list,
  struct,
  u8,
  u64,
  utf8ToBytes,
  type ValueOf,
} from '@cairn/core';
import { defineCell } from '../state/table.ts';
import type { StateView } from '../state/view.ts';

/** Pebbles of stake behind one unit of voting power: a thousandth of a CAIRN. */
export const PEBBLES_PER_POWER = 1_000_000n;

/** Most validators that genesis names, and most entries of the roster. */
export const MAX_GENESIS_VALIDATORS = 100;
const MAX_ROSTER = 356;

/** Bytes that the deposit of an entry is reckoned from. */
export const VALIDATOR_BYTES = 122;

const validatorShape = struct('Validator', {
  /** Account of the consensus key: what a block names as its proposer. */
  id: account,
  /** The ed25519 key that votes. Separate from every wallet. */
  publicKey: bytes32,
  /** `genesis`: power granted for the start, backed by nothing. `stake`: power of a hotkey's stake. */
  origin: choice('origin', ['genesis', 'stake'], u8),
  /** Of `genesis`: who is paid. Of `stake`: the hotkey. */
  account,
  /** Power that genesis granted, before decay; 0 of `stake`. */
  granted: u64,
  /** Power in force. */
  power: u64,
  /** Whether its power is on the way to zero, after which the entry goes. */
  isLeaving: bool,
  /** Refundable deposit of this entry, in pebbles, paid by the hotkey; 0 of `genesis`. */
  deposit: u64,
});
export type Validator = ValueOf<typeof validatorShape>;

const rosterShape = struct('Roster', {
  /** Ascending by id. */
  validators: list(validatorShape, MAX_ROSTER),
  /** Power granted in genesis that no stake has replaced yet. It never rises. */
  bootstrapLeft: u64,
  /** Slot of the latest update of the set. */
  updatedSlot: u64,
});
export type Roster = ValueOf<typeof rosterShape>;

/** Who votes on blocks, and who would with more stake. */
export const rosterCell = defineCell<Roster>(
  'validators',
  'roster',
  rosterShape,
  { validators: [], bootstrapLeft: 0n, updatedSlot: 0n },
  { isRemembered: true },
);

export const isRosterFull = ({ validators }: Roster): boolean => validators.length >= MAX_ROSTER;

/** The validator that a block names as its proposer; undefined when it has no power. */
export function proposerOf(view: StateView, id: AccountId): Validator | undefined {
  const found = rosterCell.get(view).validators.find((entry) => areBytesEqual(entry.id, id));
  return found !== undefined && found.power > 0n ? found : undefined;
}

/** What a consensus key signs to say that it votes for a hotkey. */
export function validatorSignBytes(chainId: Uint8Array, hotkey: AccountId): Uint8Array {
  return concatBytes(utf8ToBytes('cairn/validator/v1'), chainId, hotkey);
}
