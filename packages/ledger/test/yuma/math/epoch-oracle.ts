import type { EpochInput, SparseRow } from '@cairn/ledger';

/** Results of the oracle, in the units of `EpochOutput`. */
export interface OracleOutput {
  newPermits: number[];
  consensus: number[];
  incentive: number[];
  dividends: number[];
  validatorTrust: number[];
  bonds: number[][];
  serverEmission: bigint[];
  validatorEmission: bigint[];
  emission: bigint[];
}

type Matrix = bigint[][];

const ONE = 1n << 32n;
const mul = (a: bigint, b: bigint): bigint => (a * b) >> 32n;
const div = (a: bigint, b: bigint): bigint => (b === 0n ? 0n : (a << 32n) / b);
const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);
const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const over = (values: readonly bigint[], total: bigint): bigint[] =>
  values.map((value) => (total === 0n ? value : div(value, total)));
const normalized = (values: readonly bigint[]): bigint[] => over(values, sum(values));
const u16 = (value: bigint): number => Number(least(mul(value, 65_535n << 32n) >> 32n, 65_535n));
const fromU16 = (value: number): bigint => (BigInt(value) << 32n) / 65_535n;
const column = (matrix: Matrix, j: number): bigint[] => matrix.map((row) => row[j]!);

function columnsNormalized(matrix: Matrix): Matrix {
  const sums = matrix.map((_, j) => sum(column(matrix, j)));
  return matrix.map((row) => row.map((value, j) => (sums[j] === 0n ? value : div(value, sums[j]!))));
}

function dense(rows: readonly (SparseRow | null)[], n: number): number[][] {
  return Array.from({ length: n }, (_, i) => {
    const row = new Array<number>(n).fill(0);
    rows[i]?.uids.forEach((uid, k) => {
      row[uid] = rows[i]!.values[k]!;
    });
    return row;
  });
}

/** Smallest value with more than the minority of stake at or below it. */
function median(stake: readonly bigint[], scores: readonly bigint[], majority: bigint): bigint {
  const used = [...stake.keys()].filter((i) => stake[i]! > 0n);
  const shares = normalized(used.map((i) => stake[i]!));
  const minority = sum(shares) - majority;
  const order = [...used.keys()].sort((a, b) => (scores[used[a]!]! < scores[used[b]!]! ? -1 : 1));
  let reached = 0n;
  for (const k of order) {
    reached += shares[k]!;
    if (reached > minority) return scores[used[k]!]!;
  }
  return order.length === 0 ? 0n : scores[used[order.at(-1)!]!]!;
}

function exponential(x: bigint): bigint {
  const magnitude = least(x < 0n ? -x : x, 20n << 32n);
  let term = magnitude;
  let total = ONE + magnitude;
  for (let i = 2n; i < 32n; i += 1n) {
    term = mul(term, magnitude) / i;
    total += term;
  }
  return x < 0n ? div(ONE, total) : total;
}

/** The least stake that, with those no larger, makes up `bps` of all validators, or the mean rounded up if that is more; null: no cap. */
function capOf(stakes: readonly bigint[], bps: number): bigint | null {
  if (bps === 0 || stakes.length === 0) return null;
  const n = BigInt(stakes.length);
  const reaches = (value: bigint): boolean =>
    BigInt(stakes.filter((other) => other <= value).length) * 10_000n >= n * BigInt(bps);
  const atRank = stakes.filter(reaches).reduce(least);
  const mean = (sum(stakes) + n - 1n) / n;
  return atRank > mean ? atRank : mean;
}

