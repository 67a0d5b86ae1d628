import { accountsModule } from './accounts/index.ts';
import { channelsModule } from './channels/index.ts';
import { computeModule } from './compute/index.ts';
import { crowdfundingModule } from './crowdfunding/index.ts';
import { datasetsModule } from './datasets/index.ts';
import { emissionModule } from './emission/index.ts';
import type { LedgerModule } from './execution/module.ts';
import { governanceModule } from './governance/index.ts';
import { parametersModule } from './parameters/index.ts';
import { poolsModule } from './pools/index.ts';
import { registryModule } from './registry/index.ts';
import { stakingModule } from './staking/index.ts';
import { subnetsModule } from './subnets/index.ts';
import { trainingModule } from './training/index.ts';
import { validatorsModule } from './validators/index.ts';
import { verificationModule } from './verification/index.ts';
import { yumaModule } from './yuma/index.ts';

/** Every module in the order its hooks run: emission accrues before epochs pay it out. */
export const MODULES: readonly LedgerModule[] = [
  accountsModule,
  stakingModule,
  subnetsModule,
  emissionModule,
  poolsModule,
  yumaModule,
  registryModule,
  channelsModule,
  computeModule,
  datasetsModule,
  crowdfundingModule,
  parametersModule,
  validatorsModule,
  governanceModule,
  verificationModule,
  trainingModule,
];
