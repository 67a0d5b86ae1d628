import type { BlockView } from '@cairn/protocol';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { CliError, usage } from '../errors.ts';
import { formatCount, formatTime } from '../terminal/format.ts';
import { renderFields } from '../terminal/output.ts';
import { printable } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';
import { describeEvents, formatAmountText } from './describe-event.ts';

/** `cairn block show` */
export function createBlockShowCommand(cli: Cli): Command {
  return defineCommand({
    name: 'show',
    help: 'Shows a block: its header, transactions and events.',
    examples: ['block show', 'block show 120', 'block show 120 --json'],
    node: true,
  })
    .argument('[height]', 'height or hash (default: the latest)')
    .action(async (given: string | undefined, flags: CommonFlags) => {
      const at = given === undefined ? undefined : parsePlace(given);
      const { connectNode } = await import('../connect.ts');
      const { findBlock } = await import('../answer/chain.ts');
      const block = await findBlock(await connectNode(cli, flags), at);
      if (block === null) {
        throw new CliError(
          { code: 'NOT_FOUND', what: `block ${given}` },
          `There is no block ${given ?? ''} here. ./cairn status shows the height.`,
        );
      }
      const output = outputOf(cli, flags);
      output.result(block, () => renderBlock(block, output.columns));
    });
}

function parsePlace(text: string): number | string {
  if (/^[0-9a-f]{64}$/i.test(text)) return text.toLowerCase();
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw usage(`A block is named by its height or its hash of 64 digits, not ${text}.`);
}

function renderBlock({ header, appHash, transactions, events }: BlockView, columns: number): string[] {
  return [
    ...renderFields([
      ['block', formatCount(header.height)],
      ['hash', printable(header.hash)],
      ['time', formatTime(header.timeMs)],
      ['proposer', printable(header.proposer)],
      ['previous', printable(header.previousHash)],
      ['state root', printable(appHash)],
    ]),
    '',
    ...(transactions.length === 0
      ? ['No transactions.']
      : renderTable(
          [
            { header: 'TRANSACTION', cut: true },
            { header: 'FEE CAIRN', align: 'right' },
            { header: 'RESULT', cut: true },
          ],
          transactions.map(({ id, fee, ok, problem }) => [
            printable(id),
            formatAmountText(fee),
            printable(ok ? 'done' : (problem?.message ?? 'failed')),
          ]),
          columns,
        )),
    ...describeEvents([...events, ...transactions.flatMap((transaction) => transaction.events)], columns),
  ];
}
