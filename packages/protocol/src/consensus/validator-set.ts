import { bytes32, type Crypto, compareBytes, struct, u64, type ValueOf } from '@cairn/core';
import { merkleRoot } from './merkle.ts';
import { createProtoWriter } from './proto-writer.ts';

/** Who votes: an ed25519 key and its power. */
export const consensusValidatorShape = struct('ConsensusValidator', { publicKey: bytes32, power: u64 });
export type ConsensusValidator = ValueOf<typeof consensusValidatorShape>;

/** Bytes of an address of CometBFT. */
const ADDRESS_BYTES = 20;

/** By what CometBFT names a key: the first 20 bytes of its hash. */
export function consensusAddress(crypto: Crypto, publicKey: Uint8Array): Uint8Array {
  return crypto.sha256(publicKey).slice(0, ADDRESS_BYTES);
}

/** The order of a set: most power first, then by address. */
export function sortValidators(
  crypto: Crypto,
  validators: readonly ConsensusValidator[],
): ConsensusValidator[] {
  return validators
    .map((validator) => ({ validator, address: consensusAddress(crypto, validator.publicKey) }))
    .sort((a, b) =>
      a.validator.power === b.validator.power
        ? compareBytes(a.address, b.address)
        : a.validator.power > b.validator.power
          ? -1
          : 1,
    )
    .map(({ validator }) => validator);
}

/** Hash of a set in its order, as headers name it. @see CometBFT v0.38 types/validator_set.go, Hash */
export function validatorsHash(crypto: Crypto, validators: readonly ConsensusValidator[]): Uint8Array {
  return merkleRoot(
    crypto,
    validators.map(({ publicKey, power }) =>
      createProtoWriter()
        .message(1, createProtoWriter().bytes(1, publicKey).finish())
        .varint(2, power)
        .finish(),
    ),
  );
}
