import { accountIdToAddress, bytesToHex } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import { rosterCell } from '../../src/index.ts';
import { aChain, agreement, aKey, CAIRN, type TestChain, type TestKey } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { powersOf, vote } from '../support/validators.ts';

const [coldkey, hotkey, consensus, rival, rivalHotkey, rivalConsensus] = [1, 2, 3, 4, 5, 6].map(aKey) as [
  TestKey,
  TestKey,
  TestKey,
  TestKey,
  TestKey,
  TestKey,
];
const [genesisKey, otherGenesisKey, operator] = [7, 8, 9].map(aKey) as [TestKey, TestKey, TestKey];
const nameOf = ({ account }: TestKey) => accountIdToAddress(account);

/** Two keys of genesis with 30,000 and 10,000 CAIRN of granted power; an update every 10 slots. */
const aNetwork = (parameters: Record<string, bigint> = {}) =>
  aChain({
    funded: [coldkey, hotkey, rival, rivalHotkey],
    proposer: genesisKey,
    validators: [
      { publicKey: genesisKey.publicKey, account: operator.account, power: 30_000_000n },
      { publicKey: otherGenesisKey.publicKey, account: operator.account, power: 10_000_000n },
    ],
    parameters: { validatorEpochSlots: 10n, validatorMinStake: 100n * CAIRN, ...parameters },
  });

async function stakeAndJoin(
  chain: TestChain,
  { cold, hot, key }: { cold: TestKey; hot: TestKey; key: TestKey },
  amount: bigint,
) {
  const proof = await agreement(chain.chainId, hot, cold.account);
  expect(chain.send(cold, 'staking.associateHotkey', { hotkey: proof })).toBeNull();
  expect(chain.send(cold, 'staking.stake', { hotkey: hot.account, amount })).toBeNull();
  return chain.send(hot, 'validators.join', await vote(chain.chainId, key, hot));
}
const first = { cold: coldkey, hot: hotkey, key: consensus };
const second = { cold: rival, hot: rivalHotkey, key: rivalConsensus };

/** Blocks until the next update has run; what that block told consensus. */
function nextUpdate(chain: TestChain) {
  const before = rosterCell.get(chain.view).updatedSlot;
  for (;;) {
    const outcome = chain.block();
    if (rosterCell.get(chain.view).updatedSlot !== before) return outcome;
  }
}

