/**
 * Block production, mempool and the durable store.
 *
 * @module
 */
export { createNativeCrypto, type NativeCryptoOptions } from './crypto/native-crypto.ts';
export { createNativeEd25519Signer } from './crypto/native-signer.ts';
