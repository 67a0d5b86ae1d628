import type { BlockView } from '@cairn/protocol';
import { aBlock, anAddress, hash, type Said } from './written-chain.ts';

/** Cheap numbers from a seed: the same everywhere. */
function numbers(seed: number): (below: number) => number {
  let state = (seed * 2_654_435_761 + 1) % 4_294_967_296;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 4_294_967_296) * below);
  };
}

/** An event of any kind that gives rows, or one that nobody knows. */
export function aBusyEvent(seed: number): Said {
  const pick = numbers(seed);
  const who = () => anAddress(1 + pick(5));
  const amount = () => String(1 + pick(1_000_000));
  const netuid = pick(3);
  const parties = { channel: hash(pick(4), 5), payer: who(), payee: who(), netuid };
  const kinds: readonly (() => Said)[] = [
    () => ['accounts.transferred', { from: who(), to: who(), amount: amount() }],
    () => ['staking.staked', { coldkey: who(), hotkey: who(), amount: amount(), shares: '1' }],
    () => ['staking.unstaked', { coldkey: who(), hotkey: who(), amount: amount(), shares: '1' }],
    () => [
      'subnets.neuronRegistered',
      { netuid, uid: pick(9), hotkey: who(), coldkey: who(), price: amount() },
    ],
    () => [
      'emission.paid',
      { netuid, uid: pick(9), hotkey: who(), coldkey: who(), kind: 'incentive', amount: amount() },
    ],
    () => [
      'emission.paid',
      { netuid, uid: pick(9), hotkey: who(), coldkey: null, kind: 'dividends', amount: amount() },
    ],
    () => ['channels.opened', { ...parties, deposit: amount() }],
    () => ['channels.claimed', { ...parties, gross: '100', burned: '1', net: '99', cumulative: '100' }],
    () => ['channels.finalised', { ...parties, refund: amount() }],
    () => ['pools.cleared', { netuid, price: amount(), orders: 1 }],
    () => ['nobody.knows', { netuid, someone: who(), nested: [who(), 'text', 7] }],
  ];
  return kinds[pick(kinds.length)]!();
}

/** Block `height` of a chain where much happens. */
export function aBusyBlock(height: number): BlockView {
  const pick = numbers(height * 7 + 1);
  const some = (many: number, salt: number) =>
    Array.from({ length: pick(many) }, (_, i) => aBusyEvent(height * 1_000 + salt + i));
  return aBlock(height, {
    transactions: Array.from({ length: pick(4) }, (_, i) => some(4, i * 10)),
    events: some(5, 500),
  });
}

export function busyBlocks(count: number): BlockView[] {
  return Array.from({ length: count }, (_, i) => aBusyBlock(i + 1));
}
