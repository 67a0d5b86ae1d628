import type { CallGenerator } from '../generator.ts';
import { accountsGenerator } from './accounts.ts';
import { channelsGenerator } from './channels.ts';
import { registryGenerator } from './registry.ts';
import { stakingGenerator } from './staking.ts';
import { subnetsGenerator } from './subnets.ts';
import { validatorsGenerator } from './validators.ts';
import { yumaGenerator } from './yuma.ts';

/** One line for each module that takes transactions. */
export const GENERATORS: readonly CallGenerator[] = [
  accountsGenerator,
  stakingGenerator,
  subnetsGenerator,
  yumaGenerator,
  registryGenerator,
  channelsGenerator,
  validatorsGenerator,
];
