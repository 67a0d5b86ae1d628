import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { printable } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';

/** One entry of `parameters_list`. */
export interface ParameterView {
  readonly name: string;
  readonly value: string;
  readonly unit: string;
  readonly initial: string;
  readonly min: string;
  readonly max: string;
  readonly source: string;
  readonly changedBy: string;
  readonly help: string;
}

/** `cairn params` */
export function createParamsCommand(cli: Cli): Command {
  return defineCommand({
    name: 'params',
    help: 'Lists every network parameter: its value, unit, bounds, source, and who may change it.',
    examples: ['params', 'params --json'],
    node: true,
  }).action(async (flags: CommonFlags) => {
    const { connectNode } = await import('../connect.ts');
    const { ledger } = await connectNode(cli, flags);
    const parameters = await ledger.query<ParameterView[]>('parameters_list', {});
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
