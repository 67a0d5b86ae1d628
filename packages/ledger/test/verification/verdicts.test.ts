import { accountIdToAddress, bytesToHex } from '@cairn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hotkeys } from '../../src/index.ts';
import { aChain, agreement, aKey, CAIRN, type TestChain, type TestKey } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { aCard, idOf } from '../support/registry.ts';

const [coldkey, provider, first, second, third, nobody] = [1, 2, 3, 4, 5, 6].map(aKey) as [
  TestKey,
  TestKey,
  TestKey,
  TestKey,
  TestKey,
  TestKey,
];
const voters = [11, 12, 13].map(aKey);
const STAKE = 1_000n * CAIRN;
const WINDOW = 20;
const NONE = new Uint8Array(32);
const SHOWN = new Uint8Array(32).fill(9);
const receipt = new Uint8Array(32).fill(1);
const evidence = new Uint8Array(32).fill(2);

/** Three judges with power 4, 3 and 3, and a provider with 1,000 CAIRN behind it. */
async function aNetwork(): Promise<TestChain> {
  const powers = [4n, 3n, 3n];
  const chain = aChain({
    funded: [coldkey, provider, first, second, third, nobody],
    validators: [first, second, third].map(({ account }, at) => ({
      publicKey: voters[at]!.publicKey,
      account,
      power: powers[at]! * 1_000_000n,
    })),
    parameters: { verdictSlots: BigInt(WINDOW), unbondingSlots: 1_000n },
  });
  const proof = await agreement(chain.chainId, provider, coldkey.account);
  chain.send(coldkey, 'staking.associateHotkey', { hotkey: proof });
  chain.send(coldkey, 'staking.stake', { hotkey: provider.account, amount: STAKE });
  return chain;
}

const accuse = (chain: TestChain, from: TestKey, changes: object = {}) =>
  chain.send(from, 'verification.accuse', {
    provider: provider.account,
    receipt,
    offenceHeight: BigInt(chain.height()),
    evidence,
    ...changes,
  });
const support = (chain: TestChain, from: TestKey, reveal = NONE) =>
  chain.send(from, 'verification.support', { receipt, reveal });
const answer = (chain: TestChain, from: TestKey, reveal = SHOWN) =>
  chain.send(from, 'verification.answer', { receipt, reveal });
const stakeOf = (chain: TestChain) => hotkeys.get(chain.view, provider.account)!.totalStake;
const cut = (amount: bigint) => (amount * ((500n << 32n) / 10_000n)) >> 32n;
/** Two blocks, each of as many slots as one may have. */
const decide = (chain: TestChain) => [1, 2].flatMap(() => chain.block([], WINDOW / 2).events);
const namesOf = (events: readonly { readonly name: string }[]) =>
  events.map(({ name }) => name).filter((name) => name.startsWith('verification.'));