describe('validators of genesis', () => {
  it('vote from the start with the power they were granted', () => {
    const chain = aNetwork();
    expect(powersOf(chain)).toEqual({
      [nameOf(genesisKey)]: 30_000_000n,
      [nameOf(otherGenesisKey)]: 10_000_000n,
    });
    expect(chain.query('validators_list', {})).toMatchObject({
      totalPower: '40000000',
      bootstrapLeft: '40000000',
      nakamoto: 1,
    });
  });

  it('lose power as stake joins, at most a tenth of the total in one update, until none is left', async () => {
    const chain = aNetwork();
    expect(await stakeAndJoin(chain, first, 50_000n * CAIRN)).toBeNull();
    const shares: bigint[] = [];
    for (let update = 0; update < 30; update += 1) {
      const before = powersOf(chain);
      const { validatorUpdates } = nextUpdate(chain);
      const after = powersOf(chain);
      const total = Object.values(before).reduce((sum, power) => sum + power, 0n);
      const gained = after[nameOf(consensus)]! - before[nameOf(consensus)]!;
      expect(gained).toBeLessThanOrEqual(total / 10n);
      const changed = Object.keys(after).filter((name) => after[name] !== before[name]);
      expect(validatorUpdates).toHaveLength(changed.length);
      shares.push(after[nameOf(genesisKey)]! + after[nameOf(otherGenesisKey)]!);
      expect(brokenInvariants(chain)).toEqual([]);
    }
    expect(shares[0]).toBe(36_000_000n);
    expect(shares.toSorted((a, b) => (a < b ? 1 : a > b ? -1 : 0))).toEqual(shares);
    expect(shares.at(-1)).toBe(0n);
    // The stake earns as its validator proposes nothing here, so it is what was staked.
    expect(powersOf(chain)[nameOf(consensus)]).toBe(50_000_000n);
    expect(chain.query('validators_list', {}).bootstrapLeft).toBe('0');
  });

  it('keep what stake does not replace, in the shares of genesis', async () => {
    const chain = aNetwork();
    await stakeAndJoin(chain, first, 4_000n * CAIRN);
    nextUpdate(chain);
    expect(powersOf(chain)).toEqual({
      [nameOf(genesisKey)]: 27_000_000n,
      [nameOf(otherGenesisKey)]: 9_000_000n,
      [nameOf(consensus)]: 4_000_000n,
    });
  });

  it('never get power back that stake has replaced', async () => {
    const chain = aNetwork();
    await stakeAndJoin(chain, first, 4_000n * CAIRN);
    nextUpdate(chain);
    expect(chain.send(hotkey, 'validators.leave', { validator: consensus.account })).toBeNull();
    for (let update = 0; update < 5; update += 1) nextUpdate(chain);
    expect(powersOf(chain)).toEqual({
      [nameOf(genesisKey)]: 27_000_000n,
      [nameOf(otherGenesisKey)]: 9_000_000n,
    });
  });

  it('lose to stake that comes for one update no more than that update moves', async () => {
    const chain = aNetwork();
    await stakeAndJoin(chain, first, 90_000n * CAIRN);
    nextUpdate(chain);
    chain.send(coldkey, 'staking.unstake', { hotkey: hotkey.account, amount: null });
    for (let update = 0; update < 10; update += 1) nextUpdate(chain);
    const { bootstrapLeft, totalPower } = chain.query('validators_list', {});
    expect(bootstrapLeft).toBe('36000000');
    expect(totalPower).toBe('36000000');
  });

  it('cannot be taken off by anybody, themselves included', () => {
    const chain = aNetwork();
    expect(chain.send(coldkey, 'validators.leave', { validator: genesisKey.account })).toBe(
      'NOT_VALIDATOR_HOTKEY',
    );
  });

  it('tell consensus nothing while nothing changes', () => {
    const chain = aNetwork();
    expect(nextUpdate(chain).validatorUpdates).toEqual([]);
  });
});

describe('the proposer of a block', () => {
  it('earns its share of what is minted when no subnet does', () => {
    const chain = aNetwork({ accountDeposit: 0n });
    const before = chain.supply();
    chain.block([], 3);
    // 2 % of three slots.
    expect(chain.spendable(operator)).toBe((3n * CAIRN * 200n) / 10_000n);
    expect(chain.supply().circulating - before.circulating).toBe((3n * CAIRN * 200n) / 10_000n);
  });

  it('opens its account from the first block on', () => {
    const chain = aNetwork();
    chain.block();
    expect(chain.spendable(operator)).toBe(CAIRN / 50n - 200_000n);
  });

  it('earns nothing without power', () => {
    const chain = aChain({ funded: [coldkey], proposer: rival });
    const before = chain.supply();
    chain.advance(3);
    expect(chain.supply()).toEqual(before);
  });

  it('shares with those who stake to it, after its take', async () => {
    const chain = aChain({
      funded: [coldkey, hotkey, rival],
      proposer: consensus,
      parameters: { validatorEpochSlots: 1n, validatorMinStake: 0n },
    });
    await stakeAndJoin(chain, first, 50_000n * CAIRN);
    chain.block();
    const owner = chain.spendable(coldkey);
    const staked = chain.supply().staked;
    chain.block();
    const reward = CAIRN / 50n;
    const take = (reward * 1_800n) / 10_000n;
    expect(chain.spendable(coldkey) - owner).toBe(take);
    expect(chain.supply().staked - staked).toBe(reward - take);
    expect(brokenInvariants(chain)).toEqual([]);
  });
});

