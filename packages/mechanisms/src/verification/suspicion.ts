import { bytesToHex, type Crypto, concatBytes, utf8ToBytes } from '@cairn/core';

const PPM = 1_000_000n;

/** Every provider is checked at least so often, however well it did: 1 in 100. */
export const LEAST_RATE_PPM = 10_000n;

/** What a provider is thought to be before anything is known of it: as likely a cheat as not. */
export const FIRST_SUSPICION_PPM = 500_000n;

/** How often a check fails, in parts per million, measured with planted cheats and honest providers. */
export interface CheckRates {
  readonly failsIfCheatPpm: bigint;
  readonly failsIfHonestPpm: bigint;
}

/**
 * As measured with planted cheats and honest providers: nine in ten answers of another quantisation fail, and no more
 * than three in ten thousand honest ones (its bound with 95 % confidence).
 *
 * @see docs/guide/verification.md#what-was-measured
 */
export const MEASURED_RATES: CheckRates = { failsIfCheatPpm: 887_000n, failsIfHonestPpm: 300n };

/**
 * The same for answers without log probabilities: of another quantisation one in 128 picks a token that is not within
 * the limit. So passing such a check says next to nothing, and failing it a lot.
 */
export const PICKS_ONLY_RATES: CheckRates = { failsIfCheatPpm: 7_800n, failsIfHonestPpm: 300n };

/**
 * The chance that a provider cheats after one more check, by Bayes' rule in both directions:
 *
 *     p' = p a / (p a + (1 - p) b)
 *
 * where a and b are the chances of this outcome if it cheats and if it is honest: (fails | cheat) and (fails | honest)
 * after a failure, (passes | cheat) and (passes | honest) after a pass. The result stays between 1 % and 100 %, and
 * is at the same time the share of its answers that is checked. The floor is what lets a provider that turns be found:
 * a chance of zero would never rise again.
 *
 * @param suspicionPpm p, in parts per million. @returns p', in parts per million, rounded up
 */
export function updateSuspicion(suspicionPpm: bigint, hasFailed: boolean, rates: CheckRates): bigint {
  const ifCheat = hasFailed ? rates.failsIfCheatPpm : PPM - rates.failsIfCheatPpm;
  const ifHonest = hasFailed ? rates.failsIfHonestPpm : PPM - rates.failsIfHonestPpm;
  const prior = clampRate(suspicionPpm);
  const guilty = prior * ifCheat;
  const whole = guilty + (PPM - prior) * ifHonest;
  return clampRate(whole === 0n ? prior : (guilty * PPM + whole - 1n) / whole);
}

const clampRate = (ppm: bigint): bigint => (ppm < LEAST_RATE_PPM ? LEAST_RATE_PPM : ppm > PPM ? PPM : ppm);

/**
 * Whether a receipt is checked: SHA-256 of a tag, the seed and the receipt's id, as a number below `ratePpm` of its
 * range. The seed is the hash of a block made after the receipt was signed, so the provider could not know it; the
 * block's proposer could, and can drop its block to draw again.
 *
 * @param seed 32 bytes. @param receipt its id.
 */
export function isSelected(crypto: Crypto, seed: Uint8Array, receipt: Uint8Array, ratePpm: bigint): boolean {
  const digest = crypto.sha256(concatBytes(utf8ToBytes('cairn/recheck/v1'), seed, receipt));
  return BigInt(`0x${bytesToHex(digest.subarray(0, 8))}`) * PPM < clampRate(ratePpm) << 64n;
}
