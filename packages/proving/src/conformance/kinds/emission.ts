import {
  type DividendFacts,
  injectEmission,
  nextLockCost,
  type ParentFacts,
  type Ratio,
  raiseToPower,
  rootProportion,
  shareByPrice,
  shareWithParents,
  slotEmission,
  splitByMechanism,
  splitDividends,
} from '@cairn/ledger';
import type { Checker } from '../case.ts';
import { createComparison } from '../compare.ts';
import {
  type Fields,
  readBigint,
  readCount,
  readCounts,
  readFields,
  readFixed,
  readFlag,
  readList,
  readNumber,
  readRatio,
} from '../read-fields.ts';
import { fromScale, readScaled, SCALE } from '../read-scaled.ts';

/** Denominator of a weight that is written as a u64. */
const U64_ONE = (1n << 64n) - 1n;
/** Blocks in which the lock cost falls from double to the last lock, where a case does not say. */
const DEFAULT_REDUCTION_BLOCKS = 100_800;
const ONE: Ratio = { numerator: 1n, denominator: 1n };

/** A number, or a text such as "~1 (cap not binding)" that says nothing limits. */
function readProportion(value: unknown, name: string): Ratio {
  if (value === undefined || (typeof value === 'string' && value.startsWith('~1'))) return ONE;
  return readRatio(value, name);
}

/** Shares of a whole of `SCALE`: for each subnet its price and what its miners burned. */
function readShares(prices: readonly bigint[], input: Fields): readonly bigint[] {
  const burned = readList(input.miner_burned ?? [], 'input.miner_burned');
  const enabled = readList(input.emission_enabled ?? [], 'input.emission_enabled');
  const subnets = prices.map((price, netuid) => ({
    netuid,
    priceEma: readFlag(enabled[netuid], `input.emission_enabled[${netuid}]`, true) ? price : 0n,
    minerBurned: Number(readFixed(burned[netuid] ?? 0, `input.miner_burned[${netuid}]`)),
  }));
  return shareByPrice(subnets, SCALE).shares;
}

const checkSubnetShares: Checker = ({ input, expected, tolerance }) => {
  const fields = readFields(input, 'input');
  const prices = readList(fields.moving_price, 'input.moving_price').map((price, index) =>
    readScaled(price, `input.moving_price[${index}]`),
  );
  const comparison = createComparison(tolerance);
  comparison.list(
    'shares',
    readShares(prices, fields).map((share) => fromScale(share)),
    readList(expected, 'expected').map((share, index) => readNumber(share, `expected[${index}]`)),
  );
  return comparison.differences;
};

const checkInjection: Checker = ({ input, expected, tolerance }) => {
  const fields = readFields(input, 'input');
  const emission = readBigint(fields.block_emission, 'input.block_emission');
  const rootPart = readProportion(fields.root_proportion, 'input.root_proportion');
  const subnets = readList(fields.subnets, 'input.subnets').map((entry, index) => {
    const subnet = readFields(entry, `input.subnets[${index}]`);
    const of = (name: string, absent?: unknown) =>
      readBigint(subnet[name] ?? absent, `input.subnets[${index}].${name}`);
    const alphaIssuance = of('alpha_issuance', 0);
    return {
      tao: of('tao'),
      alpha: of('alpha_in'),
      moving: readScaled(subnet.moving_price ?? 1, `input.subnets[${index}].moving_price`),
      alphaCap: (slotEmission(alphaIssuance) * rootPart.numerator) / rootPart.denominator,
    };
  });
  const shares = readShares(
    subnets.map(({ moving }) => moving),
    fields,
  );
  const injected = subnets.map(({ tao, alpha, alphaCap }, index) =>
    injectEmission({
      emission: (emission * shares[index]!) / SCALE,
      price: { numerator: tao, denominator: alpha },
      alphaCap,
    }),
  );
  const figures: Readonly<Record<string, readonly bigint[]>> = {
    alpha_in: injected.map(({ alpha }) => alpha),
    tao_in: injected.map(({ cairn }) => cairn),
    excess: injected.map(({ buy }) => buy),
    alpha_in_after: injected.map(({ alpha }, index) => subnets[index]!.alpha + alpha),
    tao_after: injected.map(({ cairn }, index) => subnets[index]!.tao + cairn),
  };
  const comparison = createComparison(tolerance);
  for (const [name, wanted] of Object.entries(readFields(expected, 'expected'))) {
    const actual = figures[name];
    if (actual === undefined) comparison.note(`${name}: no rule computes this quantity`);
    else {
      const amounts = readList(wanted, `expected.${name}`);
      comparison.list(
        name,
        actual,
        amounts.map((amount, index) => readBigint(amount, `expected.${name}[${index}]`)),
      );
    }
  }
  return comparison.differences;
};

const checkRootProportion: Checker = ({ input, expected, tolerance }) => {
  const fields = readFields(input, 'input');
  const { numerator, denominator } = rootProportion({
    rootStake: readBigint(fields.root_tao, 'input.root_tao'),
    rootWeight: {
      numerator: readBigint(fields.tao_weight_u64, 'input.tao_weight_u64'),
      denominator: U64_ONE,
    },
    alphaIssuance: readBigint(fields.alpha_issuance, 'input.alpha_issuance'),
  });
  const wanted = typeof expected === 'number' ? expected : readFields(expected, 'expected').value;
  const comparison = createComparison(tolerance);
  const proportion = fromScale((numerator * SCALE) / denominator);
  comparison.value('root proportion', proportion, readNumber(wanted, 'expected.value'));
  return comparison.differences;
};

