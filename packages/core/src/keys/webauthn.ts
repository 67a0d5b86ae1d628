import { base64urlnopad } from '@scure/base';
import { areBytesEqual, concatBytes, utf8ToBytes } from '../bytes.ts';
import { bytes, fixedBytes, text } from '../codec/basic.ts';
import { type StructOf, struct } from '../codec/compound.ts';
import { decode, type Shape } from '../codec/shape.ts';
import { CoreError } from '../errors.ts';
import type { Crypto } from '../ports.ts';
import { isAuthenticatorDataAllowed } from './authenticator-data.ts';
import { isClientDataAllowed } from './client-data.ts';

const fields = {
  /** The relying party id that the passkey belongs to: a lower-case domain. */
  rpId: text(253),
  authenticatorData: bytes(512),
  /** The exact bytes that the browser made; their hash is signed. */
  clientDataJson: bytes(1024),
  /** r ‖ s with low s; see `derToP256Signature`. */
  signature: fixedBytes(64),
};

/** A WebAuthn assertion as the signature of an account. */
export type WebauthnAssertion = StructOf<typeof fields>;
export const webauthnAssertionShape: Shape<WebauthnAssertion> = struct('WebauthnAssertion', fields);

/**
 * The 32-byte challenge that a passkey is asked to sign for `message`: its SHA-256, because the client
 * data that quotes the challenge is bounded while messages are not.
 */
export function webauthnChallenge(crypto: Crypto, message: Uint8Array): Uint8Array {
  return crypto.sha256(message);
}

/**
 * Whether a passkey signed `message`: the whole assertion is checked, not only its signature.
 * The key is bound to its relying party by the authenticator, which signs only for the id it was made
 * for. What is signed starts with the hash of that id, so an assertion is never also a raw P-256
 * signature of a transaction of the same account.
 *
 * @param encoded SSZ bytes of a `WebauthnAssertion`; anything else is `false`.
 * @see https://www.w3.org/TR/webauthn-2/#sctn-verifying-assertion
 */
export function verifyWebauthn(
  crypto: Crypto,
  publicKey: Uint8Array,
  message: Uint8Array,
  encoded: Uint8Array,
): boolean {
  const assertion = decodeAssertion(encoded);
  if (assertion === null) return false;
  const { rpId, authenticatorData, clientDataJson, signature } = assertion;
  const challenge = base64urlnopad.encode(webauthnChallenge(crypto, message));
  return (
    isAuthenticatorDataAllowed(authenticatorData) &&
    areBytesEqual(authenticatorData.subarray(0, 32), crypto.sha256(utf8ToBytes(rpId))) &&
    isClientDataAllowed(clientDataJson, challenge, rpId) &&
    crypto.verifyP256(publicKey, concatBytes(authenticatorData, crypto.sha256(clientDataJson)), signature)
  );
}

function decodeAssertion(encoded: Uint8Array): WebauthnAssertion | null {
  try {
    return decode(webauthnAssertionShape, encoded);
  } catch (error) {
    if (error instanceof CoreError) return null;
    throw error;
  }
}
