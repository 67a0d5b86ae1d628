import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { defineSending, type SendingFlags } from '../sending.ts';

type Flags = SendingFlags & { readonly forgo?: true };

/** `cairn fund withdraw` */
export function createFundWithdrawCommand(cli: Cli): Command {
  return defineSending<Flags>(cli, {
    name: 'withdraw',
    help: 'Leaves a fund whose goal is not reached, or takes the part of what the subnet did not cost.',
    examples: ['fund withdraw 1 --wallet savings'],
    words: [['<fund>', 'number of the fund']],
    options: [['--forgo', 'of a finished fund: give up the record of the share too, for its deposit']],
    async build({ connection, words: [number = ''], flags }) {
      const { fetchFund, parseFund } = await import('./funds.ts');
      const fund = parseFund(number);
      const { name } = await fetchFund(connection, fund);
      const isForgone = flags.forgo === true;
      return {
        message: 'crowdfunding.withdraw',
        value: { fund, isForgone },
        what: `Withdraw from fund ${fund} (${name})`,
        amount: 0n,
        details: isForgone ? [['share', 'its record is given up for its deposit']] : [],
        plan: { fund, isForgone },
      };
    },
  });
}
