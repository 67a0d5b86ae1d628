import { describe, expect, it } from 'vitest';
import { neurons, salts, weights, weightsCommits } from '../../src/index.ts';
import type { TestChain } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';
import {
  attestCall,
  commitCall,
  expectDone,
  type Person,
  revealCall,
  saltOf,
  secretOf,
  setMechanisms,
  someCommitments,
  untilEpoch,
  weightsCall,
} from '../support/market.ts';
import { aSecretMarket, eventOf, prepareToPrune, sendCall } from '../support/secret-market.ts';

const ROWS = [
  { 2: 3, 3: 1 },
  { 4: 2, 5: 1 },
] as const;
const secretIn = (person: Person, epoch: number, n: number, mechanism: number) =>
  secretOf(person, epoch, ROWS[mechanism]!, n, mechanism);
const commits = (people: readonly Person[], epoch: number, n: number, mechanisms = [0, 1]) =>
  people.flatMap((person) =>
    mechanisms.map((index) => commitCall(person, secretIn(person, epoch, n, index))),
  );
const reveals = (people: readonly Person[], epoch: number, n: number, next: number, mechanisms = [0, 1]) =>
  people.flatMap((person) =>
    mechanisms.map((index) => revealCall(person, secretIn(person, epoch, n, index), next)),
  );

/** Epoch 2 of a subnet with commit–reveal and two mechanisms. */
async function aDouble(options: Parameters<typeof aSecretMarket>[0] = {}) {
  const market = await aSecretMarket(options);
  setMechanisms(market.chain, [32_768, 32_767]);
  return market;
}

/** Epoch 3: everybody has committed in both in epoch 2. */
async function afterCommits(options: Parameters<typeof aSecretMarket>[0] = {}) {
  const market = await aDouble(options);
  expectDone(market.chain.block(commits(market.validators, 2, 0)));
  untilEpoch(market.chain);
  return market;
}

const boundOf = (chain: TestChain, uid = 0) => salts.get(chain.view, 1, uid)!.bound.length;

