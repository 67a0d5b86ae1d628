import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { formatCairn, formatCount, shorten } from '../terminal/format.ts';
import { printable } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';

/** `cairn subnet notices` */
export function createSubnetNoticesCommand(cli: Cli): Command {
  return defineCommand({
    name: 'notices',
    help: 'Lists subnets that are announced to end: by their owners, or because another wants their place.',
    examples: ['subnet notices', 'subnet notices --json'],
    node: true,
  }).action(async (flags: CommonFlags) => {
    const { connectNode } = await import('../connect.ts');
    const { fetchNotices } = await import('../answer/subnets.ts');
    const notices = await fetchNotices(await connectNode(cli, flags));
    const output = outputOf(cli, flags);
    output.result({ notices }, () =>
      notices.length === 0
        ? ['No subnet is announced to end.']
        : renderTable(
            [
              { header: 'SUBNET', align: 'right' },
              { header: 'ENDS AT SLOT', align: 'right' },
              { header: 'BECAUSE', cut: true },
              { header: 'A MATCH COSTS CAIRN', align: 'right' },
            ],
            notices.map(({ netuid, endSlot, challenge }) => [
              String(netuid),
              formatCount(endSlot),
              challenge === null
                ? 'its owner ends it'
                : printable(`${shorten(challenge.challenger)} wants its place for ${challenge.name}`),
              challenge === null ? '' : formatCairn(challenge.amount),
            ]),
            output.columns,
          ),
    );
  });
}
