import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { exactCairn, formatCount } from '../terminal/format.ts';
import { renderFields } from '../terminal/output.ts';
import { printable } from '../terminal/printable.ts';

/** `cairn schedule list` */
export function createScheduleListCommand(cli: Cli): Command {
  return defineCommand({
    name: 'list',
    help: 'Lists the calls of an account that wait for their slot.',
    examples: ['schedule list savings', 'schedule list cairn1… --json'],
    node: true,
  })
    .argument('<account>', 'a name from wallet list, or an address')
    .action(async (given: string, flags: CommonFlags) => {
      const { connectNode } = await import('../connect.ts');
      const { resolveAccount } = await import('../sender.ts');
      const { fetchScheduled } = await import('./scheduled.ts');
      const connection = await connectNode(cli, flags);
      const { address } = await resolveAccount(cli, connection, given);
      const calls = await fetchScheduled(connection, address);
      outputOf(cli, flags).result({ account: address, calls }, () =>
        calls.length === 0
          ? [`Nothing of ${address} waits for its slot.`]
          : calls.flatMap(({ scheduled, slot, call, prepaid, deposit }) =>
              renderFields([
                ['scheduled', scheduled],
                ['  in slot', formatCount(slot)],
                ['  runs', call === null ? 'a message that this program does not know' : call.message],
                ...(call === null ? [] : [['  with', printable(JSON.stringify(call.value))] as const]),
                ['  prepaid', exactCairn(prepaid)],
                ['  deposit', exactCairn(deposit)],
              ]),
            ),
      );
    });
}