describe('secret weights of two mechanisms', () => {
  it('share the salt of their epoch, which is shown twice and enters the seed once', async () => {
    const { chain, validators } = await aDouble();
    expect(boundOf(chain)).toBe(3);
    expectDone(chain.block(commits(validators, 2, 0, [1])));
    expectDone(chain.block(commits(validators, 2, 0, [0])));
    expect(boundOf(chain)).toBe(2);
    untilEpoch(chain);
    expectDone(chain.block(reveals(validators, 2, 0, 3, [0])));
    expect(boundOf(chain)).toBe(3);
    expect(chain.query('yuma_commits', { netuid: 1, uid: 0, mechanism: 1 })).toMatchObject([
      { isSaltShown: true, salt: { epoch: 1 } },
    ]);
    const outcome = chain.block(reveals(validators, 2, 0, 3, [1]));
    expectDone(outcome);
    expect(outcome.results[0]!.events).toMatchObject([
      { name: 'yuma.weightsSet', data: { mechanism: 1, scoredEpoch: 2, nextSaltCommitment: null } },
    ]);
    expect(boundOf(chain)).toBe(3);
    expect(salts.get(chain.view, 1, 0)).toMatchObject({ mixed: saltOf(validators[0]!, 0), mixedEpoch: 3 });
    const [ran] = eventOf(untilEpoch(chain), 'yuma.epochRan');
    expect(ran!.salts).toBe(2);
  });

  it('go on epoch after epoch, and nobody forfeits', async () => {
    const { chain, validators } = await afterCommits();
    for (let epoch = 3; epoch < 8; epoch += 1) {
      // Whichever comes first.
      const order = epoch % 2 === 0 ? [0, 1] : [1, 0];
      expectDone(chain.block(reveals(validators, epoch - 1, epoch - 3, epoch, order)));
      expectDone(chain.block(commits(validators, epoch, epoch - 2, order)));
      const events = untilEpoch(chain);
      expect(eventOf(events, 'yuma.dividendsForfeited'), `epoch ${epoch}`).toEqual([]);
      expect(eventOf(events, 'yuma.epochRan')).toMatchObject([{ epoch, salts: 2 }]);
      expect(brokenInvariants(chain)).toEqual([]);
    }
    const incentives = [2, 3, 4, 5].map((uid) => neurons.get(chain.view, 1, uid)!.incentive);
    expect(incentives.every((incentive) => incentive > 0)).toBe(true);
  });

  it('that are kept secret cost the dividends of their mechanism alone', async () => {
    const { chain, validators } = await afterCommits();
    const [lazy, other] = validators as [Person, Person];
    expectDone(chain.block([...reveals([lazy], 2, 0, 3, [0]), ...reveals([other], 2, 0, 3)]));
    expectDone(chain.block(commits(validators, 3, 1)));
    const events = untilEpoch(chain);
    expect(eventOf(events, 'yuma.revealMissed')).toMatchObject([{ uid: 0, mechanism: 1, scoredEpoch: 2 }]);
    expect(eventOf(events, 'yuma.dividendsForfeited')).toMatchObject([
      { uid: 0, mechanism: 1, reason: 'saltWithheld' },
    ]);
    const dividends = eventOf(events, 'emission.paid').filter(
      ({ uid, kind }) => uid === 0 && kind !== 'incentive',
    );
    expect(dividends).not.toEqual([]);
    expect(neurons.get(chain.view, 1, 0)!.missedReveals).toBe(1);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('cost the dividends of the one in which nothing is committed any more', async () => {
    const { chain, validators } = await afterCommits();
    expectDone(chain.block(reveals(validators, 2, 0, 3)));
    expectDone(chain.block([...commits([validators[0]!], 3, 1, [0]), ...commits([validators[1]!], 3, 1)]));
    expect(eventOf(untilEpoch(chain), 'yuma.dividendsForfeited')).toMatchObject([
      { uid: 0, mechanism: 1, reason: 'commitMissed' },
    ]);
  });

  it('are revealed for the mechanism they were committed for, or not at all', async () => {
    const { chain, validators } = await aDouble();
    const [one, other] = validators as [Person, Person];
    const first = secretIn(one, 2, 0, 0);
    expectDone(chain.block([commitCall(one, first)]));
    // The hash of the first mechanism, sent for the second.
    const copied = commitCall(one, first);
    expect(sendCall(chain, copied, { mechanism: 1 })).toBeNull();
    expectDone(chain.block(commits([other], 2, 0, [0])));
    untilEpoch(chain);
    expect(sendCall(chain, revealCall(one, first, 3), { mechanism: 1 })).toBe('COMMITMENT_WRONG');
    expect(sendCall(chain, revealCall(other, secretIn(other, 2, 0, 0), 3), { mechanism: 1 })).toBe(
      'COMMIT_UNKNOWN',
    );
    expect(sendCall(chain, revealCall(one, first, 3))).toBeNull();
    expect(weights.get(chain.view, 1, 0, 1)).toBeUndefined();
  });

  it('refuse another salt where theirs was shown, and take any next one', async () => {
    const { chain, validators } = await afterCommits();
    const [person] = validators as [Person];
    expectDone(chain.block(reveals([person], 2, 0, 3, [0])));
    const call = revealCall(person, secretIn(person, 2, 0, 1), 3);
    expect(sendCall(chain, call, { salt: saltOf(person, 1) })).toBe('SALT_WRONG');
    expect(sendCall(chain, call)).toBeNull();
    expect(salts.get(chain.view, 1, 0)!.mixed).toEqual(saltOf(person, 0));
  });

  it('bind the salt of the first commit, whatever salts are named in between', async () => {
    const { chain, validators } = await aDouble();
    const [person] = validators as [Person];
    expectDone(chain.block(commits([person], 2, 0, [0])));
    const bind = { netuid: 1, commitments: someCommitments(person, 2, 40) };
    expect(chain.send(person.hotkey, 'yuma.commitSalt', bind)).toBeNull();
    expectDone(chain.block(commits([person], 2, 0, [1])));
    const [first, second] = [0, 1].map((index) => weightsCommits.get(chain.view, 1, 0, index)![0]!);
    expect(second!.salt).toEqual(first!.salt);
    expect(second!.revealEpoch).toBe(first!.revealEpoch);
    expect(boundOf(chain)).toBe(2);
  });
});

describe('a mechanism that is not there', () => {
  it('is refused by every message', async () => {
    const { chain, validators } = await aDouble();
    const [person] = validators as [Person];
    const none = { mechanism: 2 };
    expect(sendCall(chain, commitCall(person, secretIn(person, 2, 0, 0)), none)).toBe('MECHANISM_UNKNOWN');
    expect(sendCall(chain, revealCall(person, secretIn(person, 2, 0, 0), 3), none)).toBe('MECHANISM_UNKNOWN');
    expect(sendCall(chain, attestCall(person, []), { mechanism: 255 })).toBe('MECHANISM_UNKNOWN');
    expect(sendCall(chain, weightsCall(person, 1, { 2: 1 }, 0, 2))).toBe('MECHANISM_UNKNOWN');
    expect(chain.query('yuma_weights', { netuid: 1, uid: 0, mechanism: 9 })).toBeNull();
    expect(chain.query('yuma_commits', { netuid: 1, uid: 0, mechanism: 9 })).toEqual([]);
  });

  it('forgives what was committed for it when it goes', async () => {
    const { chain, validators, owner } = await aDouble();
    expectDone(chain.block(commits(validators, 2, 0)));
    const split = { netuid: 1, split: [65_535] };
    expect(chain.send(owner.coldkey, 'subnets.setMechanisms', split)).toBeNull();
    untilEpoch(chain);
    expect(weightsCommits.get(chain.view, 1, 0, 1)).toBeUndefined();
    expect(sendCall(chain, revealCall(validators[0]!, secretIn(validators[0]!, 2, 0, 1), 3))).toBe(
      'MECHANISM_UNKNOWN',
    );
    expectDone(chain.block(reveals(validators, 2, 0, 3, [0])));
    expectDone(chain.block(commits(validators, 3, 1, [0])));
    expect(eventOf(untilEpoch(chain), 'yuma.dividendsForfeited')).toEqual([]);
    expect(brokenInvariants(chain)).toEqual([]);
  });
});

describe('a neuron that is pruned', () => {
  it('leaves nothing in any mechanism', async () => {
    const { chain, validators, miners } = await afterCommits();
    expectDone(chain.block(reveals([validators[1]!], 2, 0, 3)));
    untilEpoch(chain);
    prepareToPrune(chain, 1, miners[3]!);
    const message = { netuid: 1, hotkey: miners[3]!.hotkey.account, burnLimit: 1n << 60n };
    expect(chain.send(miners[3]!.coldkey, 'subnets.registerNeuron', message)).toBeNull();
    expect([...chain.store.keys()].filter((key) => /^yuma\/.*\/00001\/00001(\/|$)/.test(key))).toEqual([]);
    const shown = chain.query('subnets_metagraph', { netuid: 1, weights: true }).neurons[1];
    expect(shown.mechanisms).toMatchObject([
      { weights: null, trust: 0 },
      { weights: null, trust: 0 },
    ]);
  });
});
