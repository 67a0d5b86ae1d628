/** Where money is. Everything issued is in exactly one of the first four. */
export type Pot = 'circulating' | 'staked' | 'pooled' | 'escrowed';

export interface FlowDefinition {
  /** `issue`: newly minted. */
  readonly from: Pot | 'issue';
  /** `burn`: gone for ever. `recycle`: gone now, to be minted again by the same curve. */
  readonly to: Pot | 'burn' | 'recycle';
  readonly payer: string;
  readonly payee: string;
  readonly rounding: string;
}

const exact = 'exact';
const define = <const T extends Record<string, FlowDefinition>>(table: T): T => table;

/**
 * Every way money moves. Code moves money only by naming a flow, and the document is made from this table,
 * so nothing can move outside it.
 */
export const FLOWS = define({
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
  'fees.work': { from: 'circulating', to: 'recycle', payer: 'sender', payee: 'nobody', rounding: exact },
  'fees.tip': {
    from: 'circulating',
    to: 'circulating',
    payer: 'sender',
    payee: 'wallet of the proposer of the block',
    rounding: exact,
  },
  'staking.stake': {
    from: 'circulating',
    to: 'staked',
    payer: 'coldkey',
    payee: 'its position at the hotkey',
    rounding: 'shares round down: the pool never loses',
  },
  'staking.unstake': {
    from: 'staked',
    to: 'circulating',
    payer: 'position',
    payee: 'coldkey',
    rounding: 'amount rounds down: the pool never loses',
  },
  'subnets.lock': {
    from: 'circulating',
    to: 'escrowed',
    payer: 'creator of a subnet',
    payee: 'lock of the subnet',
    rounding: 'exact',
  },
  'subnets.registrationBurn': {
    from: 'circulating',
    to: 'recycle',
    payer: 'who registers a neuron',
    payee: 'nobody',
    rounding: 'price rounds down',
  },
  'emission.mint': {
    from: 'issue',
    to: 'escrowed',
    payer: 'nobody',
    payee: 'the proposer of the block, the treasury and pending emission of subnets',
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
  'emission.ownerCut': {
    from: 'escrowed',
    to: 'circulating',
    payer: 'pending emission',
    payee: 'owner of the subnet',
    rounding: 'down',
  },
  'emission.minerIncentive': {
    from: 'escrowed',
    to: 'circulating',
    payer: 'pending emission',
    payee: 'coldkey of the miner',
    rounding: 'down',
  },
  'emission.validatorTake': {
    from: 'escrowed',
    to: 'circulating',
    payer: 'pending emission',
    payee: 'coldkey of the validator',
    rounding: 'down',
  },
  'emission.stakerDividend': {
    from: 'escrowed',
    to: 'staked',
    payer: 'pending emission, or what the block mints',
    payee: 'all stakers of the hotkey by share',
    rounding: 'what the take leaves',
  },
  'emission.unearned': {
    from: 'escrowed',
    to: 'recycle',
    payer: 'pending emission',
    payee: 'nobody',
    rounding: 'what nobody earned and all dust',
  },
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
    rounding: 'what the burned share leaves',
  },
  'channels.claimBurn': { from: 'escrowed', to: 'burn', payer: 'channel', payee: 'nobody', rounding: 'up' },
  'channels.refund': {
    from: 'escrowed',
    to: 'circulating',
    payer: 'channel',
    payee: 'payer',
    rounding: exact,
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
