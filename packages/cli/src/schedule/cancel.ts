import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { defineSending } from '../sending.ts';

/** `cairn schedule cancel` */
export function createScheduleCancelCommand(cli: Cli): Command {
  return defineSending(cli, {
    name: 'cancel',
    help: 'Drops a scheduled call. Deposit and prepaid work come back.',
    examples: ['schedule cancel 3f2a… --wallet savings'],
    words: [['<scheduled>', 'its id, from schedule list']],
    async build({ words: [id = ''] }) {
      const { parseId } = await import('../tx/parse.ts');
      return {
        message: 'accounts.cancelScheduled',
        value: { scheduled: parseId(id, 'A scheduled call') },
        what: 'Cancel a scheduled call',
        amount: 0n,
        deposit: 0n,
        details: [['scheduled', id]],
        plan: { scheduled: id },
      };
    },
  });
}
