import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { defineNoun } from '../command.ts';
import { createTrainAdapterCommand } from './adapter.ts';
import { createTrainAppealCommand, createTrainChallengeCommand } from './case.ts';
import { createTrainCreateCommand } from './create.ts';
import { createTrainExplainCommand } from './explain.ts';
import { createTrainExportCommand } from './export.ts';
import { createTrainJoinCommand } from './join.ts';
import { createTrainLeaveCommand } from './leave.ts';
import { createTrainListCommand } from './list.ts';
import { createTrainEndCommand, createTrainFundCommand } from './money.ts';
import { createTrainSignCommand } from './sign.ts';
import { createTrainStatusCommand } from './status.ts';
import { createTrainWatchCommand } from './watch.ts';

/** `cairn train` */
export function createTrainNoun(cli: Cli): Command {
  return defineNoun(
    'train',
    'Training runs: create, join, watch, list, status, explain, export, adapter, challenge, appeal, fund, leave, sign, end.',
    [
      createTrainCreateCommand(cli),
      createTrainJoinCommand(cli),
      createTrainWatchCommand(cli),
      createTrainListCommand(cli),
      createTrainStatusCommand(cli),
      createTrainExplainCommand(cli),
      createTrainExportCommand(cli),
      createTrainAdapterCommand(cli),
      createTrainChallengeCommand(cli),
      createTrainAppealCommand(cli),
      createTrainFundCommand(cli),
      createTrainLeaveCommand(cli),
      createTrainSignCommand(cli),
      createTrainEndCommand(cli),
    ],
  );
}
