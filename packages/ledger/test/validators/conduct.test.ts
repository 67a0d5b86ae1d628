import { accountIdToAddress } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import { hotkeys } from '../../src/index.ts';
import { aChain, agreement, aKey, CAIRN, type Seen, type TestChain, type TestKey } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { powersOf, vote } from '../support/validators.ts';

const [coldkey, hotkey, consensus, genesisKey, operator, spare] = [1, 2, 3, 7, 9, 11].map(aKey) as [
  TestKey,
  TestKey,
  TestKey,
  TestKey,
  TestKey,
  TestKey,
];
const nameOf = ({ account }: TestKey) => accountIdToAddress(account);
const UPDATE = 10;
const STAKE = 1_000n * CAIRN;

/** A key of genesis with 3,000 CAIRN of granted power, of which a key with 1,000 of stake has replaced as much. */
async function aNetwork(parameters: Record<string, bigint> = {}): Promise<TestChain> {
  const chain = aChain({
    funded: [coldkey, hotkey, operator, spare],
    proposer: operator,
    validators: [{ publicKey: genesisKey.publicKey, account: operator.account, power: 3_000_000n }],
    parameters: {
      validatorEpochSlots: BigInt(UPDATE),
      validatorMinStake: 100n * CAIRN,
      unbondingSlots: 1_000n,
      jailSlots: 5n,
      ...parameters,
    },
  });
  const proof = await agreement(chain.chainId, hotkey, coldkey.account);
  chain.send(coldkey, 'staking.associateHotkey', { hotkey: proof });
  chain.send(coldkey, 'staking.stake', { hotkey: hotkey.account, amount: STAKE });
  expect(await join(chain, consensus)).toBeNull();
  for (let update = 0; update < 20; update += 1) chain.block([], UPDATE);
  expect(powersOf(chain)[nameOf(consensus)]).toBe(1_000_000n);
  return chain;
}

const join = async (chain: TestChain, key: TestKey) =>
  chain.send(hotkey, 'validators.join', await vote(chain.chainId, key, hotkey));
/** What is lost of an amount: fractions of 2^32, rounded down for those who lose. */
const cut = (amount: bigint, bps: bigint) => (amount * ((bps << 32n) / 10_000n)) >> 32n;
const stakeOf = (chain: TestChain) => hotkeys.get(chain.view, hotkey.account)!.totalStake;
const show = (chain: TestChain, key: TestKey) => chain.query('validators_show', { validator: nameOf(key) });
const heightOf = (chain: TestChain): number => chain.height();

const doubleSign = (key: TestKey, height: number): Seen => ({
  misbehavior: [{ validator: key.account, height, kind: 'duplicateVote' }],
});
const votes = (entries: readonly (readonly [TestKey, boolean])[]): Seen => ({
  votes: entries.map(([key, signed]) => ({ validator: key.account, signed })),
});

