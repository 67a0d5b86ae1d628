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
export { choice, list, optional, type StructOf, struct } from './codec/compound.ts';
export { decode, encode, type JsonSchema, type Shape, type ValueOf } from './codec/shape.ts';
export { CairnError, CoreError, type CoreProblem, type Problem } from './errors.ts';
export type { CancelSignal, Clock, Crypto, LogData, Logger, Metrics, Random } from './ports.ts';
