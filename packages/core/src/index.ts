/**
 * Bytes, codec, keys, fixed-point numbers, sparse Merkle tree, ids and errors.
 *
 * @module
 */
export {
  type AccountId,
  ADDRESS_PREFIX,
  type Address,
  accountIdOf,
  accountIdToAddress,
  addressToAccountId,
  SIGNATURE_SCHEMES,
  type SignatureScheme,
} from './address.ts';
export {
  type Amount,
  formatAmount,
  mulDiv,
  mulDivUp,
  PEBBLES_PER_CAIRN,
  parseAmount,
  SUPPLY_CAP,
} from './amount.ts';
export {
  areBytesEqual,
  bytesToHex,
  bytesToUtf8,
  compareBytes,
  concatBytes,
  hexToBytes,
  u64ToBytes,
  utf8ToBytes,
} from './bytes.ts';
export { account, bool, bytes, bytes32, fixedBytes, text, u8, u16, u32, u64 } from './codec/basic.ts';
export { choice, list, optional, type StructOf, struct, withDefault } from './codec/compound.ts';
export { decode, encode, type JsonSchema, type Shape, type ValueOf } from './codec/shape.ts';
export { isEd25519InputAllowed, isEd25519KeyAllowed } from './crypto/ed25519-rule.ts';
export { assertPairs } from './crypto/hash-pairs.ts';
export { isP256InputAllowed, isP256KeyAllowed, lowerP256Signature } from './crypto/p256-rule.ts';
export { createPureCrypto } from './crypto/pure-crypto.ts';
export { verifyConsensusVote } from './crypto/zip215.ts';
export { CairnError, CoreError, type CoreProblem, type Problem } from './errors.ts';
export { expFixed, sigmoid } from './fixed/exp.ts';
export {
  div,
  divSigned,
  FIXED_HALF,
  FIXED_ONE,
  fixedFromInteger,
  fixedFromRatio,
  fixedShareOf,
  fixedToU16,
  mul,
  mulSigned,
  mulUp,
  mulWide,
  U16_MAX,
  u16ToFixed,
} from './fixed/i32f32.ts';
export {
  clipColumns,
  columnSums,
  createFixedMatrix,
  type FixedMatrix,
  fromU16Proportions,
  interpolate,
  movingAverage,
  normalizeColumns,
  normalizeRows,
  rowSums,
  scaleRows,
  upscaleColumns,
  weightedColumnSums,
  weightedRowSums,
} from './fixed/matrix.ts';
export { weightedMedian, weightedMedianColumns } from './fixed/median.ts';
export {
  complement,
  maxUpscaleToU16,
  maxUpscaleWeights,
  mulVectors,
  normalize,
  normalizeBy,
  proportionsOf,
  sumFixed,
} from './fixed/vector.ts';
export {
  type Authorization,
  authorizationAccount,
  authorizationShape,
  verifyAuthorization,
} from './keys/authorization.ts';
export { derToP256Signature } from './keys/der.ts';
export { assertEd25519SecretKey, authorize, createEd25519Signer, type Signer } from './keys/signer.ts';
export {
  verifyWebauthn,
  type WebauthnAssertion,
  webauthnAssertionShape,
  webauthnChallenge,
} from './keys/webauthn.ts';
export { nearestName } from './nearest-name.ts';
export type { CancelSignal, Clock, Crypto, LogData, Logger, Metrics, Random } from './ports.ts';
export { BEACON_KEY_BYTES, MAX_ROUND, PULSE_BYTES } from './timelock/points.ts';
export { type BeaconSigner, createBeaconSigner, isBeaconKeyAllowed, verifyPulse } from './timelock/pulse.ts';
export {
  openWithPulse,
  sealToRound,
  TIMELOCK_OVERHEAD_BYTES,
  TIMELOCK_RANDOM_BYTES,
} from './timelock/timelock.ts';
export { EMPTY_ROOT, hashStateKey } from './tree/hashing.ts';
export { type StateProof, stateProof, verifyStateProof } from './tree/proof.ts';
export {
  createSparseMerkleTree,
  type SparseMerkleTree,
  type SparseMerkleTreeOptions,
} from './tree/sparse-merkle-tree.ts';
