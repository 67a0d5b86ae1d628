import { bytesToHex } from '@cairn/core';

/**
 * Name of a chain in its headers and votes: CometBFT allows 50 characters, so 160 bits of the id.
 *
 * @param chainId SHA-256 of the genesis
 */
export function consensusChainId(chainId: Uint8Array): string {
  return `cairn-${bytesToHex(chainId).slice(0, 40)}`;
}
