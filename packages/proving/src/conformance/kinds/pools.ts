import {
  addLiquidity,
  baseNeededForQuote,
  createPool,
  inputToPrice,
  mostInput,
  outputOf,
  type Pool,
  PRICE_ONE,
  poolPrice,
  type Side,
  type SwapRefusal,
  type SwapRules,
  scaledPower,
  swap,
  WEIGHT_ONE,
  type WeighedPool,
} from '@cairn/ledger';
import { ProvingError } from '../../errors.ts';
import type { Checker } from '../case.ts';
import { createComparison } from '../compare.ts';
import { type Fields, readBigint, readFields, readFlag, readNumber, readRatio } from '../read-fields.ts';

/** Bittensor's pools count a limit price in 1e-9 quote for one base. */
const RAO = 1_000_000_000n;
const MINIMUM_RESERVE = 1n;

/** What upstream calls the refusals of a swap. */
const UPSTREAM_NAMES: Readonly<Record<SwapRefusal['code'], string>> = {
  POOL_RESERVE_TOO_LOW: 'ReservesTooLow',
  POOL_OUTPUT_TOO_LOW: 'ReservesTooLow',
  POOL_PRICE_LIMIT_EXCEEDED: 'PriceLimitExceeded',
  POOL_INPUT_TOO_LARGE: 'SwapInputTooLarge',
  POOL_PARTIAL_UNWANTED: 'SlippageTooHigh',
};

/** A decimal number or a fraction such as "1/3", in parts of `one`, rounded down. */
function readParts(value: unknown, name: string, one: bigint): bigint {
  const [top, bottom = '1'] = String(value).split('/');
  const { numerator, denominator } = readRatio(top, name);
  return (numerator * one) / (denominator * readBigint(bottom, name));
}

function readPool(input: Fields): Pool {
  return {
    base: readBigint(input.alpha_reserve ?? input.alpha ?? 0, 'input.alpha_reserve'),
    quote: readBigint(input.tao_reserve ?? input.tao ?? 0, 'input.tao_reserve'),
    quoteWeight: readParts(input.quote_weight ?? 0.5, 'input.quote_weight', WEIGHT_ONE),
  };
}

function readPrice(value: unknown, name: string): bigint {
  return readParts(value, name, PRICE_ONE);
}

function readRules(input: Fields): SwapRules {
  return {
    feeRate: readBigint(input.fee_rate_u16 ?? 0, 'input.fee_rate_u16'),
    minimumReserve: MINIMUM_RESERVE,
  };
}

function readSide(value: unknown): Side {
  if (value === 'buy' || value === 'sell') return value;
  throw new ProvingError(
    { code: 'VECTOR_FIELD_MALFORMED', field: 'input.side' },
    `The field "input.side" of this case is neither buy nor sell. Correct the case.`,
  );
}

/** A Q64 price or a part of `WEIGHT_ONE` as the number it stands for. */
function asNumber(parts: bigint, one: bigint): number {
  return Number(parts) / Number(one);
}

/** What upstream expects instead of a figure, when it expects a refusal. */
function expectedError(expected: unknown): string | null {
  const error = typeof expected === 'object' && expected !== null ? (expected as Fields).error : undefined;
  return typeof error === 'string' ? error : null;
}

/** Compares each figure of `expected` with the one of the same name; a figure nobody computes is a difference. */
function compareFigures(
  { expected, tolerance }: Parameters<Checker>[0],
  figures: Readonly<Record<string, number | bigint>>,
): string[] {
  const comparison = createComparison(tolerance);
  for (const [name, wanted] of Object.entries(readFields(expected, 'expected'))) {
    const figure = figures[name];
    if (figure === undefined) comparison.note(`${name}: no rule computes this quantity`);
    else if (typeof figure === 'bigint') comparison.value(name, figure, readBigint(wanted, name));
    else comparison.value(name, figure, readNumber(wanted, name));
  }
  return comparison.differences;
}

function compareAmount({ expected, tolerance }: Parameters<Checker>[0], actual: bigint | null): string[] {
  if (actual === null) return ['the pool cannot pay this'];
  const comparison = createComparison(tolerance);
  comparison.value('result', actual, readBigint(expected, 'expected'));
  return comparison.differences;
}

function compareNumber({ expected, tolerance }: Parameters<Checker>[0], actual: number): string[] {
  const comparison = createComparison(tolerance);
  comparison.value('result', actual, readNumber(expected, 'expected'));
  return comparison.differences;
}

const checkPrice: Checker = (conformanceCase) => {
  const price = poolPrice(readPool(readFields(conformanceCase.input, 'input')));
  return compareNumber(conformanceCase, asNumber(price, PRICE_ONE));
};

function inputToPriceChecker(side: Side): Checker {
  return (conformanceCase) => {
    const input = readFields(conformanceCase.input, 'input');
    const price = readPrice(input.price, 'input.price');
    const target = readPrice(input.target, 'input.target');
    return compareAmount(conformanceCase, inputToPrice(readPool(input), side, price, target));
  };
}

const checkBaseNeeded: Checker = (conformanceCase) => {
  const input = readFields(conformanceCase.input, 'input');
  const quoteOut = readBigint(input.tao_delta, 'input.tao_delta');
  return compareAmount(conformanceCase, baseNeededForQuote(readPool(input), quoteOut));
};

