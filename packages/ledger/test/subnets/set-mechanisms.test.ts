import { describe, expect, it } from 'vitest';
import { declaredWork, MODULES, subnets } from '../../src/index.ts';
import type { TestChain } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { aMarket, setHyperparameter, untilEpoch } from '../support/market.ts';

const EVEN = [32_768, 32_767];
const partsOf = (chain: TestChain) => subnets.get(chain.view, 1)!.mechanisms.map(({ part }) => part);

async function anOwned(parameters: Record<string, bigint> = {}) {
  const market = await aMarket({ parameters });
  const { chain, owner } = market;
  untilEpoch(chain);
  const set = (split: readonly number[], from = owner.coldkey, netuid = 1) =>
    chain.send(from, 'subnets.setMechanisms', { netuid, split });
  return { ...market, set };
}

describe('subnets.setMechanisms', () => {
  it('announces mechanisms, which begin with the next epoch', async () => {
    const { chain, owner, set } = await anOwned();
    const outcome = chain.block([
      { from: owner.coldkey, name: 'subnets.setMechanisms', message: { netuid: 1, split: EVEN } },
    ]);
    expect(outcome.results[0]!.events).toMatchObject([
      { name: 'subnets.mechanismsAnnounced', data: { netuid: 1, split: EVEN } },
    ]);
    expect(partsOf(chain)).toEqual([65_535]);
    expect(chain.query('subnets_get', { netuid: 1 })).toMatchObject({ announcedParts: EVEN });
    const events = untilEpoch(chain);
    expect(events.find(({ name }) => name === 'yuma.mechanismsChanged')!.data).toEqual({
      netuid: 1,
      epoch: 3,
      parts: EVEN,
    });
    expect(partsOf(chain)).toEqual(EVEN);
    const [first, second] = subnets.get(chain.view, 1)!.mechanisms;
    expect(first!.beganSlot).toBe(subnets.get(chain.view, 1)!.createdSlot);
    expect(second!.beganSlot > first!.beganSlot).toBe(true);
    untilEpoch(chain);
    expect(set([65_535, 0])).toBeNull();
    untilEpoch(chain);
    expect(partsOf(chain)).toEqual([65_535, 0]);
    expect(subnets.get(chain.view, 1)!.mechanisms[1], 'it goes on').toMatchObject({
      beganSlot: second!.beganSlot,
    });
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('refuses others than the owner, and subnets that are not there', async () => {
    const { miners, owner, set } = await anOwned();
    expect(set(EVEN, miners[0]!.coldkey)).toBe('NOT_SUBNET_OWNER');
    expect(set(EVEN, owner.hotkey)).toBe('NOT_SUBNET_OWNER');
    expect(set(EVEN, owner.coldkey, 7)).toBe('SUBNET_UNKNOWN');
  });

  it('refuses splits that are not the whole, and more mechanisms than the network allows', async () => {
    const { set } = await anOwned();
    expect(set([])).toBe('MECHANISMS_COUNT');
    expect(set([32_768, 32_767, 0])).toBe('MECHANISMS_COUNT');
    expect(set([32_767, 32_767])).toBe('MECHANISM_SPLIT_WRONG');
    expect(set([65_535, 1])).toBe('MECHANISM_SPLIT_WRONG');
    expect(set([0])).toBe('MECHANISM_SPLIT_WRONG');
    expect(set([0, 65_535])).toBeNull();
  });

  it('keeps uids and mechanisms together within the largest subnet', async () => {
    const { chain, owner, set } = await anOwned({ maxMechanisms: 16n });
    const sixteen = [...Array.from({ length: 15 }, () => 4_096), 65_535 - 15 * 4_096];
    setHyperparameter(chain, 'maxUids', 257);
    expect(set(sixteen)).toBe('MECHANISMS_TOO_LARGE');
    setHyperparameter(chain, 'maxUids', 256);
    expect(set(sixteen)).toBeNull();
    const raise = (value: bigint) =>
      chain.send(owner.coldkey, 'subnets.setHyperparameters', {
        netuid: 1,
        changes: [{ name: 'maxUids', value }],
      });
    expect(raise(257n), 'announced ones count').toBe('HYPERPARAMETER_INVALID');
    untilEpoch(chain);
    expect(raise(257n)).toBe('HYPERPARAMETER_INVALID');
    expect(raise(255n)).toBeNull();
  });

  it('stands still before an epoch and for two tempos after a change, however often it is sent', async () => {
    const { chain, set } = await anOwned();
    chain.advance(17);
    expect(set(EVEN)).toBe('MECHANISMS_FROZEN');
    untilEpoch(chain);
    const taken: number[] = [];
    for (let slot = 0; slot < 120; slot += 1) {
      const code = set(slot % 2 === 0 ? EVEN : [65_535]);
      if (code === null) taken.push(slot);
      else expect(code).toMatch(/^MECHANISMS_(FROZEN|SET_RECENTLY)$/);
      expect(brokenInvariants(chain)).toEqual([]);
    }
    expect(taken.length).toBeLessThanOrEqual(3);
    expect(taken.every((slot, index) => index === 0 || slot - taken[index - 1]! >= 40)).toBe(true);
  });

  it('declares enough work', () => {
    const definition = MODULES.flatMap(({ messages }) => messages).find(
      ({ name }) => name === 'subnets.setMechanisms',
    )!;
    expect(definition.id).toBe(39);
    expect(declaredWork(definition, { netuid: 1, split: EVEN })).toBeGreaterThanOrEqual(4);
  });
});
