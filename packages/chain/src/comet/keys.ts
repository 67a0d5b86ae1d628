import { bytesToHex, type Crypto } from '@cairn/core';
import { consensusAddress } from '@cairn/protocol';
import { createNativeEd25519Signer } from '../crypto/native-signer.ts';

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

function keyPair(seed: Uint8Array): { publicKey: Uint8Array; secret: unknown } {
  const { publicKey } = createNativeEd25519Signer(seed);
  const value = base64(Buffer.concat([seed, publicKey]));
  return { publicKey, secret: { type: 'tendermint/PrivKeyEd25519', value } };
}

/** CometBFT's priv_validator_key.json: the key that votes. */
export function validatorKeyFile(crypto: Crypto, seed: Uint8Array): unknown {
  const { publicKey, secret } = keyPair(seed);
  return {
    address: bytesToHex(consensusAddress(crypto, publicKey)).toUpperCase(),
    pub_key: { type: 'tendermint/PubKeyEd25519', value: base64(publicKey) },
    priv_key: secret,
  };
}

/** CometBFT's node_key.json: who a node is among its peers. It holds neither votes nor money. */
export function nodeKeyFile(seed: Uint8Array): unknown {
  return { priv_key: keyPair(seed).secret };
}

/** What peers write before the `@` of an address. */
export function nodeIdOf(crypto: Crypto, seed: Uint8Array): string {
  return bytesToHex(consensusAddress(crypto, keyPair(seed).publicKey));
}
