import { usage } from '../errors.ts';

/** @throws CliError `USAGE` for text that is no whole number of at most nine digits */
export function wholeNumber(flag: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw usage(`${flag} takes a whole number, not ${text}.`);
  return Number(text);
}
