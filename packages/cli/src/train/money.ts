import { parseAmount } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { defineSending } from '../sending.ts';
import { RUN_WORD } from './words.ts';

/** `cairn train fund` */
export function createTrainFundCommand(cli: Cli): Command {
  return defineSending(cli, {
    name: 'fund',
    help: 'Puts CAIRN into the pool that the rounds of a training run are paid from. Anybody may.',
    examples: ['train fund 3f2a 100 --wallet savings'],
    words: [RUN_WORD, ['<cairn>', 'how much to put in']],
    async build({ connection, words: [named = '', given = ''] }) {
      const { findRun } = await import('./runs.ts');
      const amount = parseAmount(given);
      const { id, name } = await findRun(connection, named);
      return {
        message: 'training.fund',
        value: { run: id, amount },
        what: `Fund training run ${name}`,
        amount,
        details: [['what is left at its end', 'goes to the owner of the run']],
      };
    },
  });
}

/** `cairn train end` */
export function createTrainEndCommand(cli: Cli): Command {
  return defineSending(cli, {
    name: 'end',
    help: 'Ends a training run, as its owner: the open round is finished and paid, no other is opened.',
    examples: ['train end 3f2a --wallet owner'],
    words: [RUN_WORD],
    async build({ connection, words: [named = ''] }) {
      const { exactCairn } = await import('../terminal/format.ts');
      const { findRun } = await import('./runs.ts');
      const { id, name, pool } = await findRun(connection, named);
      return {
        message: 'training.endRun',
        value: { run: id },
        what: `End training run ${name}`,
        amount: 0n,
        details: [
          ['in its pool', `${exactCairn(pool)}, which return once every window is closed`],
          ['bonds', 'return to their wallets then too'],
        ],
      };
    },
  });
}
