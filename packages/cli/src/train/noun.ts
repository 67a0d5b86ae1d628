import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { defineNoun } from '../command.ts';
import { createTrainExplainCommand } from './explain.ts';
import { createTrainLeaveCommand } from './leave.ts';
import { createTrainListCommand } from './list.ts';
import { createTrainEndCommand, createTrainFundCommand } from './money.ts';
import { createTrainSignCommand } from './sign.ts';
import { createTrainStatusCommand } from './status.ts';

/** `cairn train` */
export function createTrainNoun(cli: Cli): Command {
  return defineNoun('train', 'Training runs: list, status, explain, fund, leave, sign, end.', [
    createTrainListCommand(cli),
    createTrainStatusCommand(cli),
    createTrainExplainCommand(cli),
    createTrainFundCommand(cli),
    createTrainLeaveCommand(cli),
    createTrainSignCommand(cli),
    createTrainEndCommand(cli),
  ]);
}