describe('joining', () => {
  it('wants the least stake', async () => {
    expect(await stakeAndJoin(aNetwork(), first, 99n * CAIRN)).toBe('VALIDATOR_STAKE_TOO_LOW');
  });

  it('wants a hotkey', async () => {
    const chain = aNetwork();
    expect(chain.send(hotkey, 'validators.join', await vote(chain.chainId, consensus, hotkey))).toBe(
      'HOTKEY_UNKNOWN',
    );
  });

  it('wants the consensus key to agree to this hotkey on this chain', async () => {
    const chain = aNetwork();
    await stakeAndJoin(chain, first, 200n * CAIRN);
    await stakeAndJoin(chain, second, 200n * CAIRN);
    const key = aKey(20);
    const stolen = await vote(chain.chainId, key, rivalHotkey);
    expect(chain.send(hotkey, 'validators.join', stolen)).toBe('CONSENSUS_KEY_SIGNATURE_INVALID');
    const elsewhere = await vote(new Uint8Array(32), key, hotkey);
    expect(chain.send(hotkey, 'validators.join', elsewhere)).toBe('CONSENSUS_KEY_SIGNATURE_INVALID');
  });

  it('refuses a key that is on the roster, one of genesis included', async () => {
    const chain = aNetwork();
    await stakeAndJoin(chain, first, 200n * CAIRN);
    expect(await stakeAndJoin(chain, { ...second, key: consensus }, 200n * CAIRN)).toBe(
      'CONSENSUS_KEY_TAKEN',
    );
    const vote1 = await vote(chain.chainId, genesisKey, rivalHotkey);
    expect(chain.send(rivalHotkey, 'validators.join', vote1)).toBe('CONSENSUS_KEY_TAKEN');
  });

  it('refuses keys that CometBFT cannot vote with', async () => {
    const chain = aNetwork();
    await stakeAndJoin(chain, first, 200n * CAIRN);
    const consensusKey = {
      scheme: 'p256',
      publicKey: new Uint8Array(33).fill(2),
      signature: new Uint8Array(64),
    };
    expect(chain.send(hotkey, 'validators.join', { consensusKey })).toBe('CONSENSUS_KEY_UNFIT');
  });

  it('with another key hands the votes over to it and gives the deposit of the first back', async () => {
    const chain = aNetwork();
    await stakeAndJoin(chain, first, 50_000n * CAIRN);
    nextUpdate(chain);
    const next = aKey(20);
    expect(chain.send(hotkey, 'validators.join', await vote(chain.chainId, next, hotkey))).toBeNull();
    for (let update = 0; update < 30; update += 1) nextUpdate(chain);
    const powers = powersOf(chain);
    expect(powers[nameOf(next)]).toBe(50_000_000n);
    expect(powers).not.toHaveProperty(nameOf(consensus));
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('seats those with most stake', async () => {
    const chain = aNetwork({ maxConsensusValidators: 1n });
    await stakeAndJoin(chain, first, 50_000n * CAIRN);
    await stakeAndJoin(chain, second, 60_000n * CAIRN);
    for (let update = 0; update < 30; update += 1) nextUpdate(chain);
    const powers = powersOf(chain);
    expect(powers[nameOf(rivalConsensus)]).toBe(60_000_000n);
    expect(powers[nameOf(consensus)]).toBe(0n);
  });

  it('on a full roster takes the place of the candidate with least stake, or is refused', async () => {
    const chain = aNetwork();
    await stakeAndJoin(chain, first, 200n * CAIRN);
    chain.edit((state) => {
      const roster = rosterCell.get(state);
      const [mine] = roster.validators.filter(({ origin }) => origin === 'stake');
      const filler = Array.from({ length: 356 - roster.validators.length }, (_, index) => ({
        ...mine!,
        id: aKey(1_000 + index).account,
        power: 1n,
        deposit: 0n,
      }));
      const validators = [...roster.validators, ...filler].sort((a, b) =>
        bytesToHex(a.id) < bytesToHex(b.id) ? -1 : 1,
      );
      rosterCell.set(state, { ...roster, validators });
    });
    expect(await stakeAndJoin(chain, second, 150n * CAIRN)).toBe('VALIDATORS_FULL');
    chain.send(rival, 'staking.stake', { hotkey: rivalHotkey.account, amount: 51n * CAIRN });
    const proof = await vote(chain.chainId, rivalConsensus, rivalHotkey);
    expect(chain.send(rivalHotkey, 'validators.join', proof)).toBeNull();
    const powers = powersOf(chain);
    expect(powers).toHaveProperty(nameOf(rivalConsensus));
    expect(powers).not.toHaveProperty(nameOf(consensus));
  });
});

describe('leaving', () => {
  it('is for the hotkey of the validator, once', async () => {
    const chain = aNetwork();
    await stakeAndJoin(chain, first, 50_000n * CAIRN);
    nextUpdate(chain);
    const message = { validator: consensus.account };
    expect(chain.send(rival, 'validators.leave', message)).toBe('NOT_VALIDATOR_HOTKEY');
    expect(chain.send(rival, 'validators.leave', { validator: rival.account })).toBe('VALIDATOR_UNKNOWN');
    expect(chain.send(hotkey, 'validators.leave', message)).toBeNull();
    expect(chain.send(hotkey, 'validators.leave', message)).toBe('VALIDATOR_LEAVING');
  });

  it('of the last validator leaves its votes, since a chain without any stands still', async () => {
    const chain = aChain({
      funded: [coldkey, hotkey],
      parameters: { validatorEpochSlots: 1n, validatorMinStake: 0n },
    });
    await stakeAndJoin(chain, first, 10n * CAIRN);
    chain.block();
    chain.send(hotkey, 'validators.leave', { validator: consensus.account });
    chain.advance(5);
    expect(powersOf(chain)[nameOf(consensus)]).toBe(10_000n);
  });
});

describe('a real network', () => {
  it('starts with no money at all and comes to a subnet that pays', async () => {
    const chain = aChain({
      funded: [],
      kind: 'real',
      proposer: genesisKey,
      validators: [{ publicKey: genesisKey.publicKey, account: operator.account, power: 100_000_000n }],
      parameters: { fullPriceIssuance: 1_000_000n * CAIRN, slotMs: 1_000n },
    });
    expect(chain.supply()).toMatchObject({ circulating: 0n, staked: 0n, escrowed: 0n, burned: 0n });
    chain.advance(400);
    // 2 % of 400 slots is 8 CAIRN; a subnet costs a thousandth of a thousandth of its full price so far.
    expect(chain.spendable(operator)).toBe(8n * CAIRN - 200_000n);
    const send = (from: TestKey, name: string, message: unknown) => {
      expect([name, chain.send(from, name, message)]).toEqual([name, null]);
    };
    for (const to of [coldkey, hotkey])
      send(operator, 'accounts.transfer', { to: to.account, amount: 2n * CAIRN });
    send(operator, 'subnets.create', { name: 'first', lockLimit: CAIRN });
    send(coldkey, 'staking.associateHotkey', {
      hotkey: await agreement(chain.chainId, hotkey, coldkey.account),
    });
    send(coldkey, 'subnets.registerNeuron', { netuid: 1, hotkey: hotkey.account, burnLimit: CAIRN });
    const before = chain.supply().pooled;
    chain.block();
    // 98 % of a slot goes into the pool of the only subnet.
    expect(chain.supply().pooled - before).toBe((CAIRN * 98n) / 100n);
    send(coldkey, 'staking.stake', { hotkey: hotkey.account, amount: CAIRN });
    send(hotkey, 'validators.join', await vote(chain.chainId, consensus, hotkey));
    expect(brokenInvariants(chain)).toEqual([]);
  });
});
