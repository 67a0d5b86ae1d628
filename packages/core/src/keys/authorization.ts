import { type AccountId, accountIdOf } from '../address.ts';
import { bytes, u8 } from '../codec/basic.ts';
import { choice, type StructOf, struct } from '../codec/compound.ts';
import type { Shape } from '../codec/shape.ts';
import type { Crypto } from '../ports.ts';
import { verifyWebauthn } from './webauthn.ts';

const fields = {
  /** In the order of `SIGNATURE_SCHEMES`. */
  scheme: choice('signature scheme', ['ed25519', 'p256', 'webauthn'], u8),
  /** 32 bytes for ed25519, the 33-byte compressed point otherwise. */
  publicKey: bytes(33),
  /** 64 bytes for ed25519 and p256 (r ‖ s, low s), an encoded `WebauthnAssertion` for webauthn. */
  signature: bytes(2560),
};

/** Who agrees to a message, and the proof of it. */
export type Authorization = StructOf<typeof fields>;
export const authorizationShape: Shape<Authorization> = struct('Authorization', fields);

/** Whether the key of `proof` agreed to `message`. Malformed input is `false`. */
export function verifyAuthorization(crypto: Crypto, proof: Authorization, message: Uint8Array): boolean {
  switch (proof.scheme) {
    case 'ed25519':
      return crypto.verifyEd25519(proof.publicKey, message, proof.signature);
    case 'p256':
      return crypto.verifyP256(proof.publicKey, message, proof.signature);
    case 'webauthn':
      return verifyWebauthn(crypto, proof.publicKey, message, proof.signature);
  }
}

/** The account that `proof` speaks for; says nothing about whether its signature holds. */
export function authorizationAccount(crypto: Crypto, proof: Authorization): AccountId {
  return accountIdOf(crypto, proof.scheme, proof.publicKey);
}
