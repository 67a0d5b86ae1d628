import type { CallGenerator } from '../generator.ts';
import { accountsGenerator } from './accounts.ts';
import { channelsGenerator } from './channels.ts';
import { governanceGenerator } from './governance.ts';
import { registryGenerator } from './registry.ts';
import { stakingGenerator } from './staking.ts';
import { subnetsGenerator, yumaGenerator } from './subnets.ts';
import { validatorsGenerator } from './validators.ts';

/** One line for each module that takes transactions. */
export const GENERATORS: readonly CallGenerator[] = [
  accountsGenerator,
  stakingGenerator,
  subnetsGenerator,
  yumaGenerator,
  registryGenerator,
  channelsGenerator,
  validatorsGenerator,
  governanceGenerator,
];
