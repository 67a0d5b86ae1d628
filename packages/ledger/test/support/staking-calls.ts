import { CHILD_PROPORTION_ONE } from '../../src/index.ts';
import { keepDividend } from '../../src/staking/kept/keep-dividend.ts';
import { agreement, aKey, CAIRN, type Call, type TestChain } from './chain.ts';
import { ann, aStakingChain, ben, east, owner, west } from './staking.ts';

/** A chain, and one call that succeeds on it of each message that moves, lends or keeps stake, at its costliest. */
export async function stakingCalls(): Promise<{ chain: TestChain; calls: Call[] }> {
  const chain = await aStakingChain({
    unbondingSlots: 30n,
    childrenDelaySlots: 1n,
    releasesPerBlock: 1n,
    stakeUnlockSlots: 1n,
    stakeMaturitySlots: 1n,
  });
  const crowd = Array.from({ length: 16 }, (_, n) => aKey(200 + n));
  const children = Array.from({ length: 5 }, (_, n) => aKey(300 + n));
  const [dora, emil] = [aKey(400), aKey(401)];
  for (const { account } of [dora, emil])
    chain.send(ann, 'accounts.transfer', { to: account, amount: 1_000n * CAIRN });
  const run = (from: typeof ann, name: string, message: unknown) => {
    const code = chain.send(from, name, message);
    if (code !== null) throw new Error(`${name}: ${code}`);
  };
  for (const key of [...crowd, ...children])
    run(ben, 'staking.associateHotkey', { hotkey: await agreement(chain.chainId, key, ben.account) });
  const part = CHILD_PROPORTION_ONE / 5n;
  for (const key of crowd) {
    const lent = children.map(({ account }) => ({ hotkey: account, proportion: part }));
    run(ben, 'staking.setChildren', { netuid: 1, hotkey: key.account, children: lent });
  }
  const buy = { netuid: 1, amount: 10n * CAIRN, limitPrice: null, minOut: 0n, isPartialAllowed: false };
  run(ann, 'pools.buy', buy);
  run(ann, 'staking.stakeTokens', { netuid: 1, hotkey: east.account, amount: CAIRN });
  // A lock of which nothing is left when the calls come, and one that stays.
  run(ann, 'staking.lockStake', { netuid: 1, hotkey: east.account, amount: 1_000n, isPerpetual: false });
  for (const [key, hotkey] of [
    [ben, west],
    [dora, east],
  ] as const) {
    run(key, 'pools.buy', buy);
    run(key, 'staking.stakeTokens', { netuid: 1, hotkey: hotkey.account, amount: CAIRN });
  }
  run(ben, 'staking.lockStake', { netuid: 1, hotkey: west.account, amount: 1_000n, isPerpetual: true });
  for (const key of [ann, dora, emil])
    run(key, 'staking.stake', { hotkey: east.account, amount: 100n * CAIRN });
  run(ann, 'staking.setRootClaim', { hotkey: east.account, kind: 'keep', amount: 50n * CAIRN });
  chain.edit((state) => void keepDividend(state, 1, east.account, 1_000n));
  // Sixteen that are due at once: each of Ben's turns before them frees one.
  run(ben, 'staking.stake', { hotkey: west.account, amount: 100n * CAIRN });
  const floods = Array.from({ length: 16 }, () => [ben, emil]).flat();
  chain.block(
    floods.map((from) => ({
      from,
      name: 'staking.unstake',
      message: { hotkey: (from === ben ? west : east).account, amount: CAIRN },
    })),
  );
  chain.advance(30);
  const pick = { hotkey: east.account };
  const calls: Call[] = [
    { from: dora, name: 'staking.unstake', message: { ...pick, amount: CAIRN } },
    {
      from: dora,
      name: 'staking.moveStake',
      message: { netuid: 0, from: east.account, to: west.account, amount: CAIRN },
    },
    {
      from: ann,
      name: 'staking.moveStake',
      message: { netuid: 1, from: east.account, to: west.account, amount: 1_000n },
    },
    {
      from: dora,
      name: 'staking.transferStake',
      message: { netuid: 0, ...pick, to: aKey(500).account, amount: CAIRN },
    },
    {
      from: ann,
      name: 'staking.transferStake',
      message: { netuid: 1, ...pick, to: aKey(501).account, amount: null },
    },
    { from: ann, name: 'staking.stake', message: { ...pick, amount: CAIRN } },
    { from: ann, name: 'staking.stakeTokens', message: { netuid: 1, hotkey: west.account, amount: CAIRN } },
    { from: ann, name: 'staking.unstakeTokens', message: { netuid: 1, ...pick, amount: null } },
    { from: dora, name: 'staking.release', message: { coldkey: emil.account } },
    {
      from: owner,
      name: 'staking.setChildren',
      message: {
        netuid: 1,
        ...pick,
        children: children.map(({ account }) => ({ hotkey: account, proportion: part })),
      },
    },
    { from: owner, name: 'staking.setChildTake', message: { netuid: 1, ...pick, takeBps: 5 } },
    { from: ann, name: 'staking.setAutoStake', message: { netuid: 1, ...pick } },
    { from: dora, name: 'staking.setRootClaim', message: { ...pick, kind: 'keep', amount: null } },
    { from: ann, name: 'staking.setRootClaim', message: { ...pick, kind: 'swap', amount: null } },
    {
      from: dora,
      name: 'staking.lockStake',
      message: { netuid: 1, ...pick, amount: 1_000n, isPerpetual: true },
    },
    { from: ann, name: 'staking.unlock', message: { netuid: 1, ...pick } },
    { from: ben, name: 'staking.unlock', message: { netuid: 1, hotkey: west.account } },
    { from: ann, name: 'staking.claimRoot', message: { netuid: 1, ...pick } },
  ];
  return { chain, calls };
}
