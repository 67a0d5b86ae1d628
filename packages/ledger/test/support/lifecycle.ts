import { holdings, markets } from '../../src/index.ts';
import { aChain, CAIRN, type TestChain, type TestKey } from './chain.ts';

/** Notices and immunity short enough for a test. */
const SHORT_LIVES = {
  subnetLockMin: 10n * CAIRN,
  subnetLockReductionSlots: 1n,
  networkImmunitySlots: 5n,
  evictionNoticeSlots: 4n,
  dissolutionNoticeSlots: 3n,
};

/** A network whose subnets belong to the first key. */
export function aLifecycle(
  funded: readonly TestKey[],
  { subnets = 1, parameters = {} }: { subnets?: number; parameters?: Record<string, bigint> } = {},
): TestChain {
  const chain = aChain({ funded, parameters: { ...SHORT_LIVES, ...parameters } });
  for (let n = 1; n <= subnets; n += 1) {
    const create = { name: `subnet ${n}`, lockLimit: 1_000_000n * CAIRN };
    const refused = chain.send(funded[0]!, 'subnets.create', create);
    if (refused !== null) throw new Error(`subnets.create: ${refused}`);
    chain.advance(2);
  }
  return chain;
}

/** Gives tokens out of nothing, counted as outstanding. */
export function giveTokens(chain: TestChain, key: TestKey, amount: bigint, netuid = 1): void {
  chain.edit((state) => {
    const held = holdings.get(state, key.account, netuid) ?? { amount: 0n, deposit: 0n };
    holdings.set(state, key.account, netuid, { ...held, amount: held.amount + amount });
    const market = markets.get(state, netuid)!;
    markets.set(state, netuid, { ...market, outstanding: market.outstanding + amount });
  });
}

/** Announces the end of a subnet and lets it come. */
export function dissolve(chain: TestChain, owner: TestKey, netuid = 1): void {
  const refused = chain.send(owner, 'subnets.dissolve', { netuid });
  if (refused !== null) throw new Error(`subnets.dissolve: ${refused}`);
  chain.advance(3);
}
