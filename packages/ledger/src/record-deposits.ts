import { type Amount, encode } from '@cairn/core';
import { KEY_BYTES, RECOVERY_BYTES } from './accounts/keys/state.ts';
import { depositOf } from './accounts/money.ts';
import { CHANNEL_BYTES } from './channels/apply/open.ts';
import { LOCK_BYTES } from './governance/locks.ts';
import { DELEGATION_BYTES, STAKE_BYTES, VOTE_BYTES } from './governance/state.ts';
import type { Parameters } from './parameters/table.ts';
import { HOLDING_BYTES } from './pools/state.ts';
import { type ModelCard, modelCardShape } from './registry/card.ts';
import { type ProviderTerms, providerTermsShape } from './registry/provider.ts';
import { MODEL_EXTRA_BYTES, PROVIDER_EXTRA_BYTES, SOLD_EXTRA_BYTES } from './registry/state.ts';
import { AUTO_STAKE_BYTES } from './staking/auto-stake.ts';
import { LENDING_BYTES } from './staking/children/state.ts';
import { KEPT_POSITION_BYTES } from './staking/kept/state.ts';
import { HOTKEY_BYTES, POSITION_BYTES } from './staking/state.ts';
import { DEPARTURE_BYTES } from './staking/unbonding/state.ts';
import { SUBNET_BYTES } from './subnets/state.ts';
import { VALIDATOR_BYTES } from './validators/state.ts';
import { CALIBRATIONS_BYTES } from './verification/state.ts';

/** Bytes that the deposit of a record is reckoned from, for those who say what a message would hold back. */
const SIZES = {
  autoStake: AUTO_STAKE_BYTES,
  calibrations: CALIBRATIONS_BYTES,
  channel: CHANNEL_BYTES,
  delegation: DELEGATION_BYTES,
  departure: DEPARTURE_BYTES,
  holding: HOLDING_BYTES,
  hotkey: HOTKEY_BYTES,
  keptPosition: KEPT_POSITION_BYTES,
  key: KEY_BYTES,
  lending: LENDING_BYTES,
  position: POSITION_BYTES,
  recovery: RECOVERY_BYTES,
  stakeLock: LOCK_BYTES,
  subnet: SUBNET_BYTES,
  validator: VALIDATOR_BYTES,
  vote: VOTE_BYTES,
} as const;

export type DepositedRecord = keyof typeof SIZES;

/**
 * The refundable deposit of a new record, in pebbles.
 *
 * @param stakes hotkeys that a vote or a delegation names.
 */
export function depositOfRecord(
  parameters: Pick<Parameters, 'depositPerByte'>,
  record: DepositedRecord,
  stakes = 0,
): Amount {
  return depositOf(parameters, SIZES[record] + STAKE_BYTES * stakes);
}

/** The refundable deposit of a provider's keys and machines, in pebbles. */
export function depositOfProvider(
  parameters: Pick<Parameters, 'depositPerByte'>,
  terms: ProviderTerms,
): Amount {
  return depositOf(parameters, encode(providerTermsShape, terms).length + PROVIDER_EXTRA_BYTES);
}

const ROYALTY_BYTES = 66;

/** The refundable deposits of a card and of its royalties, in pebbles. @param royalties how many models it pays. */
export function depositOfModel(
  parameters: Pick<Parameters, 'depositPerByte'>,
  card: ModelCard,
  royalties: number,
): Amount {
  const paid = royalties * ROYALTY_BYTES;
  const own = depositOf(parameters, encode(modelCardShape, card).length + paid + MODEL_EXTRA_BYTES);
  const sold = royalties === 0 ? 0n : depositOf(parameters, paid + SOLD_EXTRA_BYTES);
  return own + sold * BigInt(card.artifacts.length);
}
