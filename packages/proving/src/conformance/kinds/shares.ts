import {
  buyShares,
  CONVICTION_BITS,
  decayOver,
  ONE_Q96,
  rollLock,
  type SharePool,
  sellShares,
  valueOfShares,
} from '@cairn/ledger';
import type { Checker } from '../case.ts';
import { type Comparison, createComparison } from '../compare.ts';
import { type Fields, readBigint, readFields, readFlag, readList, readNumber } from '../read-fields.ts';
import { fromScale, readScaled, SCALE } from '../read-scaled.ts';

const checkDecay: Checker = ({ input, expected, tolerance }) => {
  const fields = readFields(input, 'input');
  const decay = decayOver(readBigint(fields.dt, 'input.dt'), readBigint(fields.tau, 'input.tau'));
  const comparison = createComparison(tolerance);
  comparison.value('decay', fromScale(decay, ONE_Q96), readNumber(expected, 'expected'));
  return comparison.differences;
};

const checkLock: Checker = ({ input, expected, tolerance }) => {
  const fields = readFields(input, 'input');
  const conviction = readScaled(fields.conviction ?? 0, 'input.conviction');
  const rolled = rollLock(
    {
      mass: readBigint(fields.locked_mass, 'input.locked_mass'),
      conviction: (conviction << CONVICTION_BITS) / SCALE,
    },
    readBigint(fields.dt, 'input.dt'),
    {
      unlockSlots: readBigint(fields.unlock_rate, 'input.unlock_rate'),
      maturitySlots: readBigint(fields.maturity_rate, 'input.maturity_rate'),
      isPerpetual: readFlag(fields.perpetual ?? fields.perpetual_lock, 'input.perpetual'),
      isOwner: readFlag(fields.owner ?? fields.owner_lock, 'input.owner'),
    },
  );
  const figures: Readonly<Record<string, number>> = {
    locked_mass: Number(rolled.mass),
    conviction: fromScale(rolled.conviction, 1n << CONVICTION_BITS),
  };
  const comparison = createComparison(tolerance);
  for (const [name, wanted] of Object.entries(readFields(expected, 'expected'))) {
    const actual = figures[name];
    if (actual === undefined) comparison.note(`${name}: no rule computes this quantity`);
    else comparison.value(name, actual, readNumber(wanted, `expected.${name}`));
  }
  return comparison.differences;
};

/** What each holder's shares are worth, and the whole pool where a case asks for it. */
function compareValues(
  comparison: Comparison,
  expected: Fields,
  pool: SharePool,
  held: ReadonlyMap<string, bigint>,
): void {
  for (const [holder, wanted] of Object.entries(expected)) {
    const value = holder === 'shared_value' ? pool.totalStake : valueOfShares(pool, held.get(holder) ?? 0n);
    comparison.value(holder, value, readBigint(wanted, `expected.${holder}`));
  }
}

const checkPoolValue: Checker = ({ input, expected, tolerance }) => {
  const fields = readFields(input, 'input');
  const shares = Object.entries(readFields(fields.shares, 'input.shares')).map(
    ([holder, held]) => [holder, readBigint(held, `input.shares.${holder}`)] as const,
  );
  const pool: SharePool = {
    totalStake: readBigint(fields.shared_value, 'input.shared_value'),
    totalShares: readBigint(fields.denominator, 'input.denominator'),
  };
  const comparison = createComparison(tolerance);
  compareValues(comparison, readFields(expected, 'expected'), pool, new Map(shares));
  return comparison.differences;
};

/** Fine enough that a pool which grew 10^15-fold still tells single units apart. */
const SHARES_PER_UNIT = 1n << 128n;

/** Trades of the named holders (`one`) and dividends of everybody (`all`), by value. */
const checkPoolOperations: Checker = ({ input, expected, tolerance }) => {
  const held = new Map<string, bigint>();
  let pool: SharePool = { totalStake: 0n, totalShares: 0n };
  const comparison = createComparison(tolerance);
  readList(readFields(input, 'input').ops, 'input.ops').forEach((entry, index) => {
    const name = `input.ops[${index}]`;
    const [kind, ...rest] = readList(entry, name);
    const change = readBigint(rest.at(-1), name);
    if (kind === 'all') {
      pool = { ...pool, totalStake: pool.totalStake + change };
    } else if (kind === 'one') {
      const holder = String(rest[0]);
      const isSale = change < 0n;
      const { shares, amount } = isSale
        ? sellShares(pool, -change)
        : buyShares(pool, change, SHARES_PER_UNIT);
      const sign = isSale ? -1n : 1n;
      held.set(holder, (held.get(holder) ?? 0n) + sign * shares);
      pool = {
        totalStake: pool.totalStake + sign * amount,
        totalShares: pool.totalShares + sign * shares,
      };
    } else {
      comparison.note(`${name} is ${String(kind)}, neither one nor all`);
    }
  });
  compareValues(comparison, readFields(expected, 'expected'), pool, held);
  return comparison.differences;
};

export const shareKinds: Readonly<Record<string, Checker>> = {
  exp_decay: checkDecay,
  lock_roll_forward: checkLock,
  share_pool_ops: checkPoolOperations,
  share_pool_value: checkPoolValue,
};
