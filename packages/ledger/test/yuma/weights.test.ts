import { describe, expect, it } from 'vitest';
import { bonds, neurons, nextSeed, salts } from '../../src/index.ts';
import { CAIRN, type TestChain, testCrypto } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';
import {
  aMarket,
  commitmentOf,
  expectDone,
  type Person,
  saltOf,
  untilEpoch,
  weightsCall,
} from '../support/market.ts';

type Weights = ReturnType<typeof weightsCall>['message'];

function codeOf(chain: TestChain, person: Person, change: Partial<Weights>, n = 0): string | null {
  const call = weightsCall(person, 1, { 2: 1, 3: 2 }, n);
  return chain.send(person.hotkey, call.name, { ...call.message, ...change });
}

const eventOf = (events: ReturnType<typeof untilEpoch>, name: string) =>
  events.filter((event) => event.name === name).map(({ data }) => data);

describe('yuma.setWeights', () => {
  it('stores weights scaled to the largest, with zeros kept', async () => {
    const { chain, validators } = await aMarket();
    untilEpoch(chain);
    expectDone(chain.block([weightsCall(validators[0]!, 1, { 2: 2, 3: 0, 4: 1 }, 0)]));
    expect(chain.query('yuma_weights', { netuid: 1, uid: 0 })).toMatchObject({
      uids: [2, 3, 4],
      values: [65_535, 0, 32_768],
    });
    expect(chain.query('yuma_weights', { netuid: 1, uid: 1 })).toBeNull();
  });

  it('wants a permit, unless the only weight is on oneself', async () => {
    const { chain, validators, miners } = await aMarket();
    expect(codeOf(chain, validators[0]!, {})).toBe('NO_PERMIT');
    const miner = miners[0]!;
    const commit = { netuid: 1, commitments: [commitmentOf(miner, 0)] };
    expect(chain.send(miner.hotkey, 'yuma.commitSalt', commit)).toBeNull();
    expect(codeOf(chain, miner, { uids: [3], values: [1] })).toBe('NO_PERMIT');
    expect(codeOf(chain, miner, { uids: [2], values: [1] })).toBeNull();
  });

  it('refuses rows that are uneven, unsorted, repeated, unknown, too short or too old', async () => {
    const { chain, validators } = await aMarket();
    const validator = validators[0]!;
    untilEpoch(chain);
    expect(codeOf(chain, validator, { values: [1] })).toBe('WEIGHTS_UNEVEN');
    expect(codeOf(chain, validator, { uids: [3, 2] })).toBe('WEIGHTS_UNSORTED');
    expect(codeOf(chain, validator, { uids: [3, 3] })).toBe('WEIGHTS_UNSORTED');
    expect(codeOf(chain, validator, { uids: [2, 6] })).toBe('UID_UNKNOWN');
    expect(codeOf(chain, validator, { uids: [], values: [] })).toBe('WEIGHTS_TOO_FEW');
    expect(codeOf(chain, validator, { netuid: 7 })).toBe('SUBNET_UNKNOWN');
    const call = weightsCall(validator, 1, { 2: 1 }, 0);
    expect(chain.send(validator.coldkey, call.name, call.message)).toBe('NOT_REGISTERED');
    expect(salts.get(chain.view, 1, 0)?.bound).toEqual([
      { commitment: commitmentOf(validator, 0), epoch: 1 },
    ]);
  });

  it('refuses an old version of the mechanism once the owner asks for a newer one', async () => {
    const { chain, validators, owner } = await aMarket();
    untilEpoch(chain);
    const changes = [{ name: 'weightsVersion', value: 3n }];
    expect(chain.send(owner.coldkey, 'subnets.setHyperparameters', { netuid: 1, changes })).toBeNull();
    expect(codeOf(chain, validators[0]!, { version: 2 })).toBe('WEIGHTS_VERSION_OLD');
    expect(codeOf(chain, validators[0]!, { version: 3 })).toBeNull();
  });

  it('wants the committed salt, another one next, and some slots in between', async () => {
    const { chain, validators } = await aMarket();
    const validator = validators[0]!;
    untilEpoch(chain);
    expect(codeOf(chain, validator, { salt: saltOf(validator, 9) })).toBe('SALT_WRONG');
    expect(codeOf(chain, validator, { nextSaltCommitment: commitmentOf(validator, 0) })).toBe('SALT_REUSED');
    expect(codeOf(chain, validator, {})).toBeNull();
    expect(codeOf(chain, validator, {}, 1)).toBe('WEIGHTS_TOO_SOON');
    chain.advance(4);
    expect(codeOf(chain, validator, {}, 0)).toBe('SALT_WRONG');
    expect(codeOf(chain, validator, {}, 1)).toBeNull();
  });

  it('refuses weights of a hotkey that has committed to no salt', async () => {
    const { chain, miners } = await aMarket();
    expect(codeOf(chain, miners[0]!, { uids: [2], values: [1] })).toBe('SALT_NOT_COMMITTED');
  });
});

