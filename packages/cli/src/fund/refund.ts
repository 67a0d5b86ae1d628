import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { defineSending, type SendingFlags } from '../sending.ts';

/** Most contributions that one transaction gives back. */
const MOST = 50;

type Flags = SendingFlags & { readonly count?: string };

/** `cairn fund refund` */
export function createFundRefundCommand(cli: Cli): Command {
  return defineSending<Flags>(cli, {
    name: 'refund',
    help: 'Gives contributions back to whom they came from, of a fund that missed its goal. Anybody may.',
    examples: ['fund refund 1 --wallet savings'],
    words: [['<fund>', 'number of the fund']],
    options: [['--count <contributions>', `how many to give back, 1 to ${MOST} (default: ${MOST})`]],
    async build({ connection, words: [number = ''], flags }) {
      const { parseCount } = await import('../tx/parse.ts');
      const { fetchFund, parseFund } = await import('./funds.ts');
      const fund = parseFund(number);
      const limit = parseCount(flags.count ?? `${MOST}`, 'A number of contributions', MOST);
      const { name, contributors } = await fetchFund(connection, fund);
      return {
        message: 'crowdfunding.refund',
        value: { fund, limit },
        what: `Give back contributions of fund ${fund} (${name})`,
        amount: 0n,
        details: [['contributions', `at most ${limit} of ${contributors}`]],
        plan: { fund, limit },
      };
    },
  });
}
