import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { defineSending, type SendingFlags } from '../sending.ts';
import { CALL_VALUE, CALL_WORD } from '../tx/call-words.ts';

type Flags = SendingFlags & { readonly value: string; readonly slot?: string; readonly in?: string };

/** `cairn schedule add` */
export function createScheduleAddCommand(cli: Cli): Command {
  return defineSending<Flags>(cli, {
    name: 'add',
    help: 'Keeps a call until its slot, when it runs by itself. Its work is paid now.',
    examples: ['schedule add accounts.transfer --value @rent.json --in 300 --wallet savings'],
    words: [CALL_WORD],
    required: [CALL_VALUE],
    options: [
      ['--slot <slot>', 'the slot in which it runs'],
      ['--in <slots>', 'or in how many slots from now'],
    ],
    async build({ connection, words: [name = ''], flags }) {
      const { readCall } = await import('../tx/given-call.ts');
      const { resolveSlot } = await import('../tx/parse.ts');
      const { call, details } = await readCall(cli, name, flags.value);
      const slot = await resolveSlot(connection, flags);
      return {
        message: 'accounts.schedule',
        value: { slot, call },
        what: 'Schedule a call',
        amount: null,
        details: [
          ...details,
          ['in slot', slot.toString()],
          ['deposit', 'refundable, and the work of the call in advance'],
        ],
        plan: { slot },
      };
    },
  });
}
