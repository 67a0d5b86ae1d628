import type { EventReader } from './event-reader.ts';
import { between, CAIRN, flow, type ProjectedRow, price, within } from './row.ts';

type Projection = (event: EventReader) => readonly ProjectedRow[];

/**
 * What the index derives from which event, one entry each. An event that is not here is kept as it is and found by
 * name, account and subnet; it gives no other rows.
 */
export const PROJECTIONS: Readonly<Record<string, Projection>> = {
  'accounts.transferred': (e) =>
    between(e.text('from'), e.text('to'), { kind: 'transfer', amount: e.amount('amount') }),
  'accounts.closed': (e) =>
    between(e.text('account'), e.text('beneficiary'), { kind: 'closed', amount: e.amount('amount') }),

  'staking.staked': (e) =>
    within(e.text('coldkey'), 'free', 'staked', { kind: 'stake', amount: e.amount('amount') }),
  'staking.unstaked': (e) =>
    within(e.text('coldkey'), 'staked', 'free', { kind: 'unstake', amount: e.amount('amount') }),

  'staking.tokensStaked': (e) => within(e.text('coldkey'), 'free', 'staked', tokens(e, 'stake')),
  'staking.tokensUnstaked': (e) => within(e.text('coldkey'), 'staked', 'free', tokens(e, 'unstake')),

  'subnets.created': (e) => [
    ...flow(e.text('owner'), 'free', { kind: 'subnetLock', amount: -e.amount('locked') }),
    ...price(e.whole('netuid'), 'lock', e.amount('locked')),
  ],
  'subnets.neuronRegistered': (e) => [
    ...flow(e.text('coldkey'), 'free', { kind: 'registration', amount: -e.amount('price') }),
    ...price(e.whole('netuid'), 'burn', e.amount('price')),
  ],

  'emission.paid': (e) => [...pay(e, e.text('kind')), ...toColdkey(e, e.text('kind'))],
  'validators.rewarded': (e) => [
    {
      table: 'pay',
      netuid: null,
      uid: null,
      hotkey: e.text('account'),
      coldkey: null,
      kind: 'proposer',
      amount: e.amount('amount'),
    },
    ...flow(e.text('account'), e.text('origin') === 'genesis' ? 'free' : 'payout', {
      kind: 'proposer',
      amount: e.amount('amount'),
    }),
  ],

  'channels.opened': (e) => [
    ...channelMove(e, 'opened', e.amount('deposit')),
    ...within(e.text('payer'), 'free', 'channel', { kind: 'channelOpen', amount: e.amount('deposit') }),
  ],
  'channels.toppedUp': (e) => [
    ...channelMove(e, 'toppedUp', e.amount('amount')),
    ...within(e.text('payer'), 'free', 'channel', { kind: 'channelTopUp', amount: e.amount('amount') }),
  ],
  'channels.claimed': (e) => [
    ...channelMove(e, 'claimed', e.amount('gross'), e.amount('burned')),
    ...flow(e.text('payer'), 'channel', { kind: 'claim', amount: -e.amount('gross') }, e.text('payee')),
    ...flow(e.text('payee'), 'payout', { kind: 'claim', amount: e.amount('net') }, e.text('payer')),
  ],
  'channels.royaltyPaid': (e) =>
    flow(e.text('payee'), 'free', { kind: 'royalty', amount: e.amount('amount') }),
  'channels.closeStarted': (e) => channelMove(e, 'closeStarted', 0n),
  'channels.finalised': (e) => [
    ...channelMove(e, 'finalised', e.amount('refund')),
    ...within(e.text('payer'), 'channel', 'free', { kind: 'channelRefund', amount: e.amount('refund') }),
  ],

  'pools.cleared': (e) => price(e.whole('netuid'), 'pool', e.amount('price')),
  'pools.transferred': (e) => between(e.text('from'), e.text('to'), tokens(e, 'transfer')),
  'pools.rootPaid': (e) => flow(e.text('hotkey'), 'payout', { kind: 'rootTake', amount: e.amount('take') }),
  'pools.orderCleared': (e) => (e.text('kind') === 'account' ? trade(e) : []),

  'governance.grantPaid': (e) => flow(e.text('payee'), 'free', { kind: 'grant', amount: e.amount('amount') }),
};

function pay(e: EventReader, kind: string): ProjectedRow[] {
  return [
    {
      table: 'pay',
      netuid: e.whole('netuid'),
      uid: e.wholeOrNull('uid'),
      hotkey: e.textOrNull('hotkey'),
      coldkey: e.textOrNull('coldkey'),
      kind,
      amount: e.amount('amount'),
    },
  ];
}

/** An amount in the token of the subnet that the event names. */
function tokens(e: EventReader, kind: string) {
  return { kind, token: e.whole('netuid'), amount: e.amount('amount') };
}

/** Dividends of all stakers have no coldkey: the event does not say who held which share. */
function toColdkey(e: EventReader, kind: string): ProjectedRow[] {
  const coldkey = e.textOrNull('coldkey');
  return coldkey === null ? [] : flow(coldkey, 'free', tokens(e, kind), e.textOrNull('hotkey'));
}

function channelMove(e: EventReader, kind: string, amount: bigint, burned = 0n): ProjectedRow[] {
  const channel = e.text('channel');
  const parties = { payer: e.text('payer'), payee: e.text('payee'), netuid: e.whole('netuid') };
  return [{ table: 'channel_moves', channel, ...parties, kind, amount, burned }];
}

/** A buyer spends CAIRN for the token of the subnet, a seller the other way round. */
function trade(e: EventReader): ProjectedRow[] {
  const kind = e.text('side');
  const token = e.whole('netuid');
  const [paid, got] = kind === 'buy' ? [CAIRN, token] : [token, CAIRN];
  return [
    ...flow(e.text('owner'), 'free', { kind, token: paid, amount: -e.amount('spent') }),
    ...flow(e.text('owner'), 'free', { kind, token: got, amount: e.amount('amountOut') }),
  ];
}
