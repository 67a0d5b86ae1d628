import { bech32m } from '@scure/base';
import { concatBytes, utf8ToBytes } from './bytes.ts';
import { CoreError } from './errors.ts';
import type { Crypto } from './ports.ts';

/** Bech32m text of an account id: `cairn1…`. */
export type Address = string;

/** 32 bytes that name an account on the ledger. */
export type AccountId = Uint8Array;

/** Human-readable part of every Cairn address. */
export const ADDRESS_PREFIX = 'cairn';

/** Signature schemes of accounts; the numbers are part of the account id and never change. */
export const SIGNATURE_SCHEMES = { ed25519: 0, p256: 1, webauthn: 2 } as const;
export type SignatureScheme = keyof typeof SIGNATURE_SCHEMES;

/**
 * Account id of a public key: SHA-256 of a tag, the kind of key and the key. A raw P-256 key and the
 * same key behind WebAuthn are one kind of key and so one account.
 *
 * @param publicKey 32 bytes for ed25519, the 33-byte compressed point for P-256.
 */
export function accountIdOf(crypto: Crypto, scheme: SignatureScheme, publicKey: Uint8Array): AccountId {
  const kind = scheme === 'ed25519' ? 0 : 1;
  return crypto.sha256(concatBytes(utf8ToBytes('cairn/account/v1'), Uint8Array.of(kind), publicKey));
}

const ALPHABET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3] as const;
const CHECKSUM_CONSTANT = 0x2bc830a3;

/** Takes one more five-bit word into a checksum. */
function addWord(checksum: number, word: number): number {
  const top = checksum >>> 25;
  let next = ((checksum & 0x1ffffff) << 5) ^ word;
  for (let bit = 0; bit < 5; bit += 1) if ((top >>> bit) & 1) next ^= GENERATOR[bit]!;
  return next;
}

function checksumOfPrefix(): number {
  const codes = utf8ToBytes(ADDRESS_PREFIX);
  let checksum = 1;
  for (const code of codes) checksum = addWord(checksum, code >> 5);
  checksum = addWord(checksum, 0);
  for (const code of codes) checksum = addWord(checksum, code & 31);
  return checksum;
}
const PREFIX_CHECKSUM = checksumOfPrefix();

/**
 * Bech32m text of an account id (BIP-350). Written out because every event names accounts: 1 µs, a quarter of
 * what the library takes.
 */
export function accountIdToAddress(id: AccountId): Address {
  let text = `${ADDRESS_PREFIX}1`;
  let checksum = PREFIX_CHECKSUM;
  let bits = 0;
  let count = 0;
  const append = (word: number): void => {
    checksum = addWord(checksum, word);
    text += ALPHABET[word];
  };
  for (const byte of id) {
    bits = ((bits << 8) | byte) & 0xfff;
    count += 8;
    while (count >= 5) {
      count -= 5;
      append((bits >> count) & 31);
    }
  }
  if (count > 0) append((bits << (5 - count)) & 31);
  for (let word = 0; word < 6; word += 1) checksum = addWord(checksum, 0);
  checksum ^= CHECKSUM_CONSTANT;
  for (let shift = 25; shift >= 0; shift -= 5) text += ALPHABET[(checksum >>> shift) & 31];
  return text;
}

/** @throws CoreError `ADDRESS_MALFORMED` for a wrong prefix, checksum, case or length. */
export function addressToAccountId(address: Address): AccountId {
  const malformed = (reason: string, cause?: unknown) =>
    new CoreError(
      { code: 'ADDRESS_MALFORMED', reason },
      `This is not a Cairn address (${reason}). An address starts with cairn1 and has 64 characters.`,
      cause === undefined ? {} : { cause },
    );
  if (address.length > 90) throw malformed('too long');
  if (!address.startsWith(`${ADDRESS_PREFIX}1`)) throw malformed('wrong prefix');
  let id: Uint8Array;
  try {
    id = bech32m.fromWords(bech32m.decode(address as `cairn1${string}`).words);
  } catch (cause) {
    throw malformed('wrong checksum', cause);
  }
  if (id.length !== 32) throw malformed('wrong length');
  return id;
}
