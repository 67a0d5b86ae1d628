import { type Crypto, concatBytes, u64ToBytes, utf8ToBytes } from '@cairn/core';
import type { Overlay } from '../state/view.ts';
import { epochs, scheduleCell } from './state.ts';

/** Seed of a subnet's first epoch: unknown before the block that creates it. */
export function firstSeed(
  crypto: Crypto,
  chainId: Uint8Array,
  netuid: number,
  blockHash: Uint8Array,
): Uint8Array {
  return crypto.sha256(
    concatBytes(utf8ToBytes('cairn/seed/v1'), chainId, u64ToBytes(BigInt(netuid)), blockHash),
  );
}

/**
 * Seed of the next epoch. Only salts that were committed before the epoch in which they were revealed are
 * mixed in, so nobody picks one after seeing those of others; who withholds one chooses between two seeds.
 *
 * @param salts in the order of uids
 */
export function nextSeed(
  crypto: Crypto,
  seed: Uint8Array,
  salts: readonly Uint8Array[],
  slot: bigint,
): Uint8Array {
  return crypto.sha256(concatBytes(utf8ToBytes('cairn/seed/v1'), seed, ...salts, u64ToBytes(slot)));
}

/** Puts a new subnet on the schedule. Subnets start apart, so that not all epochs fall into one block. */
export function scheduleSubnet(
  state: Overlay,
  netuid: number,
  { slot, tempo, seed }: { slot: bigint; tempo: number; seed: Uint8Array },
): void {
  const early = BigInt(netuid % tempo);
  const lastEpochSlot = slot > early ? slot - early : 0n;
  scheduleCell.set(state, [...scheduleCell.get(state), { netuid, lastEpochSlot, tempo }]);
  epochs.set(state, netuid, { epoch: 1, seed, previousSeed: new Uint8Array(32), mixedSalts: 0 });
}