/** A whole epoch in bigint over dense n × n matrices, written from the formulas and slow. */
export function oracleEpoch(input: EpochInput): OracleOutput {
  const { parameters, ownerUid } = input;
  const n = input.stakes.length;
  const uids = Array.from({ length: n }, (_, uid) => uid);
  const counted = uids.map((uid) =>
    input.stakes[uid]! >= parameters.stakeThreshold || uid === ownerUid ? input.stakes[uid]! : 0n,
  );
  const total = sum(counted);
  const shares = counted.map((value) => (total === 0n ? 0n : (value << 32n) / total));
  const permit = (uid: number): boolean => input.permits[uid] === 1 || uid === ownerUid;
  const active = (uid: number): boolean =>
    input.lastUpdate[uid]! + parameters.activityCutoffSlots >= input.slot;
  const votes = (uid: number): boolean => permit(uid) && active(uid);
  let stake = normalized(shares.map((share, uid) => (votes(uid) ? share : 0n)));
  const cap = capOf(
    counted.filter((value, uid) => votes(uid) && value > 0n),
    parameters.stakeCapBps,
  );
  if (cap !== null) {
    const capped = counted.map((value, uid) => (votes(uid) ? least(value, cap) : 0n));
    const all = sum(capped);
    stake = normalized(capped.map((value) => (value << 32n) / all));
  }

  const raw = dense(input.weights, n);
  const weights = uids.map((i) =>
    normalized(
      uids.map((j) => {
        const isKept =
          permit(i) &&
          (i !== j || i === ownerUid) &&
          input.lastUpdate[i]! > input.registeredAt[j]! &&
          (input.earliestCommit === null || input.earliestCommit[i]! >= input.registeredAt[j]!);
        return isKept ? BigInt(raw[i]![j]!) << 32n : 0n;
      }),
    ),
  );
  const consensus = uids.map((j) => median(stake, column(weights, j), fromU16(parameters.kappaU16)));
  const clipped = weights.map((row) => row.map((value, j) => least(value, consensus[j]!)));
  const incentive = normalized(uids.map((j) => sum(uids.map((i) => mul(stake[i]!, clipped[i]![j]!)))));
  const penalty = fromU16(parameters.bondsPenaltyU16);
  const bought = weights.map((row, i) =>
    row.map((value, j) => value + mul(penalty, clipped[i]![j]! - value)),
  );
  const stored = dense(input.bonds, n).map((row) =>
    row.map((value, j) => (input.registeredAt[j]! >= input.lastEpochSlot ? 0 : value)),
  );
  const plain = ONE - (BigInt(parameters.bondsMovingAveragePpm) << 32n) / 1_000_000n;
  let bonds: Matrix;
  let dividends: bigint[];
  if (parameters.yumaVersion === 3) {
    const { liquidAlpha } = parameters;
    const isLiquid = liquidAlpha !== null && consensus.some((value) => value !== 0n);
    const alpha = (weight: bigint, bond: bigint, j: number): bigint => {
      if (!isLiquid) return plain;
      const low = fromU16(liquidAlpha.lowU16);
      const high = fromU16(liquidAlpha.highU16);
      const gap = weight >= bond ? weight - consensus[j]! : bond - weight;
      const distance = gap < 0n ? 0n : least(gap, ONE);
      const slope = (BigInt(liquidAlpha.steepnessCenti) << 32n) / 100n;
      const rise = div(ONE, ONE + exponential(mul(-slope, distance - ONE / 2n)));
      const value = low + mul(rise, high - low);
      return value < low ? low : least(value, high);
    };
    bonds = bought.map((row, i) =>
      row.map((weight, j) => {
        const bond = fromU16(stored[i]![j]!);
        const share = alpha(weight, bond, j);
        return least(mul(ONE - share, bond) + mul(share, weight), ONE);
      }),
    );
    const held = columnsNormalized(bonds);
    dividends = normalized(
      uids.map((i) => mul(sum(uids.map((j) => mul(held[i]![j]!, incentive[j]!))), stake[i]!)),
    );
  } else {
    const old = columnsNormalized(stored.map((row) => row.map((value) => BigInt(value) << 32n)));
    const now = columnsNormalized(bought.map((row, i) => row.map((value) => mul(value, stake[i]!))));
    bonds = columnsNormalized(
      now.map((row, i) => row.map((value, j) => mul(plain, value) + mul(ONE - plain, old[i]![j]!))),
    );
    dividends = normalized(bonds.map((row) => sum(row.map((value, j) => mul(value, incentive[j]!)))));
    const largest = uids.map((j) => column(bonds, j).reduce((a, b) => (a > b ? a : b), 0n));
    bonds = bonds.map((row) => row.map((value, j) => (largest[j] === 0n ? value : div(value, largest[j]!))));
  }

  const part = (BigInt(parameters.trustedDividendsBps) << 32n) / 10_000n;
  if (part > 0n) {
    const weighed = dividends.map((value, i) => mul(value, ONE - part + mul(part, sum(clipped[i]!))));
    if (weighed.some((value) => value > 0n)) dividends = normalized(weighed);
  }

  const ranked = [...uids].sort((a, b) =>
    shares[a] === shares[b] ? b - a : shares[a]! > shares[b]! ? -1 : 1,
  );
  const chosen = new Set(ranked.slice(0, parameters.maxValidators).filter((uid) => shares[uid]! > 0n));
  const newPermits = uids.map((uid) => (chosen.has(uid) || uid === ownerUid ? 1 : 0));
  const both = incentive.map((value, uid) => value + dividends[uid]!);
  const sumOfBoth = sum(both);
  const fallback = stake.some((share) => share > 0n) ? stake : shares;
  const pay = (values: readonly bigint[]): bigint[] => values.map((share) => (share * input.emission) >> 32n);
  return {
    newPermits,
    consensus: consensus.map(u16),
    incentive: incentive.map(u16),
    dividends: dividends.map(u16),
    validatorTrust: clipped.map((row) => u16(sum(row))),
    bonds: bonds.map((row, uid) => (newPermits[uid] === 1 ? row.map(u16) : row.map(() => 0))),
    serverEmission: pay(over(incentive, sumOfBoth)),
    validatorEmission: pay(sumOfBoth === 0n ? fallback : over(dividends, sumOfBoth)),
    emission: pay(sumOfBoth === 0n ? fallback : over(both, sumOfBoth)),
  };
}

/** Rows of bonds as a dense matrix. */
export function denseBonds(rows: readonly (SparseRow | null)[]): number[][] {
  return dense(rows, rows.length);
}
