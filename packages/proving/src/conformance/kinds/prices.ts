import { medianPrice, nextPriceEma, type PriceEmaRules } from '@cairn/ledger';
import type { Checker } from '../case.ts';
import { createComparison } from '../compare.ts';
import { readBigint, readCount, readFields, readList, readNumber, readRatio } from '../read-fields.ts';
import { fromScale, readScaled, SCALE } from '../read-scaled.ts';

const checkPriceEma: Checker = ({ input, expected, tolerance }) => {
  const fields = readFields(input, 'input');
  const rules: PriceEmaRules = {
    smoothing: readRatio(fields.moving_alpha, 'input.moving_alpha'),
    halfLifeSlots: readBigint(fields.halving_blocks, 'input.halving_blocks'),
    ceiling: SCALE,
  };
  const spot = readScaled(fields.spot_price, 'input.spot_price');
  const age = readBigint(fields.blocks_since_start, 'input.blocks_since_start');
  let average = readScaled(fields.moving_price, 'input.moving_price');
  for (let left = readCount(fields.updates ?? 1, 'input.updates'); left > 0; left -= 1) {
    average = nextPriceEma(average, spot, age, rules);
  }
  const price = fromScale(average);
  const comparison = createComparison(tolerance);
  if (typeof expected !== 'object') {
    comparison.value('price', price, readNumber(expected, 'expected'));
    return comparison.differences;
  }
  for (const [name, wanted] of Object.entries(readFields(expected, 'expected'))) {
    const bound = readNumber(wanted, `expected.${name}`);
    if (name === 'less_than' ? price < bound : name === 'greater_than' && price > bound) continue;
    comparison.note(`price is ${price}, expected ${name} ${bound}`);
  }
  return comparison.differences;
};

/** What the chain of the figures takes for the median while there is no price. */
const PRICE_WHEN_NONE = SCALE;

const checkMedianPrice: Checker = ({ input, expected, tolerance }) => {
  const prices = readList(readFields(input, 'input').prices, 'input.prices').map((price, index) =>
    readScaled(price, `input.prices[${index}]`),
  );
  const comparison = createComparison(tolerance);
  comparison.value(
    'median',
    fromScale(medianPrice(prices, PRICE_WHEN_NONE)),
    readNumber(expected, 'expected'),
  );
  return comparison.differences;
};

export const priceKinds: Readonly<Record<string, Checker>> = {
  median_subnet_price: checkMedianPrice,
  price_ema: checkPriceEma,
};
