import { addressToAccountId } from '@cairn/core';
import type { Command } from 'commander';
import { askNode } from '../answer/ask-node.ts';
import {
  asAddress,
  asAmount,
  asBool,
  asCount,
  asList,
  asNullable,
  asObject,
  asOneOf,
  type Checked,
} from '../answer/checks.ts';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { exactCairn, formatCount, shorten } from '../terminal/format.ts';
import { printable } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';
import { asValidator } from './roster.ts';

const asConduct = asObject({
  validator: asAddress,
  entry: asNullable(asValidator),
  isJailed: asBool,
  isTombstoned: asBool,
  jailedUntil: asNullable(asAmount),
  missedVotes: asCount,
  faults: asList(
    asObject({
      kind: asOneOf('duplicateVote', 'lightClientAttack', 'downtime'),
      height: asAmount,
      slot: asAmount,
      slashed: asAmount,
    }),
  ),
});
type Conduct = Checked<typeof asConduct>;

/** `cairn validator show` */
export function createValidatorShowCommand(cli: Cli): Command {
  return defineCommand({
    name: 'show',
    help: 'Shows one consensus key: its power, whether it is jailed, and what it was punished for.',
    examples: ['validator show cairn1…', 'validator show cairn1… --json'],
    node: true,
  })
    .argument('<validator>', 'its address, from validator list')
    .action(async (address: string, flags: CommonFlags) => {
      addressToAccountId(address);
      const { connectNode } = await import('../connect.ts');
      const connection = await connectNode(cli, flags);
      const conduct = await askNode(connection, 'validators_show', { validator: address }, asConduct);
      const output = outputOf(cli, flags);
      output.result(conduct, () => renderConduct(conduct, output.columns));
    });
}

const REASONS = {
  duplicateVote: 'signed two blocks at one height',
  lightClientAttack: 'signed a false header for light clients',
  downtime: 'missed too many votes',
} as const;

function stateOf({ entry, isJailed, isTombstoned, jailedUntil }: Conduct): string {
  if (isTombstoned) return 'jailed for good: it signed twice';
  if (isJailed) return `jailed; it may ask to vote again from slot ${formatCount(jailedUntil ?? 0n)} on`;
  if (entry === null) return 'not on the roster';
  if (entry.isLeaving) return 'leaving';
  return entry.power === 0n ? 'waiting for power' : 'votes';
}

function renderConduct(conduct: Conduct, columns: number): string[] {
  const { validator, entry, missedVotes, faults } = conduct;
  const right = { align: 'right' } as const;
  return [
    `validator     ${printable(validator)}`,
    `state         ${stateOf(conduct)}`,
    ...(entry === null
      ? []
      : [
          `votes for     ${printable(shorten(entry.account))} (${entry.origin})`,
          `power         ${formatCount(entry.power)}, moving to ${formatCount(entry.target)}`,
        ]),
    `votes missed  ${formatCount(missedVotes)} since the powers were updated last`,
    '',
    ...(faults.length === 0
      ? ['It was never punished.']
      : renderTable(
          [
            { header: 'PUNISHED FOR', cut: true },
            { header: 'BLOCK', ...right },
            { header: 'IN SLOT', ...right },
            { header: 'STAKE LOST', ...right },
          ],
          faults.map(({ kind, height, slot, slashed }) => [
            REASONS[kind],
            formatCount(height),
            formatCount(slot),
            exactCairn(slashed),
          ]),
          columns,
        )),
  ];
}