describe('a case against a provider', () => {
  it('burns a part of its stake when more than two thirds of the others found the fault', async () => {
    const chain = await aNetwork();
    expect(accuse(chain, first)).toBeNull();
    expect(support(chain, second)).toBeNull();
    expect(stakeOf(chain)).toBe(STAKE);
    const events = decide(chain);
    expect(namesOf(events)).toEqual(['verification.providerConvicted']);
    expect(stakeOf(chain)).toBe(STAKE - cut(STAKE));
    expect(
      chain.query('verification_provider', { provider: accountIdToAddress(provider.account) }),
    ).toMatchObject({
      verdicts: 1,
      slashed: cut(STAKE).toString(),
    });
    expect(accuse(chain, first)).toBe('CASE_DECIDED');
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('takes nothing when fewer found it, and gives the deposit back', async () => {
    const chain = await aNetwork();
    accuse(chain, second);
    support(chain, third);
    const before = chain.spendable(second);
    const events = decide(chain);
    expect(namesOf(events)).toEqual(['verification.caseDropped']);
    expect(stakeOf(chain)).toBe(STAKE);
    expect(chain.spendable(second)).toBeGreaterThan(before);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('is looked at again by everybody once the provider answered, with a new deadline', async () => {
    const chain = await aNetwork();
    accuse(chain, first);
    support(chain, second);
    support(chain, third);
    expect(answer(chain, provider)).toBeNull();
    expect(answer(chain, provider)).toBe('ALREADY_ANSWERED');
    expect(support(chain, first)).toBe('REVEAL_OTHER');
    expect(support(chain, first, SHOWN)).toBeNull();
    const events = decide(chain);
    expect(namesOf(events)).toEqual(['verification.caseDropped']);
    expect(stakeOf(chain)).toBe(STAKE);
  });

  it('reaches stake that left after the offence', async () => {
    const chain = await aNetwork();
    accuse(chain, first);
    chain.send(coldkey, 'staking.unstake', { hotkey: provider.account, amount: STAKE / 2n });
    support(chain, second);
    decide(chain);
    const before = chain.spendable(coldkey);
    for (let step = 0; step < 110; step += 1) chain.block([], 10);
    const paid = chain.spendable(coldkey) - before;
    expect(paid).toBeLessThan(STAKE / 2n);
    expect(paid).toBeGreaterThanOrEqual(STAKE / 2n - cut(STAKE / 2n));
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it.each([
    ['NOT_JUDGE', (chain: TestChain) => accuse(chain, nobody)],
    ['NOT_JUDGE', (chain: TestChain) => accuse(chain, first, { provider: first.account })],
    ['HEIGHT_INVALID', (chain: TestChain) => accuse(chain, first, { offenceHeight: 1_000_000n })],
    ['HEIGHT_INVALID', (chain: TestChain) => accuse(chain, first, { offenceHeight: 0n })],
    ['CASE_UNKNOWN', (chain: TestChain) => support(chain, first)],
    ['CASE_UNKNOWN', (chain: TestChain) => answer(chain, provider)],
    [
      'CASE_OPEN',
      (chain: TestChain) => {
        accuse(chain, first);
        return accuse(chain, second);
      },
    ],
    [
      'ALREADY_SUPPORTS',
      (chain: TestChain) => {
        accuse(chain, first);
        return support(chain, first);
      },
    ],
    [
      'NOT_JUDGE',
      (chain: TestChain) => {
        accuse(chain, first);
        return support(chain, nobody);
      },
    ],
    [
      'NOT_PROVIDER',
      (chain: TestChain) => {
        accuse(chain, first);
        return answer(chain, nobody);
      },
    ],
    [
      'REVEAL_EMPTY',
      (chain: TestChain) => {
        accuse(chain, first);
        return answer(chain, provider, NONE);
      },
    ],
    [
      'CASES_FULL',
      (chain: TestChain) => {
        for (let n = 10; n < 18; n += 1) accuse(chain, first, { receipt: new Uint8Array(32).fill(n) });
        return accuse(chain, first);
      },
    ],
  ])('refuses with %s', async (code, act) => {
    const chain = await aNetwork();
    expect(act(chain)).toBe(code);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('never takes more than one part for one receipt, whatever is sent in which order', async () => {
    const acts = fc.constantFrom(
      (chain: TestChain) => accuse(chain, first),
      (chain: TestChain) => accuse(chain, second),
      (chain: TestChain) => support(chain, second),
      (chain: TestChain) => support(chain, third),
      (chain: TestChain) => support(chain, third, SHOWN),
      (chain: TestChain) => support(chain, first, SHOWN),
      (chain: TestChain) => answer(chain, provider),
      (chain: TestChain) => {
        decide(chain);
        return null;
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(acts, { maxLength: 14 }), async (steps) => {
        const chain = await aNetwork();
        for (const step of steps) step(chain);
        expect([STAKE, STAKE - cut(STAKE)]).toContain(stakeOf(chain));
        expect(brokenInvariants(chain)).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });
});

describe('verification.publishCalibration', () => {
  const calibration = new Uint8Array(32).fill(5);
  const card = aCard(coldkey);
  const publish = (chain: TestChain, from: TestKey, changes: object = {}) =>
    chain.send(from, 'verification.publishCalibration', {
      model: idOf(card),
      artifact: card.artifacts[0]!.sha256,
      engine: 'llama.cpp v1',
      calibration,
      sizeBytes: 900,
      ...changes,
    });

  it('keeps one for each engine, from the owner of the model, and gives the deposit back', async () => {
    const chain = await aNetwork();
    expect(publish(chain, coldkey)).toBe('MODEL_UNKNOWN');
    chain.send(coldkey, 'registry.publishModel', { card });
    expect(publish(chain, nobody)).toBe('NOT_MODEL_OWNER');
    expect(publish(chain, coldkey, { artifact: evidence })).toBe('ARTIFACT_UNKNOWN');
    expect(publish(chain, coldkey, { engine: '' })).toBe('ENGINE_UNNAMED');
    expect(publish(chain, coldkey, { calibration: NONE })).toBe('CALIBRATION_UNKNOWN');
    expect(publish(chain, coldkey)).toBeNull();
    for (let n = 2; n <= 8; n += 1) expect(publish(chain, coldkey, { engine: `v${n}` })).toBeNull();
    expect(publish(chain, coldkey, { engine: 'v9' })).toBe('CALIBRATIONS_FULL');
    const query = { model: bytesToHex(idOf(card)), artifact: bytesToHex(card.artifacts[0]!.sha256) };
    expect(chain.query('verification_calibrations', query)).toHaveLength(8);
    expect(brokenInvariants(chain)).toEqual([]);
    chain.send(coldkey, 'registry.retireModel', { model: idOf(card) });
    for (const engine of ['llama.cpp v1', 'v2', 'v3', 'v4', 'v5', 'v6', 'v7', 'v8'])
      expect(publish(chain, coldkey, { engine, calibration: NONE })).toBeNull();
    expect(chain.query('verification_calibrations', query)).toEqual([]);
    expect(brokenInvariants(chain)).toEqual([]);
  });
});
