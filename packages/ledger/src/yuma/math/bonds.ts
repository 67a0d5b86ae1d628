import {
  createFixedMatrix,
  FIXED_HALF,
  FIXED_ONE,
  type FixedMatrix,
  fixedFromRatio,
  fromU16Proportions,
  movingAverage,
  mul,
  mulVectors,
  normalize,
  normalizeColumns,
  scaleRows,
  sigmoid,
  u16ToFixed,
  upscaleColumns,
  weightedRowSums,
} from '@cairn/core';
import type { EpochParameters, LiquidAlpha } from './epoch-input.ts';

export interface BondsParts {
  readonly parameters: EpochParameters;
  /** Weights that bonds follow, raw. Shape [rows, uids]. */
  readonly weights: FixedMatrix;
  /** Stored bonds in u16. Shape [rows, uids]. */
  readonly stored: FixedMatrix;
  /** Shape [uids]. */
  readonly consensus: Float64Array;
  /** Shape [uids]. */
  readonly incentive: Float64Array;
  /** Shape [rows]. */
  readonly activeShares: Float64Array;
}

export interface BondsResult {
  /** Bonds to store as u16 proportions, raw. Shape [rows, uids]. */
  readonly bonds: FixedMatrix;
  /** Normalised to one. Shape [rows]. */
  readonly dividends: Float64Array;
}

/** Share of the new observation in a bond, from the share that is kept. */
function plainAlpha(parameters: EpochParameters): number {
  return FIXED_ONE - fixedFromRatio(BigInt(parameters.bondsMovingAveragePpm), 1_000_000n);
}

/**
 * Yuma 2: bonds are each validator's share in a miner. The old and the new share are both normalised per
 * miner and averaged; dividends are the shares times the miners' incentive.
 *
 * @see docs/guide/yuma.md#bonds
 */
export function updateBonds2(parts: BondsParts): BondsResult {
  const old = normalizeColumns(parts.stored);
  const bought = normalizeColumns(scaleRows(parts.weights, parts.activeShares));
  const bonds = normalizeColumns(movingAverage(bought, old, plainAlpha(parts.parameters)));
  const dividends = normalize(weightedRowSums(bonds, parts.incentive));
  return { bonds: upscaleColumns(bonds), dividends };
}

/**
 * Yuma 3: a bond is a proportion of its own, moved towards the weight whatever others do. Dividends are
 * stake times the validator's share in the bonds to each miner times the miner's incentive.
 *
 * @see docs/guide/yuma.md#bonds
 */
export function updateBonds3(parts: BondsParts): BondsResult {
  const { parameters, weights, consensus } = parts;
  const old = fromU16Proportions(parts.stored);
  const liquid = consensus.some((value) => value !== 0) ? parameters.liquidAlpha : null;
  const alpha = liquid === null ? plainAlpha(parameters) : liquidAlphas(liquid, weights, old, consensus);
  const bonds = movingAverage(weights, old, alpha);
  const held = weightedRowSums(normalizeColumns(bonds), parts.incentive);
  return { bonds, dividends: normalize(mulVectors(held, parts.activeShares)) };
}

/**
 * Alpha of each pair: a sigmoid of how far the validator buys ahead of consensus, or sells below its bond.
 * Pairs with neither weight nor bond get zero, since alpha moves nothing there.
 *
 * Cost: one integer exponential for each pair in use.
 */
function liquidAlphas(
  liquid: LiquidAlpha,
  weights: FixedMatrix,
  bonds: FixedMatrix,
  consensus: Float64Array,
): FixedMatrix {
  const low = u16ToFixed(liquid.lowU16);
  const high = u16ToFixed(liquid.highU16);
  const range = Math.max(0, high - low);
  const slope = fixedFromRatio(BigInt(liquid.steepnessCenti), 100n);
  const alphaOf = (distance: number): number =>
    Math.max(low, Math.min(high, low + mul(sigmoid(distance, slope, FIXED_HALF), range)));
  const atZero = alphaOf(0);
  const alphas = createFixedMatrix(weights.rows, weights.columns);
  for (let row = 0, i = 0; row < weights.rows; row += 1) {
    for (let miner = 0; miner < weights.columns; miner += 1, i += 1) {
      const weight = weights.values[i]!;
      const bond = bonds.values[i]!;
      if (weight === 0 && bond === 0) continue;
      const distance = weight >= bond ? weight - consensus[miner]! : bond - weight;
      alphas.values[i] = distance <= 0 ? atZero : alphaOf(Math.min(distance, FIXED_ONE));
    }
  }
  return alphas;
}
