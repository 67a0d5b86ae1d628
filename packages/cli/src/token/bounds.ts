import { parseAmount } from '@cairn/core';
import type { Command } from 'commander';
import { usage } from '../errors.ts';

/** Parts of one that a percentage is counted in. */
const PPM = 1_000_000n;

export interface BoundFlags {
  readonly maxSlippage: string;
  readonly limit?: string;
  readonly partial?: true;
}

export interface Bounds {
  /** How much less than expected is accepted, in millionths. */
  readonly slippagePpm: bigint;
  /** Most, for a seller least, pebbles for one token. */
  readonly limitPrice: bigint | null;
  readonly isPartialAllowed: boolean;
}

/** `--max-slippage` of commands that trade. */
export function addSlippageOption(command: Command): Command {
  return command.option(
    '--max-slippage <percent>',
    'how much less than expected to accept; otherwise nothing is traded',
    '1%',
  );
}

/** `--max-slippage`, `--limit` and `--partial`. */
export function addBoundOptions(command: Command, limitHelp: string): Command {
  return addSlippageOption(command)
    .option('--limit <price>', limitHelp)
    .option('--partial', 'take a part when the whole cannot be had within the bounds');
}

export function parseBounds({ maxSlippage, limit, partial }: BoundFlags): Bounds {
  return {
    slippagePpm: parseSlippage(maxSlippage),
    limitPrice: limit === undefined ? null : parseAmount(limit),
    isPartialAllowed: partial === true,
  };
}

/**
 * Millionths of a percentage such as `1%` or `0.25`.
 *
 * @throws CliError `USAGE`
 */
export function parseSlippage(text: string): bigint {
  const [, whole, fraction = ''] = /^(\d{1,2})(?:\.(\d{1,4}))?\s*%?$/.exec(text) ?? [];
  if (whole === undefined)
    throw usage(`Slippage is a percentage below 100 such as 1% or 0.25%, not ${text.slice(0, 40)}.`);
  return BigInt(whole) * 10_000n + BigInt(fraction.padEnd(4, '0'));
}

/** What is left of an amount after the slippage that is accepted; rounded down. */
export function leastOf(expected: bigint, slippagePpm: bigint): bigint {
  return (expected * (PPM - slippagePpm)) / PPM;
}
