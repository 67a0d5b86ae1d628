import { CoreError } from './errors.ts';

/** Money: whole pebbles (1e-9 CAIRN) as a bigint. */
export type Amount = bigint;

/** Pebbles in one CAIRN. */
export const PEBBLES_PER_CAIRN = 1_000_000_000n;

/** Most pebbles that can ever be outstanding: 21 million CAIRN. */
export const SUPPLY_CAP: Amount = 21_000_000n * PEBBLES_PER_CAIRN;

/**
 * Pebbles of a decimal text in CAIRN with at most nine decimals.
 *
 * @example parseAmount('1.5') // 1_500_000_000n pebbles
 * @throws CoreError `AMOUNT_MALFORMED`
 */
export function parseAmount(text: string): Amount {
  const match = /^(\d{1,8})(?:\.(\d{1,9}))?$/.exec(text);
  if (match === null) {
    throw new CoreError(
      { code: 'AMOUNT_MALFORMED', text: text.slice(0, 40) },
      'An amount is a decimal number of CAIRN with at most nine decimals, such as 1.5 or 0.000000001.',
    );
  }
  return BigInt(match[1] as string) * PEBBLES_PER_CAIRN + BigInt((match[2] ?? '').padEnd(9, '0'));
}

/** Decimal CAIRN of pebbles, without trailing zeros: `1_500_000_000n` → `1.5`. */
export function formatAmount(amount: Amount): string {
  const sign = amount < 0n ? '-' : '';
  const magnitude = amount < 0n ? -amount : amount;
  const fraction = (magnitude % PEBBLES_PER_CAIRN).toString().padStart(9, '0').replace(/0+$/, '');
  return `${sign}${magnitude / PEBBLES_PER_CAIRN}${fraction === '' ? '' : `.${fraction}`}`;
}

/** ⌊amount × numerator / denominator⌋: the payer of a share never pays more, the rest stays where it was. */
export function mulDiv(amount: Amount, numerator: bigint, denominator: bigint): Amount {
  return (amount * numerator) / denominator;
}

/** ⌈amount × numerator / denominator⌉. */
export function mulDivUp(amount: Amount, numerator: bigint, denominator: bigint): Amount {
  return (amount * numerator + denominator - 1n) / denominator;
}
