import { addressToAccountId } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { defineSending, type SendingFlags } from '../sending.ts';
import { RUN_WORD } from './words.ts';

/** `cairn train leave` */
export function createTrainLeaveCommand(cli: Cli): Command {
  return defineSending<SendingFlags & { readonly device?: string }>(cli, {
    name: 'leave',
    help: 'Gives up the seat of a machine in a training run, by its wallet or its own key. What it earned vests without it.',
    examples: ['train leave 3f2a --wallet savings', 'train leave 3f2a --device cairn1… --wallet savings'],
    words: [RUN_WORD],
    options: [['--device <account>', 'key of the machine, from train status (default: who signs)']],
    async build({ cli, connection, payer, words: [named = ''], flags }) {
      const { exactCairn } = await import('../terminal/format.ts');
      const { resolveAccount } = await import('../sender.ts');
      const { findRun } = await import('./runs.ts');
      const { id, name, terms } = await findRun(connection, named);
      const device =
        flags.device === undefined
          ? payer.address
          : (await resolveAccount(cli, connection, flags.device)).address;
      return {
        message: 'training.leave',
        value: { run: id, device: addressToAccountId(device) },
        what: `Leave training run ${name}`,
        amount: 0n,
        details: [
          ['machine', device],
          ['bond', `${exactCairn(terms.bond)}, returned once nothing it did can be challenged`],
        ],
      };
    },
  });
}