describe('a seed', () => {
  it('mixes the salts that were committed in an earlier epoch, in the order of uids', async () => {
    const { chain, validators } = await aMarket();
    untilEpoch(chain);
    const { seed } = chain.query('yuma_seed', { netuid: 1 });
    expectDone(chain.block([...validators].reverse().map((each) => weightsCall(each, 1, { 2: 1 }, 0))));
    const [ran] = eventOf(untilEpoch(chain), 'yuma.epochRan');
    const salted = validators.map((validator) => saltOf(validator, 0));
    const expected = nextSeed(testCrypto, Buffer.from(seed, 'hex'), salted, BigInt(ran!.slot as string));
    expect(ran!.salts).toBe(2);
    const now = chain.query('yuma_seed', { netuid: 1 });
    expect(now).toMatchObject({ epoch: 3, previousSeed: seed, seed: Buffer.from(expected).toString('hex') });
    expect(now.salts[0]).toMatchObject({ uid: 0, bound: [{ epoch: 2 }], mixedEpoch: 2 });
  });

  it('ignores a salt that was committed and revealed in the same epoch', async () => {
    const { chain, validators } = await aMarket();
    untilEpoch(chain);
    expectDone(chain.block([weightsCall(validators[0]!, 1, { 2: 1 }, 0)]));
    chain.advance(5);
    expectDone(chain.block([weightsCall(validators[0]!, 1, { 2: 1 }, 1)]));
    const [ran] = eventOf(untilEpoch(chain), 'yuma.epochRan');
    expect(ran!.salts).toBe(1);
    expect(salts.get(chain.view, 1, 0)?.mixed).toEqual(saltOf(validators[0]!, 0));
  });
});

