import { formatCount, formatTime } from '../terminal/format.ts';
import { renderFields } from '../terminal/output.ts';
import { printable } from '../terminal/printable.ts';
import type { Vouching } from './verifier.ts';

const TRUST = {
  given: 'you named it',
  kept: 'verified before, and kept in the data folder',
  ownNode: 'taken from the node of this data folder, on first use: whoever runs that node was believed',
} as const;

function describeWitness({ name, agrees }: Vouching['witnesses'][number]): string {
  return `${printable(name)} ${agrees === true ? 'has the same header' : 'has no such header yet'}`;
}

/** Where a value comes from, then what is proved, trusted and not protected. */
export function renderVouching(vouching: Vouching): string[] {
  const { chain, height, header, signedBy, trusted, source, witnesses } = vouching;
  const isSolo = signedBy.kind === 'operator';
  const signers = isSolo
    ? 'the operator'
    : `validators with more than two thirds of the power, of ${signedBy.count}`;
  return [
    ...renderFields([
      ['chain', printable(chain)],
      ['height', formatCount(height)],
      ['header', `${formatCount(header.height)}  ${header.hash}  ${formatTime(header.timeMs)}`],
      ['signed by', signers],
      ['begun from', `${formatCount(trusted.height)}  ${trusted.hash} (${TRUST[trusted.kind]})`],
      ['asked', printable(source)],
      ['witnesses', witnesses.map(describeWitness).join(', ') || 'none'],
    ]),
    '',
    `proved         the state of height ${formatCount(height)} holds exactly this: its root is in header ${formatCount(header.height)}, signed by ${signers}`,
    isSolo
      ? 'trusted        the header it began from, and the operator: one key signs every block'
      : 'trusted        the header it began from, this clock, and that less than a third of the power lies',
    'not protected  what changed after that height; whether rules were kept: a light client executes nothing',
  ];
}
