import { accountIdToAddress } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import { accounts, hotkeys } from '../../src/index.ts';
import { aChain, aKey, CAIRN } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { aMarket, expectDone, untilEpoch, weightsCall } from '../support/market.ts';

describe('emission', () => {
  it('mints nothing while no subnet has a neuron', () => {
    const owner = aKey(1);
    const chain = aChain({ funded: [owner] });
    expect(chain.send(owner, 'subnets.create', { name: 'empty', lockLimit: 2_000n * CAIRN })).toBeNull();
    const before = chain.query('emission_supply', {}).issuance;
    chain.advance(50);
    expect(chain.query('emission_supply', {}).issuance).toBe(before);
  });

  it('mints one CAIRN for each slot of block time, at most ten in a block, the rest in the next', async () => {
    const { chain } = await aMarket();
    const issued = () => BigInt(chain.query('emission_supply', {}).issuance);
    const first = issued();
    chain.block();
    expect(issued() - first).toBe(CAIRN);
    chain.block([], 14);
    expect(issued() - first).toBe(11n * CAIRN);
    chain.block([], 0);
    expect(issued() - first).toBe(15n * CAIRN);
    expect(chain.query('subnets_get', { netuid: 1 }).pending).toBe((issued() - first + CAIRN).toString());
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('says what a slot mints and when that halves', () => {
    const chain = aChain({ funded: [aKey(1)] });
    expect(chain.query('emission_supply', {})).toMatchObject({
      cap: (21_000_000n * CAIRN).toString(),
      mintedPerSlot: CAIRN.toString(),
      nextHalvingIssuance: (10_500_000n * CAIRN).toString(),
      circulating: (100_000n * CAIRN - 200_000n).toString(),
    });
  });

  it('pays owner, miners, takes and stakers, and recycles the dust', async () => {
    const { chain, validators, miners, owner } = await aMarket();
    untilEpoch(chain);
    expectDone(chain.block(validators.map((each) => weightsCall(each, 1, { 2: 1 }, 0))));
    const stakeBefore = hotkeys.get(chain.view, validators[0]!.hotkey.account)!.totalStake;
    const { recycled } = chain.supply();
    const events = untilEpoch(chain);
    const paid = events.filter(({ name }) => name === 'emission.paid').map(({ data }) => data);
    const sum = (kind: string) =>
      paid
        .filter((each) => each.kind === kind)
        .reduce((total, { amount }) => total + BigInt(amount as string), 0n);
    const total = 20n * CAIRN;
    expect(sum('owner')).toBe((total * 18n) / 100n);
    expect(sum('incentive')).toBe((total * 41n) / 100n);
    expect(sum('take') + sum('dividends') >= (total * 41n) / 100n - 10n).toBe(true);
    expect(paid.find(({ kind }) => kind === 'incentive')).toMatchObject({
      netuid: 1,
      uid: 2,
      hotkey: accountIdToAddress(miners[0]!.hotkey.account),
      coldkey: accountIdToAddress(miners[0]!.coldkey.account),
    });
    expect(paid.find(({ kind }) => kind === 'owner')).toMatchObject({
      uid: null,
      coldkey: accountIdToAddress(owner.coldkey.account),
    });
    const dividends = paid.find(({ uid, kind }) => uid === 0 && kind === 'dividends')!;
    const stakeAfter = hotkeys.get(chain.view, validators[0]!.hotkey.account)!.totalStake;
    expect(stakeAfter - stakeBefore).toBe(BigInt(dividends.amount as string));
    const dust = total - sum('owner') - sum('incentive') - sum('take') - sum('dividends');
    expect(chain.supply().recycled - recycled).toBe(dust);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('shares dividends among stakers by their stake', async () => {
    const { chain, validators, miners } = await aMarket({ stake: 100n });
    const hotkey = validators[0]!.hotkey.account;
    const nominator = miners[3]!.coldkey;
    expect(chain.send(nominator, 'staking.stake', { hotkey, amount: 300n * CAIRN })).toBeNull();
    untilEpoch(chain);
    expectDone(chain.block(validators.map((each) => weightsCall(each, 1, { 2: 1 }, 0))));
    untilEpoch(chain);
    const worth = (key: typeof nominator) =>
      BigInt(
        chain.query('staking_positions', {
          coldkey: accountIdToAddress(key.account),
          after: null,
          limit: 0,
        })[0].amount,
      );
    const own = worth(validators[0]!.coldkey);
    const delegated = worth(nominator);
    expect(delegated > 300n * CAIRN).toBe(true);
    expect(delegated - 3n * own <= 3n && 3n * own - delegated <= 3n, `${delegated} and ${own}`).toBe(true);
  });

  it('shares what is minted equally among subnets that have a neuron', async () => {
    const { chain, owner, miners } = await aMarket();
    for (const name of ['two', 'three']) {
      const message = { name, lockLimit: 10_000n * CAIRN };
      expect(chain.send(owner.coldkey, 'subnets.create', message)).toBeNull();
    }
    const { coldkey, hotkey } = miners[0]!;
    const register = { netuid: 3, hotkey: hotkey.account, burnLimit: 1_000n * CAIRN };
    expect(chain.send(coldkey, 'subnets.registerNeuron', register)).toBeNull();
    const pending = () => [1, 2, 3].map((netuid) => BigInt(chain.query('subnets_get', { netuid }).pending));
    const before = pending();
    chain.block();
    expect(pending().map((amount, index) => amount - before[index]!)).toEqual([CAIRN / 2n, 0n, CAIRN / 2n]);
  });

  it('recycles the pay of an account that is gone, and the block goes on', async () => {
    const { chain, owner, miners } = await aMarket({
      parameters: { defaultTempo: 5n, accountDeposit: CAIRN },
    });
    chain.edit((state) => {
      const gone = accounts.get(state, owner.coldkey.account)!;
      const other = accounts.get(state, miners[0]!.coldkey.account)!;
      accounts.set(state, miners[0]!.coldkey.account, {
        ...other,
        spendable: other.spendable + gone.spendable,
        deposit: other.deposit + gone.deposit,
      });
      accounts.delete(state, owner.coldkey.account);
    });
    untilEpoch(chain);
    const { recycled } = chain.supply();
    const events = untilEpoch(chain);
    const refused = events.find(({ name }) => name === 'emission.refused');
    expect(refused?.data).toMatchObject({
      kind: 'owner',
      code: 'BELOW_ACCOUNT_DEPOSIT',
      amount: '900000000',
    });
    expect(chain.supply().recycled - recycled >= 900_000_000n).toBe(true);
    expect(accounts.get(chain.view, owner.coldkey.account)).toBeUndefined();
    // The edit above took away an account that owns a record, which no transaction can.
    expect(brokenInvariants(chain).filter((line) => !line.startsWith('records of'))).toEqual([]);
  });
});
