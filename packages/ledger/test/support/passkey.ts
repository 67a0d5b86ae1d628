import {
  type AccountId,
  type Authorization,
  accountIdOf,
  bytesToHex,
  concatBytes,
  encode,
  hexToBytes,
  lowerP256Signature,
  utf8ToBytes,
  webauthnAssertionShape,
  webauthnChallenge,
} from '@cairn/core';
import { testCrypto } from './chain.ts';

/** A P-256 key: one account that takes raw signatures and assertions. */
export interface Passkey {
  readonly account: AccountId;
  signRaw(message: Uint8Array): Promise<Authorization>;
  /** As an authenticator and a browser sign on the page of `origin`. */
  signAssertion(message: Uint8Array, origin?: string): Promise<Authorization>;
}

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

export async function aPasskey(): Promise<Passkey> {
  const keys = await crypto.subtle.generateKey(ECDSA, true, ['sign', 'verify']);
  const point = new Uint8Array(await crypto.subtle.exportKey('raw', keys.publicKey));
  const publicKey = concatBytes(Uint8Array.of(2 + (point[64]! & 1)), point.subarray(1, 33));
  const sign = async (message: Uint8Array): Promise<Uint8Array> =>
    lowerP256Signature(
      new Uint8Array(await crypto.subtle.sign(ECDSA, keys.privateKey, Uint8Array.from(message))),
    );
  return {
    account: accountIdOf(testCrypto, 'p256', publicKey),
    signRaw: async (message) => ({ scheme: 'p256', publicKey, signature: await sign(message) }),
    async signAssertion(message, origin = 'https://cairn.example') {
      const rpId = 'cairn.example';
      const authenticatorData = concatBytes(
        testCrypto.sha256(utf8ToBytes(rpId)),
        Uint8Array.of(0x05, 0, 0, 0, 1),
      );
      const challenge = Buffer.from(webauthnChallenge(testCrypto, message)).toString('base64url');
      const data = { type: 'webauthn.get', challenge, origin, crossOrigin: false };
      const clientDataJson = utf8ToBytes(JSON.stringify(data));
      const signature = await sign(concatBytes(authenticatorData, testCrypto.sha256(clientDataJson)));
      const assertion = { rpId, authenticatorData, clientDataJson, signature };
      return { scheme: 'webauthn', publicKey, signature: encode(webauthnAssertionShape, assertion) };
    },
  };
}

const ORDER = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');

/** The other signature of the same message that plain ECDSA would accept. */
export function highTwin({ signature, ...rest }: Authorization): Authorization {
  const s = ORDER - BigInt(`0x${bytesToHex(signature.subarray(32))}`);
  return {
    ...rest,
    signature: concatBytes(signature.subarray(0, 32), hexToBytes(s.toString(16).padStart(64, '0'))),
  };
}
