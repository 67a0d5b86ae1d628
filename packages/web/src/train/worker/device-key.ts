import type { Signer } from '@cairn/core';
import type { Store } from './store-port.ts';

const KEY = 'device-key';

/**
 * The key of this browser, made on the first visit. The browser signs with it and hands it to nobody: it cannot be
 * copied, and is gone when the browser's data is deleted.
 */
export async function openDeviceKey(store: Store): Promise<Signer> {
  const { privateKey, publicKey } = (await store.get<CryptoKeyPair>(KEY)) ?? (await makeKey(store));
  return {
    scheme: 'ed25519',
    publicKey: new Uint8Array(await crypto.subtle.exportKey('raw', publicKey)),
    sign: async (message) =>
      new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, Uint8Array.from(message))),
  };
}

async function makeKey(store: Store): Promise<CryptoKeyPair> {
  const pair = (await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])) as CryptoKeyPair;
  await store.set(KEY, pair);
  return pair;
}
