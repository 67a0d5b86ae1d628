import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { exactCairn, formatCairn, formatCount, shorten } from '../terminal/format.ts';
import { printable } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';

/** `cairn subnet list` */
export function createSubnetListCommand(cli: Cli): Command {
  return defineCommand({
    name: 'list',
    help: 'Lists the subnets and what a new one costs.',
    examples: ['subnet list'],
    node: true,
  }).action(async (flags: CommonFlags) => {
    const { connectNode } = await import('../connect.ts');
    const { fetchSubnets } = await import('../answer/subnets.ts');
    const { lockCost, subnets } = await fetchSubnets(await connectNode(cli, flags));
    const output = outputOf(cli, flags);
    output.result({ lockCost, subnets }, () => [
      ...renderTable(
        [
          { header: 'SUBNET', align: 'right' },
          { header: 'NAME', cut: true },
          { header: 'NEURONS', align: 'right' },
          { header: 'PLACE CAIRN', align: 'right' },
          { header: 'NEXT PAY TOKENS', align: 'right' },
          { header: 'IN SLOTS', align: 'right' },
          { header: 'OWNER', cut: true },
        ],
        subnets.map(({ netuid, name, neuronCount, price, pending, nextEpochSlot, slot, owner }) => [
          String(netuid),
          printable(name),
          formatCount(neuronCount),
          formatCairn(BigInt(price)),
          formatCairn(BigInt(pending)),
          slotsLeft(nextEpochSlot, slot),
          printable(shorten(owner)),
        ]),
        output.columns,
      ),
      '',
      `A new subnet locks ${exactCairn(lockCost)}.`,
    ]);
  });
}

/** Slots until an epoch may run. */
export function slotsLeft(nextEpochSlot: string, slot: string): string {
  const left = BigInt(nextEpochSlot) - BigInt(slot);
  return formatCount(left > 0n ? left : 0n);
}
