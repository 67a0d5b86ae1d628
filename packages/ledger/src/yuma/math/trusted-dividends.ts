import { FIXED_ONE, fixedFromRatio, mul, normalize } from '@cairn/core';

/**
 * Dividends of validators, each times 1 − p + p · trust and then scaled to the sum of one again: what agrees with
 * consensus earns more of the same purse. Trust is the part of a row that clipping left, so weight beyond consensus,
 * such as praise that others do not share, and weights of yesterday are what lowers it.
 *
 * Everything rounds down, and what is left over is not handed out. When nobody would earn anything that way, dividends
 * stay as they are.
 *
 * @param dividends normalised to one, raw. Shape [rows].
 * @param trust raw, at most one. Shape [rows].
 * @param weightBps p in basis points; 0 is off
 * @see docs/guide/yuma.md#dividends-by-trust
 */
export function weighByTrust(dividends: Float64Array, trust: Float64Array, weightBps: number): Float64Array {
  if (weightBps === 0) return dividends;
  const weight = fixedFromRatio(BigInt(weightBps), 10_000n);
  const weighted = dividends.map((dividend, row) =>
    mul(dividend, FIXED_ONE - weight + mul(weight, trust[row]!)),
  );
  return weighted.some((dividend) => dividend > 0) ? normalize(weighted) : dividends;
}
