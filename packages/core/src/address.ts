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

export function accountIdToAddress(id: AccountId): Address {
  return bech32m.encode(ADDRESS_PREFIX, bech32m.toWords(id));
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
