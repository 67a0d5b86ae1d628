import { COMPUTE_FLOWS } from './compute-flows.ts';
import { defineFlows } from './definition.ts';
import { POOL_FLOWS } from './pool-flows.ts';
import { STAKING_FLOWS } from './staking-flows.ts';
import { SUBNET_FLOWS } from './subnet-flows.ts';
import { TRAINING_FLOWS } from './training-flows.ts';

export type { FlowDefinition, Pot } from './definition.ts';

const exact = 'exact';

/**
 * Every way money moves. Code moves money only by naming a flow, and the document is made from this table,
 * so nothing can move outside it.
 */
export const FLOWS = defineFlows({
  'genesis.fund': {
    from: 'issue',
    to: 'circulating',
    payer: 'nobody (local networks only)',
    payee: 'accounts named in genesis',
    rounding: exact,
  },
  'accounts.transfer': {
    from: 'circulating',
    to: 'circulating',
    payer: 'sender',
    payee: 'recipient',
    rounding: exact,
  },
  'accounts.holdDeposit': {
    from: 'circulating',
    to: 'escrowed',
    payer: 'account',
    payee: 'its own deposit',
    rounding: 'up to whole bytes',
  },
  'accounts.releaseDeposit': {
    from: 'escrowed',
    to: 'circulating',
    payer: 'deposit',
    payee: 'who paid it',
    rounding: exact,
  },
  'accounts.prepayCall': {
    from: 'circulating',
    to: 'escrowed',
    payer: 'who schedules a call',
    payee: 'the work of the call',
    rounding: exact,
  },
  'accounts.payCall': {
    from: 'escrowed',
    to: 'recycle',
    payer: 'prepaid work of a scheduled call',
    payee: 'nobody',
    rounding: exact,
  },
  'accounts.refundCall': {
    from: 'escrowed',
    to: 'circulating',
    payer: 'prepaid work of a call that never ran',
    payee: 'who scheduled it',
    rounding: exact,
  },
  'fees.work': {
    from: 'circulating',
    to: 'recycle',
    payer: 'sender',
    payee: 'nobody',
    rounding: 'exact: what was declared and not used is never taken',
  },
  'fees.tip': {
    from: 'circulating',
    to: 'circulating',
    payer: 'sender',
    payee: 'wallet of the proposer of the block',
    rounding: exact,
  },
  'emission.mint': {
    from: 'issue',
    to: 'escrowed',
    payer: 'nobody',
    payee: 'the proposer of the block, the treasury and the pools of subnets',
    rounding:
      'shares of proposer and treasury round down; shares of subnets too, the rest goes to the lowest',
  },
  'validators.proposerReward': {
    from: 'escrowed',
    to: 'circulating',
    payer: 'what the block mints',
    payee: 'account that genesis names for the proposer, or the owner of its hotkey (the take)',
    rounding: 'down',
  },
  'emission.stakerDividend': {
    from: 'escrowed',
    to: 'staked',
    payer: 'what the block mints',
    payee: 'all stakers of the hotkey by share',
    rounding: 'what the take leaves',
  },
  'emission.unearned': {
    from: 'escrowed',
    to: 'recycle',
    payer: 'what the block mints',
    payee: 'nobody',
    rounding: 'what its proposer could not be paid',
  },
  'emission.inject': {
    from: 'escrowed',
    to: 'pooled',
    payer: 'what the block mints',
    payee: "a subnet's pool",
    rounding: 'tokens beside it round down: the pool never loses',
  },
  ...COMPUTE_FLOWS,
  ...POOL_FLOWS,
  ...STAKING_FLOWS,
  ...SUBNET_FLOWS,
  ...TRAINING_FLOWS,
  'channels.open': { from: 'circulating', to: 'escrowed', payer: 'payer', payee: 'channel', rounding: exact },
  'channels.topUp': {
    from: 'circulating',
    to: 'escrowed',
    payer: 'payer',
    payee: 'channel',
    rounding: exact,
  },
  'channels.claim': {
    from: 'escrowed',
    to: 'circulating',
    payer: 'channel',
    payee: 'payee (coldkey of a hotkey)',
    rounding: 'what the burned share and royalties leave',
  },
  'channels.royalty': {
    from: 'escrowed',
    to: 'circulating',
    payer: 'channel',
    payee: 'owners of the model that answered and of those it was made from (coldkey of a hotkey)',
    rounding: 'down: the payee never loses',
  },
  'channels.claimBurn': { from: 'escrowed', to: 'burn', payer: 'channel', payee: 'nobody', rounding: 'up' },
  'channels.refund': {
    from: 'escrowed',
    to: 'circulating',
    payer: 'channel',
    payee: 'payer',
    rounding: exact,
  },
  'crowdfunding.contribute': {
    from: 'circulating',
    to: 'escrowed',
    payer: 'contributor',
    payee: 'fund',
    rounding: exact,
  },
  'crowdfunding.refund': {
    from: 'escrowed',
    to: 'circulating',
    payer: 'fund without a subnet',
    payee: 'contributor',
    rounding: exact,
  },
  'crowdfunding.finalise': {
    from: 'escrowed',
    to: 'circulating',
    payer: 'fund that reached its goal',
    payee: 'owner of the subnet, to create it',
    rounding: exact,
  },
  'crowdfunding.returnSurplus': {
    from: 'circulating',
    to: 'escrowed',
    payer: 'owner of the subnet',
    payee: 'fund: what the subnet did not cost',
    rounding: exact,
  },
  'crowdfunding.surplus': {
    from: 'escrowed',
    to: 'circulating',
    payer: 'fund with a subnet',
    payee: 'contributors by contribution',
    rounding: 'down, the last takes the rest',
  },
  'governance.treasuryShare': {
    from: 'escrowed',
    to: 'escrowed',
    payer: 'what the block mints',
    payee: 'treasury',
    rounding: 'down',
  },
  'governance.bond': {
    from: 'circulating',
    to: 'escrowed',
    payer: 'proposer',
    payee: 'bond of the proposal',
    rounding: 'down',
  },
  'governance.returnBond': {
    from: 'escrowed',
    to: 'circulating',
    payer: 'bond of the proposal',
    payee: 'proposer',
    rounding: exact,
  },
  'governance.loseBond': {
    from: 'escrowed',
    to: 'escrowed',
    payer: 'bond of a proposal that most voted against',
    payee: 'treasury',
    rounding: exact,
  },
  'governance.grant': {
    from: 'escrowed',
    to: 'escrowed',
    payer: 'treasury',
    payee: 'milestones of an enacted grant',
    rounding: exact,
  },
  'governance.payMilestone': {
    from: 'escrowed',
    to: 'circulating',
    payer: 'confirmed milestone',
    payee: 'payee of the grant',
    rounding: exact,
  },
  'governance.returnMilestone': {
    from: 'escrowed',
    to: 'escrowed',
    payer: 'milestone not confirmed by its deadline, or whose payee cannot be paid',
    payee: 'treasury',
    rounding: exact,
  },
});

export type FlowName = keyof typeof FLOWS;
