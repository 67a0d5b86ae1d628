import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { exactCairn, formatCount, formatPercent, shorten } from '../terminal/format.ts';
import { printable } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';
import type { Roster } from './roster.ts';

/** `cairn validator list` */
export function createValidatorListCommand(cli: Cli): Command {
  return defineCommand({
    name: 'list',
    help: 'Lists who votes on blocks, with what power, and how few of them could stop the chain.',
    examples: ['validator list', 'validator list --json'],
    node: true,
  }).action(async (flags: CommonFlags) => {
    const { connectNode } = await import('../connect.ts');
    const { fetchRoster } = await import('./roster.ts');
    const roster = await fetchRoster(await connectNode(cli, flags));
    const output = outputOf(cli, flags);
    output.result(roster, () => renderRoster(roster, output.columns));
  });
}

function renderRoster(roster: Roster, columns: number): string[] {
  const total = Number(roster.totalPower);
  const right = { align: 'right' } as const;
  return [
    ...renderTable(
      [
        { header: 'VALIDATOR', cut: true },
        { header: 'VOTES FOR', cut: true },
        { header: 'ORIGIN' },
        { header: 'POWER', ...right },
        { header: 'SHARE', ...right },
        { header: 'TARGET', ...right },
        { header: 'STATE' },
      ],
      roster.validators.map(({ validator, account, origin, power, target, isLeaving, isJailed }) => [
        printable(shorten(validator)),
        printable(shorten(account)),
        origin,
        formatCount(power),
        formatPercent(total === 0 ? 0 : Number(power) / total),
        formatCount(target),
        isJailed ? 'jailed' : isLeaving ? 'leaving' : power === 0n ? 'waiting' : 'votes',
      ]),
      columns,
    ),
    '',
    `Fewest that could stop the chain (Nakamoto coefficient): ${roster.nakamoto}.`,
    `Power granted by genesis and not replaced by stake yet: ${formatCount(roster.bootstrapLeft)} of ${formatCount(roster.totalPower)}.`,
    `A new validator needs ${exactCairn(roster.leastStake)} at its hotkey; power moves again in slot ${formatCount(roster.nextUpdateSlot)}.`,
  ];
}
