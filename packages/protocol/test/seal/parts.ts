import { createPureCrypto, utf8ToBytes } from '@cairn/core';
import { createPureSealCrypto, createSealingKey, type SealBinding } from '@cairn/protocol';

export const crypto = createPureSealCrypto();
const { sha256 } = createPureCrypto();

/** 32 bytes that only this name has. */
export function named(name: string): Uint8Array {
  return sha256(utf8ToBytes(name));
}

export function randomOf(name: string): Uint8Array {
  const bytes = new Uint8Array(64);
  bytes.set(named(`${name} one`));
  bytes.set(named(`${name} two`), 32);
  return bytes;
}

export const key = createSealingKey(crypto, named('the provider'));
export const classicKeys = { x25519: key.public.x25519, xWing: new Uint8Array(0) };

export const binding: SealBinding = {
  chainId: named('chain'),
  provider: named('provider'),
  channel: named('channel'),
  requestHash: named('request'),
  artifact: named('artifact'),
};

export function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  return 'no error';
}
