import { parseAmount } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { defineSending } from '../sending.ts';

/** `cairn fund give` */
export function createFundGiveCommand(cli: Cli): Command {
  return defineSending(cli, {
    name: 'give',
    help: 'Gives CAIRN to a fund, at most what its goal lacks.',
    examples: ['fund give 1 20 --wallet savings'],
    words: [
      ['<fund>', 'number of the fund'],
      ['<cairn>', 'most CAIRN to give'],
    ],
    async build({ connection, words: [number = '', given = ''] }) {
      const { exactCairn } = await import('../terminal/format.ts');
      const { fetchFund, parseFund } = await import('./funds.ts');
      const fund = parseFund(number);
      const amount = parseAmount(given);
      const { name, goal, raised } = await fetchFund(connection, fund);
      const lacks = goal - raised;
      return {
        message: 'crowdfunding.contribute',
        value: { fund, amount },
        what: `Give to fund ${fund} (${name})`,
        amount: amount < lacks ? amount : lacks,
        details: [['raised', `${exactCairn(raised)} of ${exactCairn(goal)}`]],
        plan: { fund },
      };
    },
  });
}
