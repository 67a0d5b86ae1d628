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
  'staking.unbond': {
    from: 'staked',
    to: 'escrowed',
    payer: 'position',
    payee: 'what waits to be paid to the coldkey',
    rounding: 'amount rounds down: the pool never loses',
  },
  'staking.release': {
    from: 'escrowed',
    to: 'circulating',
    payer: 'unstaked CAIRN that is due',
    payee: 'coldkey',
    rounding: exact,
  },
  'staking.slash': {
    from: 'staked',
    to: 'burn',
    payer: 'all who stake to a hotkey',
    payee: 'nobody',
    rounding: 'down, for those who lose it',
  },
  'staking.slashUnbonding': {
    from: 'escrowed',
    to: 'burn',
    payer: 'what left a hotkey and is not free',
    payee: 'nobody',
    rounding: 'down, for those who lose it',
  },
  'emission.mint': {
    from: 'issue',
    to: 'escrowed',
    payer: 'nobody',
    payee: 'the proposer of the block and the pools of subnets',
    rounding: "the proposer's share rounds down; shares of subnets too, the rest goes to the lowest",
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
  'pools.lock': {
    from: 'circulating',
    to: 'pooled',
    payer: 'creator of a subnet',
    payee: 'reserve of its pool',
    rounding: exact,
  },
  'pools.registration': {
    from: 'circulating',
    to: 'pooled',
    payer: 'who registers a neuron',
    payee: "the subnet's pool, for tokens that are burned",
    rounding: 'price rounds down',
  },
  'pools.escrowBuy': {
    from: 'circulating',
    to: 'escrowed',
    payer: 'buyer',
    payee: 'order of this block',
    rounding: exact,
  },
  'pools.buy': { from: 'escrowed', to: 'pooled', payer: 'order', payee: 'pool', rounding: 'fees round up' },
  'pools.returnBuy': {
    from: 'escrowed',
    to: 'circulating',
    payer: 'order',
    payee: 'who placed it',
    rounding: exact,
  },
  'pools.unpaid': {
    from: 'escrowed',
    to: 'recycle',
    payer: 'order',
    payee: 'nobody: its account was closed and the amount is below the deposit of another',
    rounding: exact,
  },
  'pools.sell': {
    from: 'pooled',
    to: 'circulating',
    payer: 'pool',
    payee: 'seller, or the take of root dividends',
    rounding: 'down: the pool never loses',
  },
  'pools.sellLeg': {
    from: 'pooled',
    to: 'escrowed',
    payer: 'pool',
    payee: "the seller's order of the next block",
    rounding: 'down: the pool never loses',
  },
  'pools.rootDividend': {
    from: 'pooled',
    to: 'staked',
    payer: 'pool',
    payee: 'all who stake on root at the hotkey',
    rounding: 'down: the pool never loses',
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
});

export type FlowName = keyof typeof FLOWS;