const checkMechanismSplit: Checker = ({ input, expected, tolerance }) => {
  const fields = readFields(input, 'input');
  const parts = fields.split_u16 ?? null;
  const split = splitByMechanism(
    readBigint(fields.alpha, 'input.alpha'),
    readCount(fields.mechanism_count, 'input.mechanism_count'),
    parts === null ? null : readCounts(parts, 'input.split_u16'),
  );
  const comparison = createComparison(tolerance);
  comparison.list(
    'split',
    split,
    readList(expected, 'expected').map((amount, index) => readBigint(amount, `expected[${index}]`)),
  );
  return comparison.differences;
};

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);

const checkDividendTotals: Checker = ({ input, expected, tolerance }) => {
  const fields = readFields(input, 'input');
  const validators = readList(fields.hotkeys, 'input.hotkeys').map((entry, index): DividendFacts => {
    const hotkey = readFields(entry, `input.hotkeys[${index}]`);
    const of = (name: string) => readBigint(hotkey[name], `input.hotkeys[${index}].${name}`);
    return { alphaStake: of('alpha_stake'), rootStake: of('root_stake'), dividend: of('dividend') };
  });
  const { alpha, root } = splitDividends(
    validators,
    readBigint(fields.pending_validator_alpha, 'input.pending_validator_alpha'),
    readBigint(fields.pending_root_alpha, 'input.pending_root_alpha'),
    readRatio(fields.tao_weight, 'input.tao_weight'),
  );
  const wanted = readFields(expected, 'expected');
  const comparison = createComparison(tolerance);
  const compare = (name: string, amounts: readonly bigint[]): void =>
    comparison.value(name, sum(amounts), readBigint(wanted[name], `expected.${name}`));
  compare('sum_alpha_dividends', alpha);
  compare('sum_root_alpha_dividends', root);
  return comparison.differences;
};

/** Stake that a parent lends, of its `proportion` as a u64. */
function readParents(input: Fields): ParentFacts[] {
  return readList(input.parents ?? [], 'input.parents').map((entry, index) => {
    const parent = readFields(entry, `input.parents[${index}]`);
    const stake = readBigint(parent.stake, `input.parents[${index}].stake`);
    const proportion = readBigint(
      parent.proportion ?? U64_ONE.toString(),
      `input.parents[${index}].proportion`,
    );
    return { contribution: (stake * proportion) / U64_ONE, isSameOwner: false };
  });
}

const checkConservation: Checker = ({ input, expected, tolerance }) => {
  const fields = readFields(input, 'input');
  const parents = readParents(fields);
  const own = readBigint(fields.stake ?? 0, 'input.stake');
  const take = readRatio(fields.childkey_take ?? 0, 'input.childkey_take');
  let incentives = 0n;
  let dividends = 0n;
  readList(fields.hotkey_emission, 'input.hotkey_emission').forEach((entry, index) => {
    const earned = readFields(entry, `input.hotkey_emission[${index}]`);
    incentives += readBigint(earned.incentive, `input.hotkey_emission[${index}].incentive`);
    const dividend = readBigint(earned.dividend, `input.hotkey_emission[${index}].dividend`);
    const shared = shareWithParents(dividend, own, parents, take);
    dividends += shared.child + sum(shared.parents);
  });
  const wanted = readFields(expected, 'expected');
  const comparison = createComparison(tolerance);
  comparison.value(
    'incentives_total',
    incentives,
    readBigint(wanted.incentives_total, 'expected.incentives_total'),
  );
  comparison.value(
    'dividends_total',
    dividends,
    readBigint(wanted.dividends_total, 'expected.dividends_total'),
  );
  return comparison.differences;
};

const checkLockCost: Checker = ({ input, expected, tolerance }) => {
  const fields = readFields(input, 'input');
  const comparison = createComparison(tolerance);
  const multiple = readCount(fields.mult ?? 2, 'input.mult');
  if (multiple !== 2) comparison.note(`input.mult is ${multiple}; the rule doubles the last lock`);
  const interval = fields.reduction_interval ?? fields.lock_reduction_interval ?? fields.interval;
  const cost = nextLockCost({
    lastLock: readBigint(fields.last_lock, 'input.last_lock'),
    slotsSince: readBigint(fields.blocks_elapsed ?? 0, 'input.blocks_elapsed'),
    reductionSlots: readBigint(interval ?? DEFAULT_REDUCTION_BLOCKS, 'input.reduction_interval'),
    least: readBigint(fields.min_lock ?? 0, 'input.min_lock'),
  });
  comparison.value('lock cost', cost, readBigint(expected, 'expected'));
  return comparison.differences;
};

/** Powers of the values, normalised to one. */
const checkPowNormalize: Checker = ({ input, expected, tolerance }) => {
  const fields = readFields(input, 'input');
  const values = readList(fields.values, 'input.values').map((value, index) =>
    readScaled(value, `input.values[${index}]`),
  );
  const powers = raiseToPower(values, readRatio(fields.p, 'input.p'));
  const total = sum(powers);
  const comparison = createComparison(tolerance);
  comparison.list(
    'shares',
    powers.map((power) => (total === 0n ? 0 : fromScale(power, total))),
    readList(expected, 'expected').map((share, index) => readNumber(share, `expected[${index}]`)),
  );
  return comparison.differences;
};

export const emissionKinds: Readonly<Record<string, Checker>> = {
  coinbase_injection: checkInjection,
  dividend_distribution_totals: checkDividendTotals,
  dividends_incentives_conservation: checkConservation,
  mechanism_emission_split: checkMechanismSplit,
  network_lock_cost: checkLockCost,
  pow_normalize: checkPowNormalize,
  root_proportion: checkRootProportion,
  subnet_shares: checkSubnetShares,
};
