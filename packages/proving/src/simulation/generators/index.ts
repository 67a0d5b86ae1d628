import type { CallGenerator } from '../generator.ts';
import { accountsGenerator } from './accounts.ts';
import { channelsGenerator } from './channels.ts';
import { computeGenerator } from './compute.ts';
import { crowdfundingGenerator } from './crowdfunding.ts';
import { datasetsGenerator } from './datasets.ts';
import { governanceGenerator } from './governance.ts';
import { keysGenerator } from './keys.ts';
import { multisigGenerator } from './multisig.ts';
import { poolsGenerator } from './pools.ts';
import { proxiesGenerator } from './proxies.ts';
import { registryGenerator } from './registry.ts';
import { scheduledGenerator } from './scheduled.ts';
import { stakingGenerator } from './staking.ts';
import { subnetsGenerator } from './subnets.ts';
import { trainingGenerator } from './training.ts';
import { validatorsGenerator } from './validators.ts';
import { verificationGenerator } from './verification.ts';
import { yumaGenerator } from './yuma.ts';

/** One line for each module that takes transactions. */
export const GENERATORS: readonly CallGenerator[] = [
  accountsGenerator,
  multisigGenerator,
  proxiesGenerator,
  scheduledGenerator,
  stakingGenerator,
  subnetsGenerator,
  yumaGenerator,
  registryGenerator,
  channelsGenerator,
  computeGenerator,
  datasetsGenerator,
  validatorsGenerator,
  verificationGenerator,
  poolsGenerator,
  keysGenerator,
  crowdfundingGenerator,
  governanceGenerator,
  trainingGenerator,
];