describe('a validator that signs twice', () => {
  it('loses a twentieth of the stake behind it, its votes, and its key', async () => {
    const chain = await aNetwork();
    const outcome = chain.block([], 1, doubleSign(consensus, heightOf(chain)));
    expect(stakeOf(chain)).toBe(STAKE - cut(STAKE, 500n));
    expect(outcome.events).toContainEqual({
      name: 'validators.jailed',
      data: expect.objectContaining({
        validator: nameOf(consensus),
        reason: 'duplicateVote',
        slashed: cut(STAKE, 500n).toString(),
        until: null,
      }),
    });
    expect(show(chain, consensus)).toMatchObject({
      isJailed: true,
      isTombstoned: true,
      jailedUntil: null,
      faults: [{ kind: 'duplicateVote', slashed: cut(STAKE, 500n).toString() }],
    });
    expect(brokenInvariants(chain)).toEqual([]);
    for (let update = 0; update < 20; update += 1) chain.block([], UPDATE);
    expect(powersOf(chain)).not.toHaveProperty(nameOf(consensus));
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('is punished once for all it signed', async () => {
    const chain = await aNetwork();
    const evidence = doubleSign(consensus, heightOf(chain)).misbehavior!;
    chain.block([], 1, { misbehavior: [...evidence, ...evidence] });
    chain.block([], 1, { misbehavior: evidence });
    expect(stakeOf(chain)).toBe(STAKE - cut(STAKE, 500n));
  });

  it('takes stake with it that left after the offence, and none that left before', async () => {
    const chain = await aNetwork();
    const half = { hotkey: hotkey.account, amount: 500n * CAIRN };
    chain.send(coldkey, 'staking.unstake', half);
    const offence = heightOf(chain) + 1;
    chain.block();
    chain.send(coldkey, 'staking.unstake', { ...half, amount: 100n * CAIRN });
    chain.block([], 1, doubleSign(consensus, offence));
    expect(stakeOf(chain)).toBe(400n * CAIRN - cut(400n * CAIRN, 500n));
    expect(brokenInvariants(chain)).toEqual([]);
    const before = chain.spendable(coldkey);
    for (let step = 0; step < 110; step += 1) chain.block([], 10);
    const paid = chain.spendable(coldkey) - before;
    // 500 whole, 95 of the 100, and the deposits of two entries.
    expect(paid / CAIRN).toBe(595n);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('answers for it after it left the roster, as long as stake is unbonding', async () => {
    const chain = await aNetwork();
    const offence = heightOf(chain);
    chain.send(hotkey, 'validators.leave', { validator: consensus.account });
    for (let update = 0; update < 20; update += 1) chain.block([], UPDATE);
    expect(powersOf(chain)).not.toHaveProperty(nameOf(consensus));
    chain.block([], 1, doubleSign(consensus, offence));
    expect(stakeOf(chain)).toBe(STAKE - cut(STAKE, 500n));
    expect(await join(chain, consensus)).toBe('VALIDATOR_TOMBSTONED');
  });

  it('is out of reach when all that could be taken is free', async () => {
    const chain = await aNetwork({ unbondingSlots: 50n });
    const offence = heightOf(chain);
    chain.send(hotkey, 'validators.leave', { validator: consensus.account });
    for (let update = 0; update < 40; update += 1) chain.block([], UPDATE);
    chain.block([], 1, doubleSign(consensus, offence));
    expect(stakeOf(chain)).toBe(STAKE);
  });

  it('may vote with another key when nothing of it is unbonding any more, never with the same', async () => {
    const chain = await aNetwork({ unbondingSlots: 50n });
    chain.block([], 1, doubleSign(consensus, heightOf(chain)));
    expect(await join(chain, spare)).toBe('VALIDATOR_TOMBSTONED');
    expect(chain.send(hotkey, 'validators.unjail', { validator: consensus.account })).toBe(
      'VALIDATOR_TOMBSTONED',
    );
    for (let update = 0; update < 40; update += 1) chain.block([], UPDATE);
    expect(await join(chain, consensus)).toBe('CONSENSUS_KEY_TOMBSTONED');
    expect(await join(chain, spare)).toBeNull();
  });

  it('of genesis has no stake to lose and loses its votes', async () => {
    const chain = await aNetwork();
    chain.send(coldkey, 'staking.unstake', { hotkey: hotkey.account, amount: 1n * CAIRN });
    chain.block([], 1, doubleSign(genesisKey, heightOf(chain)));
    for (let update = 0; update < 20; update += 1) chain.block([], UPDATE);
    expect(powersOf(chain)[nameOf(genesisKey)]).toBe(0n);
    expect(stakeOf(chain)).toBe(999n * CAIRN);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('that nobody knows changes nothing', async () => {
    const chain = await aNetwork();
    const before = chain.supply();
    chain.block([], 0, doubleSign(spare, heightOf(chain)));
    expect(chain.supply()).toEqual(before);
  });
});

describe('a validator that misses votes', () => {
  const play = (chain: TestChain, signs: (block: number) => boolean, blocks: number) => {
    for (let block = 0; block < blocks; block += 1)
      chain.block(
        [],
        1,
        votes([
          [genesisKey, true],
          [consensus, signs(block)],
        ]),
      );
  };

  it('is jailed when it missed more than half of an update, and loses a ten-thousandth', async () => {
    const chain = await aNetwork();
    play(chain, () => false, UPDATE);
    expect(show(chain, consensus)).toMatchObject({ isJailed: true, isTombstoned: false });
    expect(stakeOf(chain)).toBe(STAKE - cut(STAKE, 1n));
    expect(brokenInvariants(chain)).toEqual([]);
    for (let update = 0; update < 20; update += 1) chain.block([], UPDATE);
    expect(powersOf(chain)[nameOf(consensus)]).toBe(0n);
  });

  it('is not for missing half of them', async () => {
    const chain = await aNetwork();
    play(chain, (block) => block % 2 === 0, 2 * UPDATE);
    expect(show(chain, consensus)).toMatchObject({ isJailed: false, faults: [] });
    expect(stakeOf(chain)).toBe(STAKE);
  });

  it('votes again when its time is over and it asks', async () => {
    const chain = await aNetwork();
    play(chain, () => false, UPDATE);
    const message = { validator: consensus.account };
    expect(chain.send(coldkey, 'validators.unjail', message)).toBe('NOT_VALIDATOR_HOTKEY');
    expect(chain.send(hotkey, 'validators.unjail', message)).toBe('VALIDATOR_JAILED');
    expect(await join(chain, spare)).toBe('VALIDATOR_JAILED');
    chain.block([], 10);
    expect(chain.send(hotkey, 'validators.unjail', message)).toBeNull();
    expect(chain.send(hotkey, 'validators.unjail', message)).toBe('VALIDATOR_NOT_JAILED');
    for (let update = 0; update < 20; update += 1) chain.block([], UPDATE);
    expect(powersOf(chain)[nameOf(consensus)]).toBe((STAKE - cut(STAKE, 1n)) / 1_000_000n);
  });

  it('keeps its votes when nobody else could vote', async () => {
    const chain = await aNetwork();
    for (let block = 0; block < 2 * UPDATE; block += 1)
      chain.block(
        [],
        1,
        votes([
          [genesisKey, false],
          [consensus, false],
        ]),
      );
    expect(Object.values(powersOf(chain)).some((power) => power > 0n)).toBe(true);
  });

  it('is counted from update to update', async () => {
    const chain = await aNetwork();
    for (let round = 0; round < 4; round += 1) play(chain, (block) => block >= 4, UPDATE);
    expect(show(chain, consensus)).toMatchObject({ isJailed: false });
  });
});
