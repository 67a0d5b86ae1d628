import type { ParameterDefinition } from './definition.ts';
import { ACCOUNTS_PARAMETERS } from './groups/accounts.ts';
import { CHANNELS_PARAMETERS } from './groups/channels.ts';
import { COMPUTE_PARAMETERS } from './groups/compute.ts';
import { CROWDFUNDING_PARAMETERS } from './groups/crowdfunding.ts';
import { DELEGATION_PARAMETERS } from './groups/delegation.ts';
import { EMISSION_AND_STAKE_PARAMETERS } from './groups/emission-and-stake.ts';
import { FEES_AND_BLOCKS_PARAMETERS } from './groups/fees-and-blocks.ts';
import { GOVERNANCE_PARAMETERS } from './groups/governance.ts';
import { POOLS_PARAMETERS } from './groups/pools.ts';
import { REGISTRY_PARAMETERS } from './groups/registry.ts';
import { SUBNETS_PARAMETERS } from './groups/subnets.ts';
import { TIMELOCK_PARAMETERS } from './groups/timelock.ts';
import { TRAINING_PARAMETERS } from './groups/training.ts';
import { VALIDATORS_PARAMETERS } from './groups/validators.ts';
import { VERIFICATION_PARAMETERS } from './groups/verification.ts';

/**
 * Every network parameter. The groups are the only place: genesis, state, documents and bounds come from them.
 */
export const PARAMETERS = {
  ...FEES_AND_BLOCKS_PARAMETERS,
  ...ACCOUNTS_PARAMETERS,
  ...SUBNETS_PARAMETERS,
  ...TIMELOCK_PARAMETERS,
  ...EMISSION_AND_STAKE_PARAMETERS,
  ...VALIDATORS_PARAMETERS,
  ...POOLS_PARAMETERS,
  ...REGISTRY_PARAMETERS,
  ...CHANNELS_PARAMETERS,
  ...COMPUTE_PARAMETERS,
  ...DELEGATION_PARAMETERS,
  ...CROWDFUNDING_PARAMETERS,
  ...GOVERNANCE_PARAMETERS,
  ...VERIFICATION_PARAMETERS,
  ...TRAINING_PARAMETERS,
};

export type ParameterName = keyof typeof PARAMETERS;
export type Parameters = { readonly [K in ParameterName]: bigint };
export const PARAMETER_NAMES = Object.keys(PARAMETERS) as ParameterName[];

/** Who may change a parameter once the chain has started. */
export function whoChanges(name: ParameterName): 'governance' | 'genesis' {
  const { changedBy }: ParameterDefinition = PARAMETERS[name];
  return changedBy ?? 'governance';
}