describe('a missed reveal', () => {
  async function afterOneEpoch() {
    const market = await aMarket();
    untilEpoch(market.chain);
    const calls = market.validators.map((each) => weightsCall(each, 1, { 2: 3, 3: 1 }, 0));
    expectDone(market.chain.block(calls));
    untilEpoch(market.chain);
    return market;
  }

  it('costs the dividends of the epoch and stays visible', async () => {
    const { chain, validators } = await afterOneEpoch();
    const before = neurons.get(chain.view, 1, 1)!;
    expectDone(chain.block([weightsCall(validators[0]!, 1, { 2: 3, 3: 1 }, 1)]));
    const events = untilEpoch(chain);
    const [forfeited] = eventOf(events, 'yuma.dividendsForfeited');
    expect(forfeited).toMatchObject({ netuid: 1, uid: 1, epoch: 3 });
    const lost = BigInt(forfeited!.amount as string);
    expect(lost > 3n * CAIRN, `lost ${lost}`).toBe(true);
    const [recycled] = eventOf(events, 'emission.recycled');
    expect(BigInt(recycled!.amount as string) >= lost).toBe(true);
    expect(neurons.get(chain.view, 1, 1)!.missedReveals).toBe(before.missedReveals + 1);
    expect(neurons.get(chain.view, 1, 0)!.missedReveals).toBe(0);
    const paid = eventOf(events, 'emission.paid').filter(
      ({ uid, kind }) => uid === 1 && kind !== 'incentive',
    );
    expect(paid).toEqual([]);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('cannot be avoided by committing to another salt', async () => {
    const { chain, validators } = await afterOneEpoch();
    const lost = validators[1]!;
    const commit = { netuid: 1, commitments: [commitmentOf(lost, 77)] };
    expect(chain.send(lost.hotkey, 'yuma.commitSalt', commit)).toBeNull();
    expectDone(
      chain.block([weightsCall(validators[0]!, 1, { 2: 1 }, 1), { ...weightsCall(lost, 1, { 2: 1 }, 77) }]),
    );
    const events = untilEpoch(chain);
    expect(eventOf(events, 'yuma.dividendsForfeited')).toMatchObject([{ uid: 1 }]);
    expect(eventOf(events, 'yuma.epochRan')).toMatchObject([{ salts: 1 }]);
    expectDone(
      chain.block(validators.map((each, index) => weightsCall(each, 1, { 2: 1 }, index === 0 ? 2 : 78))),
    );
    expect(eventOf(untilEpoch(chain), 'yuma.dividendsForfeited')).toEqual([]);
  });
});

describe('epochs', () => {
  it('run one after the other when more are due than a block may run, the longest overdue first', async () => {
    const { chain, owner } = await aMarket({ parameters: { maxEpochsPerBlock: 1n } });
    for (let count = 0; count < 3; count += 1) {
      const message = { name: `more ${count}`, lockLimit: 100_000n * CAIRN };
      expect(chain.send(owner.coldkey, 'subnets.create', message)).toBeNull();
    }
    chain.block([], 10);
    chain.block([], 10);
    const ran = [];
    for (let blocks = 0; blocks < 12; blocks += 1) {
      const epochs = eventOf([...chain.block().events], 'yuma.epochRan');
      expect(epochs.length <= 1).toBe(true);
      ran.push(...epochs.map(({ netuid }) => netuid));
    }
    expect([...new Set(ran)].sort()).toEqual([2, 3, 4]);
  });

  it('keep bonds of permit holders only', async () => {
    const { chain, validators } = await aMarket();
    untilEpoch(chain);
    expectDone(chain.block([weightsCall(validators[0]!, 1, { 2: 1 }, 0)]));
    untilEpoch(chain);
    expect(bonds.get(chain.view, 1, 0)).toBeDefined();
    expect(bonds.get(chain.view, 1, 1)).toBeUndefined();
    const all = { hotkey: validators[0]!.hotkey.account, amount: null };
    expect(chain.send(validators[0]!.coldkey, 'staking.unstake', all)).toBeNull();
    untilEpoch(chain);
    expect(neurons.get(chain.view, 1, 0)?.permit).toBe(false);
    expect(bonds.get(chain.view, 1, 0)).toBeUndefined();
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it.each([2, 3])('pay by weights under Yuma %i, with liquid alpha too', async (version) => {
    const { chain, validators, miners, owner } = await aMarket();
    const changes = [
      { name: 'yumaVersion', value: BigInt(version) },
      { name: 'liquidAlpha', value: version === 3 ? 1n : 0n },
    ];
    expect(chain.send(owner.coldkey, 'subnets.setHyperparameters', { netuid: 1, changes })).toBeNull();
    untilEpoch(chain);
    const before = miners.map(({ coldkey }) => chain.tokens(coldkey));
    expectDone(chain.block(validators.map((each) => weightsCall(each, 1, { 2: 9, 3: 1 }, 0))));
    untilEpoch(chain);
    const earned = miners.map(({ coldkey }, index) => chain.tokens(coldkey) - before[index]!);
    expect(earned[0]! > 8n * earned[1]! && earned[1]! > 0n && earned[2] === 0n, `${earned}`).toBe(true);
    expect(brokenInvariants(chain)).toEqual([]);
  });
});

describe('weights of another epoch', () => {
  it('are refused, so that late ones cannot count where nobody could derive them', async () => {
    const { chain, validators } = await aMarket();
    untilEpoch(chain);
    const { name, message } = weightsCall(validators[0]!, 1, { 2: 1 }, 0);
    expect(chain.send(validators[0]!.hotkey, name, { ...message, epoch: 1 })).toBe('EPOCH_WRONG');
    expect(chain.send(validators[0]!.hotkey, name, { ...message, epoch: 3 })).toBe('EPOCH_WRONG');
    expect(chain.send(validators[0]!.hotkey, name, { ...message, epoch: 2 })).toBeNull();
  });
});
