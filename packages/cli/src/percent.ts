import { usage } from './errors.ts';

/** Parts of one that a percentage is counted in. */
export const PPM = 1_000_000n;

/**
 * Millionths of a percentage from 0 to 100 such as `18%` or `12.5`.
 *
 * @throws CliError `USAGE`
 */
export function parsePercent(text: string, what: string): bigint {
  const [, whole, fraction = ''] = /^(\d{1,3})(?:\.(\d{1,4}))?\s*%?$/.exec(text) ?? [];
  const ppm = whole === undefined ? -1n : BigInt(whole) * 10_000n + BigInt(fraction.padEnd(4, '0'));
  if (ppm >= 0n && ppm <= PPM) return ppm;
  throw usage(`${what} is a percentage from 0 to 100 such as 18% or 12.5%, not ${text.slice(0, 40)}.`);
}

/** As `parsePercent` in hundredths of a per cent. @throws CliError `USAGE` */
export function parseBps(text: string, what: string): number {
  const ppm = parsePercent(text, what);
  if (ppm % 100n === 0n) return Number(ppm / 100n);
  throw usage(`${what} has at most two decimals, not ${text.slice(0, 40)}.`);
}

/** `1800` → `18 %` */
export function formatBps(bps: number | bigint): string {
  const [whole, rest] = [BigInt(bps) / 100n, BigInt(bps) % 100n];
  return `${whole}${rest === 0n ? '' : `.${rest.toString().padStart(2, '0')}`} %`;
}
