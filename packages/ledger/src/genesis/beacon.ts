import { BEACON_KEY_BYTES, fixedBytes, isBeaconKeyAllowed, struct, u64, type ValueOf } from '@cairn/core';

/**
 * A public randomness beacon, such as drand's quicknet: it signs the number of a round every few seconds, and nobody
 * knows a signature before its time. A network that names one offers its subnets weights locked to a round.
 */
export const beaconShape = struct('Beacon', {
  /** Key of the signatures: a compressed point of G2 of BLS12-381, scheme `bls-unchained-g1-rfc9380`. */
  publicKey: fixedBytes(BEACON_KEY_BYTES),
  /** Time of round 1. Milliseconds since 1970. */
  genesisMs: u64,
  /** Time from one round to the next. Milliseconds. */
  periodMs: u64,
});
export type Beacon = ValueOf<typeof beaconShape>;

/** Longest time between two rounds: an hour. */
const MAX_PERIOD_MS = 3_600_000n;

/** What is wrong with a beacon; null when nothing is. */
export function findBeaconFault({ publicKey, genesisMs, periodMs }: Beacon): string | null {
  if (!isBeaconKeyAllowed(publicKey)) return 'its public key is no point of G2';
  if (periodMs < 1n || periodMs > MAX_PERIOD_MS)
    return `its period of ${periodMs} ms is outside 1…${MAX_PERIOD_MS}`;
  if (genesisMs > BigInt(Number.MAX_SAFE_INTEGER)) return `its genesis ${genesisMs} is no date`;
  return null;
}

/** Time at which a round is out. Milliseconds since 1970. */
export function roundTimeMs({ genesisMs, periodMs }: Beacon, round: bigint): bigint {
  return genesisMs + (round - 1n) * periodMs;
}

/** The first round that is out at a time or after it. */
export function roundFrom({ genesisMs, periodMs }: Beacon, timeMs: bigint): bigint {
  return timeMs <= genesisMs ? 1n : (timeMs - genesisMs + periodMs - 1n) / periodMs + 1n;
}
