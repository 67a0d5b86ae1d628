import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { defineSending } from '../sending.ts';

/** `cairn fund finish` */
export function createFundFinishCommand(cli: Cli): Command {
  return defineSending(cli, {
    name: 'finish',
    help: 'Creates the subnet of a fund that reached its goal. Anybody may.',
    examples: ['fund finish 1 --wallet savings'],
    words: [['<fund>', 'number of the fund']],
    async build({ connection, words: [number = ''] }) {
      const { fetchFund, parseFund } = await import('./funds.ts');
      const fund = parseFund(number);
      const { name, owner } = await fetchFund(connection, fund);
      return {
        message: 'crowdfunding.finalise',
        value: { fund },
        what: `Create subnet ${name} with fund ${fund}`,
        amount: 0n,
        details: [['owner', owner]],
        plan: { fund },
      };
    },
  });
}
