import { expect } from 'vitest';
import { type SealedOrder, sealedOrderCommitment } from '../../src/index.ts';
import { aChain, aKey, CAIRN, type Call, type TestChain, type TestKey, testCrypto } from './chain.ts';

export const [owner, alice, bob, carol] = [1, 2, 3, 4].map(aKey) as [TestKey, TestKey, TestKey, TestKey];
const BOUNDLESS = { limitPrice: null, minOut: 0n, isPartialAllowed: true } as const;

/** Two subnets with pools and nobody who mines, so that nothing but trades moves a price. */
export function aPoolTown(parameters: Record<string, bigint> = {}): TestChain {
  const chain = aChain({ funded: [owner, alice, bob, carol], parameters });
  for (const name of ['one', 'two'])
    expect(chain.send(owner, 'subnets.create', { name, lockLimit: 10_000n * CAIRN })).toBeNull();
  return chain;
}

export function anOrder(
  side: 'buy' | 'sell',
  amount: bigint | null,
  change: Partial<SealedOrder> = {},
): SealedOrder {
  return { side, netuid: 1, amount, ...BOUNDLESS, nextLeg: null, ...change };
}

/** The two messages of a sealed order. */
export function sealing(chain: TestChain, from: TestKey, order: SealedOrder, number = 1) {
  const salt = new Uint8Array(32).fill(number);
  const commitment = sealedOrderCommitment(testCrypto, {
    chainId: chain.chainId,
    sender: from.account,
    salt,
    order,
  });
  const seal: Call = { from, name: 'pools.sealOrder', message: { commitment } };
  const open: Call = { from, name: 'pools.openOrder', message: { commitment, salt, order } };
  return { commitment, seal, open };
}

export const plain = (from: TestKey, side: 'buy' | 'sell', amount: bigint | null): Call => ({
  from,
  name: `pools.${side}`,
  message: { netuid: 1, amount, ...BOUNDLESS },
});

export function expectDone({ results }: ReturnType<TestChain['block']>): void {
  expect(results.map(({ problem }) => problem?.message ?? null)).toEqual(results.map(() => null));
}
