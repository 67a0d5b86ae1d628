import {
  clipColumns,
  fixedShareOf,
  fixedToU16,
  interpolate,
  normalize,
  normalizeBy,
  rowSums,
  sumFixed,
  u16ToFixed,
  weightedColumnSums,
  weightedMedianColumns,
} from '@cairn/core';
import { updateBonds2, updateBonds3 } from './bonds.ts';
import type { EpochInput, EpochOutput } from './epoch-input.ts';
import { readBonds, readWeights, rowsInForce, writeBonds } from './rows.ts';
import { choosePermits, type EpochStake, weighStake } from './stake.ts';
import { weighByTrust } from './trusted-dividends.ts';

/**
 * One Yuma epoch: consensus of the validators' weights, incentive of miners, bonds and dividends of
 * validators, and the split of the emission. Exact in I32F32; equal input gives equal bytes everywhere.
 *
 * Cost: O(rows in force · uids), dominated by three column normalisations and the median.
 *
 * @throws CoreError `FIXED_POINT_BOUND` when the input leaves the ranges of `EpochInput`.
 * @see docs/guide/yuma.md, which names paper and version
 */
export function runEpoch(input: EpochInput): EpochOutput {
  const { parameters } = input;
  const stake = weighStake(input);
  const newPermits = choosePermits(stake.shares, parameters.maxValidators, input.ownerUid);
  const rowUids = rowsInForce(input, stake.permits);
  const activeShares = Float64Array.from(rowUids, (uid) => stake.activeShares[uid]!);

  const weights = readWeights(input, stake.permits, rowUids);
  const consensus = weightedMedianColumns(activeShares, weights, u16ToFixed(parameters.kappaU16));
  const clipped = clipColumns(weights, consensus);
  const incentive = normalize(weightedColumnSums(clipped, activeShares));

  const update = parameters.yumaVersion === 3 ? updateBonds3 : updateBonds2;
  const updated = update({
    parameters,
    weights: interpolate(weights, clipped, u16ToFixed(parameters.bondsPenaltyU16)),
    stored: readBonds(input, rowUids),
    consensus,
    incentive,
    activeShares,
  });
  const { bonds } = updated;
  const trust = rowSums(clipped);
  const dividends = weighByTrust(updated.dividends, trust, parameters.trustedDividendsBps);
  const n = input.stakes.length;
  const dividendsByUid = spread(dividends, rowUids, n);
  return {
    active: stake.active,
    newPermits,
    stakeShare: toU16(stake.shares),
    consensus: toU16(consensus),
    incentive: toU16(incentive),
    dividends: toU16(dividendsByUid),
    validatorTrust: toU16(spread(trust, rowUids, n)),
    bonds: writeBonds(bonds, rowUids, newPermits),
    ...splitEmission(input.emission, incentive, dividendsByUid, stake),
  };
}

/**
 * Shares of the emission: incentive and dividends over the sum of both. When nobody earned either,
 * validators are paid by stake, so that a young subnet does not starve.
 */
function splitEmission(
  emission: bigint,
  incentive: Float64Array,
  dividends: Float64Array,
  stake: EpochStake,
): Pick<EpochOutput, 'serverEmission' | 'validatorEmission' | 'emission'> {
  const both = incentive.map((value, uid) => value + dividends[uid]!);
  const sum = sumFixed(both);
  const pay = (shares: Float64Array): BigInt64Array =>
    BigInt64Array.from(shares, (share) => (share === 0 ? 0n : fixedShareOf(emission, share)));
  if (sum === 0) {
    const isAnyoneActive = stake.activeShares.some((share) => share !== 0);
    const byStake = pay(isAnyoneActive ? stake.activeShares : stake.shares);
    return {
      serverEmission: new BigInt64Array(incentive.length),
      validatorEmission: byStake,
      emission: byStake.slice(),
    };
  }
  return {
    serverEmission: pay(normalizeBy(incentive, sum)),
    validatorEmission: pay(normalizeBy(dividends, sum)),
    emission: pay(normalizeBy(both, sum)),
  };
}

function spread(values: Float64Array, rowUids: readonly number[], n: number): Float64Array {
  const result = new Float64Array(n);
  for (let row = 0; row < rowUids.length; row += 1) result[rowUids[row]!] = values[row]!;
  return result;
}

function toU16(raw: Float64Array): Uint16Array {
  return Uint16Array.from(raw, fixedToU16);
}
