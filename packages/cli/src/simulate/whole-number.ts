import { usage } from '../errors.ts';

/** The value of a flag that counts. @throws CliError `USAGE` */
export function wholeNumber(flag: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw usage(`--${flag} ${text} is not a whole number from ${least} to ${most}.`);
}
