import {
  BooleanType,
  ByteListType,
  ByteVectorType,
  type Type,
  UintBigintType,
  UintNumberType,
} from '@chainsafe/ssz';
import { accountIdToAddress, addressToAccountId } from '../address.ts';
import { bytesToHex, bytesToUtf8, hexToBytes, utf8ToBytes } from '../bytes.ts';
import { hasInvisibleCharacters } from './invisible.ts';
import { mismatch, type Shape } from './shape.ts';

function uint(name: string, bytes: 1 | 2 | 4, max: number): Shape<number> {
  const check = (value: unknown): number => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > max) {
      throw mismatch(name, `a whole number from 0 to ${max}`);
    }
    return value;
  };
  return {
    name,
    ssz: new UintNumberType(bytes) as Type<unknown>,
    toRaw: check,
    fromRaw: check,
    toJson: (value) => value,
    fromJson: check,
    schema: { type: 'integer', minimum: 0, maximum: max },
  };
}

export const u8: Shape<number> = uint('u8', 1, 0xff);
export const u16: Shape<number> = uint('u16', 2, 0xffff);
export const u32: Shape<number> = uint('u32', 4, 0xffff_ffff);

const U64_MAX = 0xffff_ffff_ffff_ffffn;

/** Unsigned 64 bit as bigint; decimal text in JSON. Amounts, slots and nonces. */
export const u64: Shape<bigint> = {
  name: 'u64',
  ssz: new UintBigintType(8) as Type<unknown>,
  toRaw(value) {
    if (typeof value !== 'bigint' || value < 0n || value > U64_MAX)
      throw mismatch('u64', 'a bigint below 2^64');
    return value;
  },
  fromRaw: (raw) => raw as bigint,
  toJson: (value) => value.toString(),
  fromJson(json) {
    if (typeof json !== 'string' || !/^(0|[1-9]\d{0,19})$/.test(json) || BigInt(json) > U64_MAX) {
      throw mismatch('u64', 'decimal text below 2^64');
    }
    return BigInt(json);
  },
  schema: { type: 'string', pattern: '^(0|[1-9][0-9]{0,19})$' },
};

export const bool: Shape<boolean> = {
  name: 'bool',
  ssz: new BooleanType() as Type<unknown>,
  toRaw: (value) => value,
  fromRaw: (raw) => raw as boolean,
  toJson: (value) => value,
  fromJson(json) {
    if (typeof json !== 'boolean') throw mismatch('bool', 'true or false');
    return json;
  },
  schema: { type: 'boolean' },
};

function bytesFromJson(name: string, json: unknown, fits: (length: number) => boolean): Uint8Array {
  if (typeof json !== 'string' || !fits(json.length / 2))
    throw mismatch(name, 'hexadecimal text of that length');
  return hexToBytes(json);
}

/** Exactly `length` bytes; hex in JSON. */
export function fixedBytes(length: number): Shape<Uint8Array> {
  const name = `bytes${length}`;
  return {
    name,
    ssz: new ByteVectorType(length) as Type<unknown>,
    toRaw(value) {
      if (value.length !== length) throw mismatch(name, `${length} bytes`);
      return value;
    },
    fromRaw: (raw) => raw as Uint8Array,
    toJson: bytesToHex,
    fromJson: (json) => bytesFromJson(name, json, (size) => size === length),
    schema: { type: 'string', pattern: `^[0-9a-f]{${2 * length}}$` },
  };
}

export const bytes32: Shape<Uint8Array> = fixedBytes(32);

/** At most `max` bytes; hex in JSON. */
export function bytes(max: number): Shape<Uint8Array> {
  const name = `bytes up to ${max}`;
  return {
    name,
    ssz: new ByteListType(max) as Type<unknown>,
    toRaw(value) {
      if (value.length > max) throw mismatch(name, `at most ${max} bytes`);
      return value;
    },
    fromRaw: (raw) => raw as Uint8Array,
    toJson: bytesToHex,
    fromJson: (json) => bytesFromJson(name, json, (size) => size <= max),
    schema: { type: 'string', pattern: `^([0-9a-f]{2}){0,${max}}$` },
  };
}

/** UTF-8 text of at most `maxBytes` bytes, without control or invisible formatting characters. */
export function text(maxBytes: number): Shape<string> {
  const name = `text up to ${maxBytes} bytes`;
  const check = (value: unknown): string => {
    if (typeof value !== 'string' || !value.isWellFormed() || hasInvisibleCharacters(value)) {
      throw mismatch(name, 'well-formed text without control characters');
    }
    if (utf8ToBytes(value).length > maxBytes) throw mismatch(name, `at most ${maxBytes} bytes`);
    return value;
  };
  return {
    name,
    ssz: new ByteListType(maxBytes) as Type<unknown>,
    toRaw: (value) => utf8ToBytes(check(value)),
    fromRaw: (raw) => check(bytesToUtf8(raw as Uint8Array)),
    toJson: (value) => value,
    fromJson: check,
    schema: { type: 'string', maxLength: maxBytes },
  };
}

/** A 32-byte account id; a `cairn1…` address in JSON. */
export const account: Shape<Uint8Array> = {
  ...bytes32,
  name: 'account',
  toJson: accountIdToAddress,
  fromJson(json) {
    if (typeof json !== 'string') throw mismatch('account', 'a cairn1… address');
    return addressToAccountId(json);
  },
  schema: { type: 'string', pattern: '^cairn1[02-9ac-hj-np-z]{58}$' },
};
