import {
  accountIdOf,
  accountIdToAddress,
  areBytesEqual,
  type Crypto,
  compareBytes,
  SUPPLY_CAP,
} from '@cairn/core';
import { LedgerError } from '../errors.ts';
import type { Overlay } from '../state/view.ts';
import { PEBBLES_PER_POWER, rosterCell, type Validator } from './state.ts';

/** A validator that votes from the start, until stake takes its place. */
export interface GenesisValidator {
  readonly publicKey: Uint8Array;
  readonly account: Uint8Array;
  readonly power: bigint;
}

/**
 * Seats the validators of genesis. Their power is no stake: it is on nobody's account, cannot be moved, and only falls.
 *
 * @throws LedgerError `GENESIS_INVALID` for a key that is named twice, a zero power, or more than all the CAIRN there can be
 */
export function seatGenesisValidators(
  state: Overlay,
  crypto: Crypto,
  named: readonly GenesisValidator[],
): void {
  const validators = named
    .map(({ publicKey, account, power }): Validator => {
      const id = accountIdOf(crypto, 'ed25519', publicKey);
      if (power === 0n)
        throw invalid('empty power', `Validator ${accountIdToAddress(id)} has no power. Remove it.`);
      const entry = { id, publicKey, origin: 'genesis', account, granted: power } as const;
      return { ...entry, power, isLeaving: false, deposit: 0n };
    })
    .sort((a, b) => compareBytes(a.id, b.id));
  const twin = validators.find(({ id }, index) => index > 0 && areBytesEqual(id, validators[index - 1]!.id));
  if (twin !== undefined)
    throw invalid('validator repeated', `Validator ${accountIdToAddress(twin.id)} is named twice. Keep one.`);
  const bootstrapLeft = validators.reduce((total, { granted }) => total + granted, 0n);
  const most = SUPPLY_CAP / PEBBLES_PER_POWER;
  if (bootstrapLeft > most)
    throw invalid(
      'power',
      `Validators have a power of ${bootstrapLeft}; at most ${most} could ever be staked.`,
    );
  rosterCell.set(state, { validators, bootstrapLeft, updatedSlot: 0n });
}

const invalid = (reason: string, message: string) =>
  new LedgerError({ code: 'GENESIS_INVALID', reason }, message);
