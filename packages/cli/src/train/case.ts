import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { CliError } from '../errors.ts';
import { defineSending, type SendingFlags } from '../sending.ts';
import { RUN_WORD } from './words.ts';

/** `cairn train challenge` */
export function createTrainChallengeCommand(cli: Cli): Command {
  return defineSending<SendingFlags & { readonly step?: string }>(cli, {
    name: 'challenge',
    help: 'Doubts an update of a settled round, with a deposit: validators make its steps again. Half of the bond is yours if it is wrong, half of the deposit is the trainer’s if it is right, and half is burned.',
    examples: [
      'train challenge 3f2a 12 0 --wallet savings',
      'train challenge 3f2a 12 0 --step 7 --wallet savings',
    ],
    words: [
      RUN_WORD,
      ['<round>', 'a settled round'],
      ['<place>', 'the place of the update, from train explain'],
    ],
    options: [
      ['--step <number>', 'the inner step that is doubted, if it was not judged before (default: 0)'],
    ],
    async build({ connection, words: [named = '', number = '', at = ''], flags }) {
      const { createRunReader, fetchParameters } = await import('@cairn/sdk');
      const { exactCairn, formatCount } = await import('../terminal/format.ts');
      const { parseCount } = await import('../tx/parse.ts');
      const { findRun } = await import('./runs.ts');
      const round = parseCount(number, 'The number of a round', 0xffff_ffff);
      const place = parseCount(at, 'The number of a place', 0xffff);
      const step = parseCount(flags.step ?? '0', 'The number of a step', 0xffff);
      const { id, name, terms } = await findRun(connection, named);
      const line = (await createRunReader(connection.ledger).paidRound(id, round))?.lines[place];
      if (line === undefined) {
        throw new CliError(
          { code: 'NOT_FOUND', what: `place ${place} of round ${round}` },
          `Run ${name} has no settled round ${round} with a place ${place}. See train explain.`,
        );
      }
      const { trainingChallengeDeposit: deposit } = await fetchParameters(connection.ledger);
      return {
        message: 'training.challenge',
        value: { run: id, round, place, step, evidence: new Uint8Array(32) },
        what: `Challenge the update of place ${place} in round ${round} of run ${name}`,
        // It doubles with each earlier case about the same update, which only the ledger counts.
        amount: null,
        details: [
          ['trainer', `seat ${line.seat}, ${formatCount(line.steps)} steps`],
          ['deposit', `${exactCairn(deposit)}, doubled for each earlier case about this update`],
          ['if it is wrong', `the deposit returns, with ${exactCairn(terms.bond / 2n)}`],
          ['if it is right', 'half of the deposit is the trainer’s, and half is burned'],
        ],
      };
    },
  });
}

/** `cairn train appeal` */
export function createTrainAppealCommand(cli: Cli): Command {
  return defineSending(cli, {
    name: 'appeal',
    help: 'The one appeal of a convicted trainer, by the wallet or the key of its machine, with a deposit: validators make the steps again, and their first words do not count.',
    examples: ['train appeal 3f2a 4 --wallet savings'],
    words: [RUN_WORD, ['<case>', 'its number from train status']],
    async build({ connection, words: [named = '', number = ''] }) {
      const { createRunReader, fetchParameters } = await import('@cairn/sdk');
      const { exactCairn, formatCount } = await import('../terminal/format.ts');
      const { parseCount } = await import('../tx/parse.ts');
      const { findRun } = await import('./runs.ts');
      const wanted = parseCount(number, 'The number of a case', 0xffff_ffff);
      const { id, name, terms } = await findRun(connection, named);
      const reader = createRunReader(connection.ledger);
      const [cases, view] = await Promise.all([reader.cases(id), reader.round(id)]);
      const open = cases.find((each) => each.number === wanted);
      if (open === undefined) {
        throw new CliError(
          { code: 'NOT_FOUND', what: `case ${wanted}` },
          `Run ${name} has no open case ${wanted}. See train status.`,
        );
      }
      const { trainingChallengeDeposit: deposit } = await fetchParameters(connection.ledger);
      const left = open.deadlineSlot - view!.slot;
      return {
        message: 'training.appeal',
        value: { run: id, case: wanted },
        what: `Appeal in case ${wanted} of run ${name}`,
        amount: deposit,
        details: [
          ['about', `step ${open.step} of place ${open.place} in round ${open.round}, ${open.phase}`],
          ['time left', `${formatCount(left > 0n ? left : 0n)} slots`],
          ['if it is lost', `the deposit is lost too, beside the bond of ${exactCairn(terms.bond)}`],
        ],
      };
    },
  });
}
