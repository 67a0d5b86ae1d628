import { hexToBytes } from '@cairn/core';
import type { Beacon } from '@cairn/ledger';

/** drand's quicknet of the League of Entropy: a round every 3 seconds since 23 August 2023. */
export const QUICKNET: Beacon = {
  publicKey: hexToBytes(
    '83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a',
  ),
  genesisMs: 1_692_803_367_000n,
  periodMs: 3_000n,
};

/** The beacon that a network names by this word in its genesis; null for any but `quicknet`. */
export function beaconNamed(name: string): Beacon | null {
  return name === 'quicknet' ? QUICKNET : null;
}
