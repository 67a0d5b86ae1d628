import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { CliError, usage } from '../errors.ts';
import { formatBytes, formatCount } from '../terminal/format.ts';
import { renderFields } from '../terminal/output.ts';
import { printable } from '../terminal/printable.ts';
import { describeEvents, formatAmountText } from './describe-event.ts';

/** `cairn tx show` */
export function createTxShowCommand(cli: Cli): Command {
  return defineCommand({
    name: 'show',
    help: 'Shows a transaction that is in a block.',
    examples: ['tx show 3f2a…', 'tx show 3f2a… --json'],
    node: true,
  })
    .argument('<id>', 'its id: 64 hexadecimal digits')
    .action(async (given: string, flags: CommonFlags) => {
      if (!/^[0-9a-f]{64}$/i.test(given))
        throw usage(`A transaction is named by 64 hexadecimal digits, not ${given}.`);
      const { connectNode } = await import('../connect.ts');
      const { findTransaction } = await import('../answer/chain.ts');
      const transaction = await findTransaction(await connectNode(cli, flags), given.toLowerCase());
      if (transaction === null) {
        throw new CliError(
          { code: 'NOT_FOUND', what: `transaction ${given}` },
          `No block has a transaction ${given}. It may still wait, or belong to another chain.`,
        );
      }
      const { id, height, index, ok, problem, fee, bytes, events } = transaction;
      const output = outputOf(cli, flags);
      output.result(transaction, () => [
        ...renderFields([
          ['transaction', printable(id)],
          ['block', `${formatCount(height)}, place ${formatCount(index)}`],
          ['result', printable(ok ? 'done' : `${problem?.code}: ${problem?.message}`)],
          ['fee', `${formatAmountText(fee)} CAIRN`],
          ['size', formatBytes(bytes.length / 2)],
        ]),
        ...describeEvents(events, output.columns),
      ]);
    });
}
