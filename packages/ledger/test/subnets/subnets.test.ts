import { describe, expect, it } from 'vitest';
import { hotkeys, neurons, subnets, uids, weights } from '../../src/index.ts';
import { aChain, agreement, aKey, CAIRN, type TestChain } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { aMarket, aPerson, expectDone, type Person, untilEpoch, weightsCall } from '../support/market.ts';

const owner = aKey(900);
const stranger = aKey(901);
const LIMIT = 1_000_000n * CAIRN;

async function associate(chain: TestChain, { coldkey, hotkey }: Person): Promise<void> {
  const message = { hotkey: await agreement(chain.chainId, hotkey, coldkey.account) };
  expect(chain.send(coldkey, 'staking.associateHotkey', message)).toBeNull();
}

describe('subnets.create', () => {
  it('locks a cost that doubles with each subnet and falls with time', () => {
    const chain = aChain({ funded: [owner], parameters: { subnetLockReductionSlots: 100n } });
    const lockCost = () => BigInt(chain.query('subnets_list', { after: null, limit: 0 }).lockCost);
    expect(lockCost()).toBe(1_000n * CAIRN);
    expect(chain.send(owner, 'subnets.create', { name: 'one', lockLimit: LIMIT })).toBeNull();
    expect(lockCost()).toBe(2_000n * CAIRN);
    chain.advance(100);
    expect(lockCost()).toBe(1_000n * CAIRN);
    expect(chain.send(owner, 'subnets.create', { name: 'two', lockLimit: LIMIT })).toBeNull();
    const { count, subnets: listed } = chain.query('subnets_list', { after: 1, limit: 5 });
    expect(count).toBe(2);
    expect(listed.map(({ netuid, name }: { netuid: number; name: string }) => [netuid, name])).toEqual([
      [2, 'two'],
    ]);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('refuses a low limit, an empty name, a poor sender and one subnet too many', () => {
    const chain = aChain({ funded: [owner], parameters: { subnetLimit: 1n } });
    const create = (name: string, lockLimit: bigint) =>
      chain.send(owner, 'subnets.create', { name, lockLimit });
    expect(create('low', 999n * CAIRN)).toBe('LOCK_LIMIT_EXCEEDED');
    expect(create('  ', LIMIT)).toBe('NAME_EMPTY');
    expect(create('first', LIMIT)).toBeNull();
    expect(create('second', LIMIT)).toBe('SUBNETS_FULL');
    const poor = aChain({ funded: [owner], parameters: { subnetLockMin: 100_000n * CAIRN } });
    expect(poor.send(owner, 'subnets.create', { name: 'dear', lockLimit: 3n * LIMIT })).toBe(
      'BALANCE_TOO_LOW',
    );
    expect(brokenInvariants(poor)).toEqual([]);
  });

  it('falls the faster the less a slot mints', () => {
    // 11 million are issued: a slot mints half a CAIRN, and the cost falls in half the slots.
    const rich = Array.from({ length: 110 }, (_, n) => aKey(500 + n));
    const chain = aChain({ funded: [owner, ...rich], parameters: { subnetLockReductionSlots: 100n } });
    expect(chain.send(owner, 'subnets.create', { name: 'one', lockLimit: LIMIT })).toBeNull();
    chain.advance(50);
    expect(chain.query('subnets_list', { after: null, limit: 0 }).lockCost).toBe((1_000n * CAIRN).toString());
  });

  it('prices subnets and neurons in proportion to the issuance of a young network', () => {
    const chain = aChain({ funded: [owner], parameters: { fullPriceIssuance: 400_000n * CAIRN } });
    expect(chain.query('subnets_list', { after: null, limit: 0 }).lockCost).toBe((250n * CAIRN).toString());
    expect(chain.send(owner, 'subnets.create', { name: 'young', lockLimit: LIMIT })).toBeNull();
    expect(BigInt(chain.query('subnets_get', { netuid: 1 }).price) < CAIRN / 4n + 1n).toBe(true);
  });
});

describe('subnets.setHyperparameters', () => {
  const change = (name: string, value: bigint) => ({ netuid: 1, changes: [{ name, value }] });
  function aSubnet() {
    const chain = aChain({ funded: [owner, stranger] });
    expect(chain.send(owner, 'subnets.create', { name: 'one', lockLimit: LIMIT })).toBeNull();
    return chain;
  }

  it('changes a value within its bounds, and then not again for two tempos', () => {
    const chain = aSubnet();
    expect(chain.send(owner, 'subnets.setHyperparameters', change('kappa', 40_000n))).toBeNull();
    expect(chain.query('subnets_get', { netuid: 1 }).hyperparameters.kappa).toBe(40_000);
    expect(chain.send(owner, 'subnets.setHyperparameters', change('kappa', 50_000n))).toBe(
      'HYPERPARAMETERS_SET_RECENTLY',
    );
    chain.advance(45);
    expect(chain.send(owner, 'subnets.setHyperparameters', change('burnMax', 5_000_000_000n))).toBeNull();
    expect(chain.query('subnets_get', { netuid: 1 }).hyperparameters.burnMax).toBe('5000000000');
  });

  it('refuses what is unknown, out of bounds, contradictory, or not of the owner', () => {
    const chain = aSubnet();
    const send = (name: string, value: bigint, from = owner) =>
      chain.send(from, 'subnets.setHyperparameters', change(name, value));
    expect(send('colour', 1n)).toBe('HYPERPARAMETER_INVALID');
    expect(send('toString', 1n)).toBe('HYPERPARAMETER_INVALID');
    expect(send('kappa', 65_536n)).toBe('HYPERPARAMETER_INVALID');
    expect(send('tempo', 4n)).toBe('HYPERPARAMETER_INVALID');
    expect(send('alphaLow', 60_000n)).toBe('HYPERPARAMETER_INVALID');
    expect(send('weightsRateLimitSlots', 11n)).toBe('HYPERPARAMETER_INVALID');
    expect(send('kappa', 1n, stranger)).toBe('NOT_SUBNET_OWNER');
    const other = { netuid: 9, changes: [] };
    expect(chain.send(owner, 'subnets.setHyperparameters', other)).toBe('SUBNET_UNKNOWN');
  });

  it('stands still just before an epoch, and moves the epoch when the tempo changes', () => {
    const chain = aSubnet();
    while (BigInt(chain.query('subnets_get', { netuid: 1 }).nextEpochSlot) > chainSlot(chain) + 3n) {
      chain.advance(1);
    }
    expect(chain.send(owner, 'subnets.setHyperparameters', change('tempo', 40n))).toBe(
      'HYPERPARAMETERS_FROZEN',
    );
    untilEpoch(chain);
    expect(chain.send(owner, 'subnets.setHyperparameters', change('tempo', 40n))).toBeNull();
    const { lastEpochSlot, nextEpochSlot } = chain.query('subnets_get', { netuid: 1 });
    expect(BigInt(nextEpochSlot) - BigInt(lastEpochSlot)).toBe(40n);
  });

  it('documents every hyperparameter', () => {
    const chain = aSubnet();
    const listed = chain.query('subnets_hyperparameters', {});
    expect(listed.find(({ name }: { name: string }) => name === 'tempo')).toMatchObject({
      unit: 'slots',
      initial: '20',
      min: '5',
      max: '50400',
    });
  });
});

const chainSlot = (chain: TestChain): bigint => BigInt(chain.query('subnets_get', { netuid: 1 }).slot);

describe('subnets.registerNeuron', () => {
  const person = aPerson(1);
  const register = { netuid: 1, hotkey: person.hotkey.account, burnLimit: LIMIT };

  async function anOpenSubnet(parameters: Record<string, bigint> = {}) {
    const chain = aChain({ funded: [owner, stranger, person.coldkey], parameters });
    expect(chain.send(owner, 'subnets.create', { name: 'one', lockLimit: LIMIT })).toBeNull();
    await associate(chain, person);
    return chain;
  }

  it('gives the next uid for a price that buys tokens and burns them, and raises the price', async () => {
    const chain = await anOpenSubnet();
    const price = BigInt(chain.query('subnets_get', { netuid: 1 }).price);
    const [supply, market] = [chain.supply(), chain.market()];
    const { results } = chain.block([
      { from: person.coldkey, name: 'subnets.registerNeuron', message: register },
    ]);
    expect(results[0]!.problem).toBeNull();
    const paid = chain.supply().pooled - supply.pooled;
    expect(paid <= price && paid > (price * 99n) / 100n, `paid ${paid} of ${price}`).toBe(true);
    expect(chain.market().quote - market.quote).toBe(paid);
    expect(chain.market().burned).toBe(market.base - chain.market().base);
    // At even weights the curve gives base · paid / (quote + paid).
    expect(chain.market().burned).toBe((market.base * paid) / (market.quote + paid));
    const after = BigInt(chain.query('subnets_get', { netuid: 1 }).price);
    expect(after).toBe((paid * 12_600n) / 10_000n);
    expect(uids.get(chain.view, 1, person.hotkey.account)).toBe(0);
    expect(hotkeys.get(chain.view, person.hotkey.account)?.neurons).toBe(1);
    expect(chain.send(person.coldkey, 'staking.dissociateHotkey', { hotkey: register.hotkey })).toBe(
      'HOTKEY_IN_USE',
    );
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('refuses an unknown subnet or hotkey, a stranger, a low limit, a second uid and a closed subnet', async () => {
    const chain = await anOpenSubnet();
    const send = (change: object, from = person.coldkey) =>
      chain.send(from, 'subnets.registerNeuron', { ...register, ...change });
    expect(send({ netuid: 2 })).toBe('SUBNET_UNKNOWN');
    expect(send({ hotkey: stranger.account })).toBe('HOTKEY_UNKNOWN');
    expect(send({}, stranger)).toBe('NOT_HOTKEY_OWNER');
    expect(send({ burnLimit: 1n })).toBe('BURN_LIMIT_EXCEEDED');
    expect(send({})).toBeNull();
    expect(send({})).toBe('ALREADY_REGISTERED');
    const close = { netuid: 1, changes: [{ name: 'registrationOpen', value: 0n }] };
    expect(chain.send(owner, 'subnets.setHyperparameters', close)).toBeNull();
    const other = aPerson(7);
    expect(
      chain.send(owner, 'accounts.transfer', { to: other.coldkey.account, amount: 10n * CAIRN }),
    ).toBeNull();
    await associate(chain, other);
    expect(send({ hotkey: other.hotkey.account }, other.coldkey)).toBe('REGISTRATION_CLOSED');
  });

  it('takes only so many in one block', async () => {
    const people = [aPerson(1), aPerson(2), aPerson(3)];
    const chain = aChain({
      funded: [owner, ...people.map(({ coldkey }) => coldkey)],
      parameters: { defaultRegistrationsPerBlock: 2n },
    });
    expect(chain.send(owner, 'subnets.create', { name: 'one', lockLimit: LIMIT })).toBeNull();
    for (const each of people) await associate(chain, each);
    const { results } = chain.block(
      people.map(({ coldkey, hotkey }) => ({
        from: coldkey,
        name: 'subnets.registerNeuron',
        message: { netuid: 1, hotkey: hotkey.account, burnLimit: LIMIT },
      })),
    );
    expect(results.map(({ problem }) => problem?.code ?? null)).toEqual([null, null, 'REGISTRATIONS_FULL']);
  });

  it('prunes the neuron that earned least on a full subnet and forgets its rows', async () => {
    const { chain, validators, miners } = await aMarket({
      validators: 2,
      miners: 3,
      parameters: { defaultImmunitySlots: 10n },
    });
    chain.edit((state) => {
      const subnet = subnets.get(state, 1)!;
      const hyperparameters = { ...subnet.hyperparameters, maxUids: 5, minNonImmuneUids: 2 };
      subnets.set(state, 1, { ...subnet, hyperparameters });
    });
    untilEpoch(chain);
    expectDone(
      chain.block(validators.map((validator) => weightsCall(validator, 1, { 2: 5, 3: 3, 4: 1 }, 0))),
    );
    untilEpoch(chain);
    const newcomer = aPerson(50);
    const money = { to: newcomer.coldkey.account, amount: 100n * CAIRN };
    expect(chain.send(miners[0]!.coldkey, 'accounts.transfer', money)).toBeNull();
    await associate(chain, newcomer);
    const { results } = chain.block([
      {
        from: newcomer.coldkey,
        name: 'subnets.registerNeuron',
        message: { netuid: 1, hotkey: newcomer.hotkey.account, burnLimit: LIMIT },
      },
    ]);
    expect(results[0]!.problem).toBeNull();
    const pruned = results[0]!.events.find(({ name }) => name === 'subnets.neuronPruned');
    expect(pruned?.data.uid).toBe(4);
    expect(uids.get(chain.view, 1, miners[2]!.hotkey.account)).toBeUndefined();
    expect(hotkeys.get(chain.view, miners[2]!.hotkey.account)?.neurons).toBe(0);
    expect(neurons.get(chain.view, 1, 4)).toMatchObject({ incentive: 0, emission: 0n, permit: false });
    expect(weights.get(chain.view, 1, 4)).toBeUndefined();
    expect(subnets.get(chain.view, 1)?.neuronCount).toBe(5);
    // Weights that were meant for the neuron before earn its successor nothing.
    const before = chain.spendable(newcomer.coldkey);
    untilEpoch(chain);
    expect(chain.spendable(newcomer.coldkey)).toBe(before);
  });

  it('never prunes the first neurons of the owner, however little they earn', async () => {
    const { chain, validators, miners } = await aMarket({
      validators: 1,
      miners: 3,
      parameters: { defaultImmunitySlots: 0n },
    });
    chain.edit((state) => {
      const subnet = subnets.get(state, 1)!;
      const hyperparameters = { ...subnet.hyperparameters, maxUids: 4, minNonImmuneUids: 0 };
      const { owner: own } = hotkeys.get(state, miners[0]!.hotkey.account)!;
      const other = hotkeys.get(state, miners[1]!.hotkey.account)!;
      hotkeys.set(state, miners[1]!.hotkey.account, { ...other, owner: own });
      const record = hotkeys.get(state, validators[0]!.hotkey.account)!;
      hotkeys.set(state, validators[0]!.hotkey.account, { ...record, owner: own });
      subnets.set(state, 1, { ...subnet, owner: own, hyperparameters });
      // The owner has uids 0, 1 and 2; uid 1 came first, uid 3 earned most.
      neurons.set(state, 1, 1, { ...neurons.get(state, 1, 1)!, registeredSlot: 0n });
      neurons.set(state, 1, 3, { ...neurons.get(state, 1, 3)!, emission: 7n });
    });
    const newcomer = aPerson(50);
    const money = { to: newcomer.coldkey.account, amount: 100n * CAIRN };
    expect(chain.send(miners[2]!.coldkey, 'accounts.transfer', money)).toBeNull();
    await associate(chain, newcomer);
    const message = { netuid: 1, hotkey: newcomer.hotkey.account, burnLimit: LIMIT };
    const { results } = chain.block([{ from: newcomer.coldkey, name: 'subnets.registerNeuron', message }]);
    const pruned = results[0]!.events.find(({ name }) => name === 'subnets.neuronPruned');
    expect(pruned?.data.uid).toBe(0);
  });

  it('refuses when pruning would leave too few that had time to prove themselves', async () => {
    const { chain, miners } = await aMarket({
      validators: 1,
      miners: 4,
      parameters: { defaultImmunitySlots: 0n },
    });
    chain.edit((state) => {
      const subnet = subnets.get(state, 1)!;
      subnets.set(state, 1, { ...subnet, hyperparameters: { ...subnet.hyperparameters, maxUids: 5 } });
    });
    const newcomer = aPerson(50);
    const money = { to: newcomer.coldkey.account, amount: 100n * CAIRN };
    expect(chain.send(miners[0]!.coldkey, 'accounts.transfer', money)).toBeNull();
    await associate(chain, newcomer);
    const message = { netuid: 1, hotkey: newcomer.hotkey.account, burnLimit: LIMIT };
    expect(chain.send(newcomer.coldkey, 'subnets.registerNeuron', message)).toBe('NO_UID_FREE');
  });
});
