import { isSingleCborMap } from './cbor.ts';

/** Bits of the flags byte (WebAuthn Level 2, 6.1; backup bits from Level 3). */
const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
const BACKUP_ELIGIBLE = 0x08;
const BACKED_UP = 0x10;
const EXTENSIONS = 0x80;
/** Bits 1 and 5 are reserved; bit 6 (attested credential data) belongs to registrations only. */
const FORBIDDEN = 0x02 | 0x20 | 0x40;

/** Relying party hash, flags and counter. */
const FIXED_LENGTH = 37;

/**
 * Whether authenticator data of an assertion is well-formed and says that a person was present and
 * verified: without the extension bit exactly 37 bytes, with it one CBOR map and nothing after it.
 */
export function isAuthenticatorDataAllowed(data: Uint8Array): boolean {
  const flags = data[32];
  if (data.length < FIXED_LENGTH || flags === undefined) return false;
  if ((flags & FORBIDDEN) !== 0) return false;
  if ((flags & USER_PRESENT) === 0 || (flags & USER_VERIFIED) === 0) return false;
  if ((flags & BACKED_UP) !== 0 && (flags & BACKUP_ELIGIBLE) === 0) return false;
  if ((flags & EXTENSIONS) === 0) return data.length === FIXED_LENGTH;
  return isSingleCborMap(data.subarray(FIXED_LENGTH));
}
