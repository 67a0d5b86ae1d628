import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { printable } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';

/** `cairn params` */
export function createParamsCommand(cli: Cli): Command {
  return defineCommand({
    name: 'params',
    help: 'Lists every network parameter: its value, unit, bounds, source, and who may change it.',
    examples: ['params', 'params --json'],
    node: true,
  }).action(async (flags: CommonFlags) => {
    const { connectNode } = await import('../connect.ts');
    const { fetchParameterList } = await import('../answer/parameters.ts');
    const parameters = await fetchParameterList(await connectNode(cli, flags));
    const output = outputOf(cli, flags);
    output.result({ parameters }, () => [
      ...renderTable(
        [
          { header: 'PARAMETER' },
          { header: 'VALUE', align: 'right' },
          { header: 'UNIT' },
          { header: 'BOUNDS' },
          { header: 'CHANGED BY' },
          { header: 'SOURCE', cut: true },
          { header: 'MEANING', cut: true },
        ],
        parameters.map(({ name, value, unit, min, max, source, changedBy, help }) =>
          [name, value, unit, `${min}…${max}`, changedBy, source, help].map(printable),
        ),
        output.columns,
      ),
      '',
      'What governance may change, ./cairn proposal create --set NAME=VALUE puts to the vote.',
    ]);
  });
}