function weighedFigures(
  conformanceCase: Parameters<Checker>[0],
  weighed: WeighedPool,
  names: { readonly price: string; readonly weight: string },
): string[] {
  if (!weighed.ok) return [`refused with ${weighed.refusal.code}: weight ${weighed.refusal.quoteWeight}`];
  return compareFigures(conformanceCase, {
    [names.price]: asNumber(poolPrice(weighed.pool), PRICE_ONE),
    [names.weight]: asNumber(weighed.pool.quoteWeight, WEIGHT_ONE),
  });
}

const checkInitialPrice: Checker = (conformanceCase) => {
  const input = readFields(conformanceCase.input, 'input');
  const { base, quote } = readPool(input);
  const price = input.price === undefined ? null : readPrice(input.price, 'input.price');
  return weighedFigures(conformanceCase, createPool(base, quote, price), {
    price: 'price',
    weight: 'quote_weight',
  });
};

const checkAddLiquidity: Checker = (conformanceCase) => {
  const input = readFields(conformanceCase.input, 'input');
  const added = {
    base: readBigint(input.alpha_delta, 'input.alpha_delta'),
    quote: readBigint(input.tao_delta, 'input.tao_delta'),
  };
  return weighedFigures(conformanceCase, addLiquidity(readPool(input), added), {
    price: 'price_after',
    weight: 'quote_weight_after',
  });
};

const checkExp: Checker = (conformanceCase) => {
  const input = readFields(conformanceCase.input, 'input');
  const reserve = readBigint(input.reserve, 'input.reserve');
  const { quoteWeight } = readPool(input);
  const weights = [WEIGHT_ONE - quoteWeight, quoteWeight] as const;
  const [numerator, denominator] = readFlag(input.base_quote, 'input.base_quote')
    ? weights
    : ([weights[1], weights[0]] as const);
  const power = scaledPower(
    { numerator: reserve, denominator: reserve + readBigint(input.delta, 'input.delta') },
    { numerator, denominator },
    WEIGHT_ONE,
  );
  return compareNumber(conformanceCase, asNumber(power, WEIGHT_ONE));
};

const checkPower: Checker = (conformanceCase) => {
  const input = readFields(conformanceCase.input, 'input');
  const power = scaledPower(
    {
      numerator: readBigint(input.x, 'input.x'),
      denominator: readBigint(input.x_plus_dx, 'input.x_plus_dx'),
    },
    {
      numerator: readBigint(input.exp_num, 'input.exp_num'),
      denominator: readBigint(input.exp_den, 'input.exp_den'),
    },
    readBigint(input.scale, 'input.scale'),
  );
  return compareAmount(conformanceCase, power);
};

function refusalDifferences(refusal: SwapRefusal, expected: unknown): string[] {
  const name = UPSTREAM_NAMES[refusal.code];
  const wanted = expectedError(expected);
  return name === wanted ? [] : [`refused with ${name}, expected ${wanted ?? 'a figure'}`];
}

const checkSwap: Checker = (conformanceCase) => {
  const input = readFields(conformanceCase.input, 'input');
  const outcome = swap(
    readPool(input),
    {
      side: readSide(input.side),
      amountIn: readBigint(input.amount_in, 'input.amount_in'),
      limitPrice: input.limit === undefined ? null : readPrice(input.limit, 'input.limit'),
      minOut: 0n,
      isPartialAllowed: true,
    },
    readRules(input),
  );
  if (!outcome.ok) return refusalDifferences(outcome.refusal, conformanceCase.expected);
  const { fee, amountOut, reserveIn } = outcome.swap;
  return compareFigures(conformanceCase, { fee, amount_out: amountOut, reserve_in_delta: reserveIn });
};

const checkConvertDeltas: Checker = (conformanceCase) => {
  const input = readFields(conformanceCase.input, 'input');
  const pool = readPool(input);
  const amountIn = readBigint(input.delta_in, 'input.delta_in');
  return compareFigures(conformanceCase, {
    sell_alpha_gets_tao: outputOf(pool, 'sell', amountIn),
    buy_with_tao_gets_alpha: outputOf(pool, 'buy', amountIn),
  });
};

function mostInputChecker(side: Side): Checker {
  return (conformanceCase) => {
    const input = readFields(conformanceCase.input, 'input');
    const limit = (readBigint(input.limit_price_rao, 'input.limit_price_rao') * PRICE_ONE) / RAO;
    const most = mostInput(readPool(input), side, limit, readRules(input));
    if (!most.ok) return refusalDifferences(most.refusal, conformanceCase.expected);
    const wanted = expectedError(conformanceCase.expected);
    if (wanted !== null) return [`result is ${most.amount}, expected ${wanted}`];
    return compareAmount(conformanceCase, most.amount);
  };
}

export const poolKinds: Readonly<Record<string, Checker>> = {
  balancer_add_liquidity: checkAddLiquidity,
  balancer_base_delta_in: inputToPriceChecker('sell'),
  balancer_base_needed_for_quote: checkBaseNeeded,
  balancer_exp: checkExp,
  balancer_init_price: checkInitialPrice,
  balancer_price: checkPrice,
  balancer_quote_delta_in: inputToPriceChecker('buy'),
  max_amount_add: mostInputChecker('buy'),
  max_amount_remove: mostInputChecker('sell'),
  pow_ratio: checkPower,
  swap_convert_deltas: checkConvertDeltas,
  swap_exec: checkSwap,
};
