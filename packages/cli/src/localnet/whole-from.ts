import { usage } from '../errors.ts';

/** @throws CliError `USAGE` */
export function wholeFrom(flag: string, given: string, min: number, max: number): number {
  const value = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw usage(`${flag} ${given} is no whole number from ${min} to ${max}.`);
}
