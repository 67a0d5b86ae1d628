import { hotkeys, positions, tokenPools, tokenPositions, valueOfShares } from '../../src/index.ts';
import { aChain, agreement, aKey, CAIRN, type TestChain, type TestKey } from './chain.ts';

export { CAIRN };

/** Two who stake, two hotkeys of one owner, and that owner. */
export const [ann, ben, owner, east, west] = [aKey(1), aKey(2), aKey(3), aKey(4), aKey(5)] as const;

/** A chain with both hotkeys and with subnet 1. */
export async function aStakingChain(parameters: Record<string, bigint> = {}): Promise<TestChain> {
  const chain = aChain({
    funded: [ann, ben, owner],
    parameters: { subnetLockMin: 10n * CAIRN, ...parameters },
  });
  for (const hotkey of [east, west]) {
    const message = { hotkey: await agreement(chain.chainId, hotkey, owner.account) };
    const code = chain.send(owner, 'staking.associateHotkey', message);
    if (code !== null) throw new Error(code);
  }
  const create = chain.send(owner, 'subnets.create', { name: 'one', lockLimit: 1_000n * CAIRN });
  if (create !== null) throw new Error(create);
  return chain;
}

/** What a position is worth: on root for netuid 0. */
export function worthOf({ view }: TestChain, netuid: number, coldkey: TestKey, hotkey: TestKey): bigint {
  const held =
    netuid === 0
      ? positions.get(view, coldkey.account, hotkey.account)
      : tokenPositions.get(view, coldkey.account, netuid, hotkey.account);
  const pool =
    netuid === 0 ? hotkeys.get(view, hotkey.account)! : tokenPools.get(view, netuid, hotkey.account);
  return valueOfShares(pool, held?.shares ?? 0n);
}
