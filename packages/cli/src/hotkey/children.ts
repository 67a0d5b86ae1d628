import { type AccountId, addressToAccountId } from '@cairn/core';
import { CHILD_PROPORTION_ONE } from '@cairn/sdk';
import { usage } from '../errors.ts';
import { PPM, parsePercent } from '../percent.ts';

/** A hotkey that is lent to, and the part of the stake in millionths. */
interface NamedChild {
  readonly hotkey: string;
  readonly ppm: bigint;
}

/** A child as the ledger takes it; its proportion rounds down. */
export const childOf = ({ hotkey, ppm }: NamedChild): { hotkey: AccountId; proportion: bigint } => ({
  hotkey: addressToAccountId(hotkey),
  proportion: (CHILD_PROPORTION_ONE * ppm) / PPM,
});

const toPpm = ({ hotkey, proportion }: { hotkey: string; proportion: bigint }): NamedChild => ({
  hotkey,
  ppm: (proportion * PPM + CHILD_PROPORTION_ONE / 2n) / CHILD_PROPORTION_ONE,
});

const percentOf = (ppm: bigint): string =>
  `${ppm / 10_000n}.${(ppm % 10_000n).toString().padStart(4, '0')}`.replace(/\.?0+$/, '');

/** Children in words. */
export function describeChildren(children: readonly NamedChild[]): string {
  return children.length === 0
    ? 'nothing'
    : children.map(({ hotkey, ppm }) => `${percentOf(ppm)} % to ${hotkey}`).join(', ');
}

/** As `describeChildren`, of what the node tells. */
export const describeLent = (children: readonly { hotkey: string; proportion: bigint }[]): string =>
  describeChildren(children.map(toPpm));

/**
 * Children as typed, `savings/2=25%,cairn1…=10%`, or none.
 *
 * @throws CliError `USAGE`
 */
export function parseChildren(text: string): { readonly name: string; readonly ppm: bigint }[] {
  if (text === 'none') return [];
  const children = text.split(',').map((part) => {
    const [name = '', percent] = part.split('=');
    if (name === '' || percent === undefined)
      throw usage(`Name children as hotkey=percent with commas between, not ${text.slice(0, 80)}.`);
    return { name, ppm: parsePercent(percent, 'A part of the stake') };
  });
  if (children.length > 5) throw usage(`A hotkey lends to at most 5 others, not ${children.length}.`);
  if (children.some(({ ppm }) => ppm === 0n)) throw usage('A child gets more than 0 %. Leave it out.');
  const names = new Set(children.map(({ name }) => name));
  if (names.size < children.length) throw usage('Name each child once, with one part.');
  const sum = children.reduce((total, { ppm }) => total + ppm, 0n);
  if (sum <= PPM) return children;
  throw usage(`The parts add up to ${percentOf(sum)} %, above the whole.`);
}
