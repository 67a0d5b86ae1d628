import { bytesToHex } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { CliError } from '../errors.ts';
import { defineSending } from '../sending.ts';
import { RUN_WORD } from './words.ts';

/** `cairn train sign` */
export function createTrainSignCommand(cli: Cli): Command {
  return defineSending(cli, {
    name: 'sign',
    help: 'Signs the released files of a training run after a round, as a maintainer who has checked them.',
    examples: ['train sign 3f2a 100 --wallet maintainer'],
    words: [RUN_WORD, ['<round>', 'the round after which they were released']],
    async build({ connection, words: [named = '', number = ''] }) {
      const { createRunReader } = await import('@cairn/sdk');
      const { parseCount } = await import('../tx/parse.ts');
      const { findRun, formatLoss } = await import('./runs.ts');
      const round = parseCount(number, 'The number of a round', 0xffff_ffff);
      const { id, name } = await findRun(connection, named);
      const posted = await createRunReader(connection.ledger).checkpoint(id, round);
      if (posted === null) {
        throw new CliError(
          { code: 'NOT_FOUND', what: `a checkpoint after round ${round}` },
          `Run ${name} has released nothing after round ${round}. See train status.`,
        );
      }
      const { manifest, gguf, root, evalLoss } = posted;
      return {
        message: 'training.sign',
        value: { run: id, round, manifest, gguf },
        what: `Sign what run ${name} released after round ${round}`,
        amount: 0n,
        details: [
          ['weights', bytesToHex(root)],
          ['list of pages', bytesToHex(manifest)],
          ['gguf file', bytesToHex(gguf)],
          ['held-out loss', formatLoss(evalLoss)],
        ],
      };
    },
  });
}
