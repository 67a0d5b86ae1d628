import { describe, expect, it } from 'vitest';
import { accounts, salts, sealedWeights, timelocks, weights, weightsCommits } from '../../src/index.ts';
import type { TestChain } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';
import {
  commitCall,
  expectDone,
  type Person,
  revealCall,
  saltOf,
  secretOf,
  setHyperparameter,
  setMechanisms,
  untilEpoch,
} from '../support/market.ts';
import { eventOf, prepareToPrune, sendCall } from '../support/secret-market.ts';
import { aTimelockedMarket, pulseCall, roundOf, seal, timelockCall } from '../support/timelock.ts';

const ROWS = [
  { 2: 3, 3: 1 },
  { 4: 2, 5: 1 },
] as const;
const secretIn = (person: Person, epoch: number, n: number, mechanism: number) =>
  secretOf(person, epoch, ROWS[mechanism]!, n, mechanism);
const seals = (chain: TestChain, people: readonly Person[], epoch: number, n: number, order = [0, 1]) =>
  people.flatMap((person) =>
    order.map((index) => timelockCall(chain, person, secretIn(person, epoch, n, index), epoch + 1)),
  );
const boundOf = (chain: TestChain, uid = 0) => salts.get(chain.view, 1, uid)!.bound.length;
const sealedKeys = (chain: TestChain) => [...chain.store.keys()].filter((key) => key.includes('yuma/sealed'));
const recordsOf = (chain: TestChain, { hotkey }: Person) => accounts.get(chain.view, hotkey.account)!.records;

/** Epoch 2 of a subnet with two mechanisms whose weights are locked to rounds. */
async function aDouble(options: Parameters<typeof aTimelockedMarket>[0] = {}) {
  const market = await aTimelockedMarket(options);
  setMechanisms(market.chain, [32_768, 32_767]);
  return market;
}

/** Epoch 3: everybody has sealed both in epoch 2. */
async function afterBoth(options: Parameters<typeof aTimelockedMarket>[0] = {}) {
  const market = await aDouble(options);
  const round = roundOf(market.chain);
  expectDone(market.chain.block(seals(market.chain, market.validators, 2, 0)));
  untilEpoch(market.chain);
  return { ...market, round };
}

describe('timelocked weights of two mechanisms', () => {
  it('share round and salt, which enters the seed once', async () => {
    const { chain, validators, owner } = await aDouble();
    const round = roundOf(chain);
    expectDone(chain.block(seals(chain, validators, 2, 0, [1])));
    expect(boundOf(chain)).toBe(2);
    expectDone(chain.block(seals(chain, validators, 2, 0, [0])));
    expect(boundOf(chain)).toBe(2);
    expect(roundOf(chain)).toBe(round);
    untilEpoch(chain);
    const posted = chain.block([pulseCall(owner.hotkey, round)]);
    expectDone(posted);
    expect(posted.results[0]!.events).toMatchObject([{ name: 'yuma.pulsePosted', data: { closed: 2 } }]);
    // The first validator's first, then the other's.
    const opened = [...chain.block().events, ...chain.block().events];
    expect(eventOf(opened, 'yuma.weightsSet')).toMatchObject([
      { uid: 0, mechanism: 0, scoredEpoch: 2 },
      { uid: 0, mechanism: 1, scoredEpoch: 2, nextSaltCommitment: null },
      { uid: 1, mechanism: 0, scoredEpoch: 2 },
      { uid: 1, mechanism: 1, scoredEpoch: 2, nextSaltCommitment: null },
    ]);
    expect(boundOf(chain)).toBe(3);
    expect(salts.get(chain.view, 1, 0)).toMatchObject({ mixed: saltOf(validators[0]!, 0), mixedEpoch: 3 });
    expect(sealedKeys(chain)).toEqual([]);
    expect(eventOf(untilEpoch(chain), 'yuma.epochRan')).toMatchObject([{ salts: 2 }]);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('go on epoch after epoch, whichever is sealed first, and nobody forfeits', async () => {
    const { chain, validators, owner, round: first } = await afterBoth();
    let round = first;
    for (let epoch = 3; epoch < 7; epoch += 1) {
      const next = roundOf(chain);
      const order = epoch % 2 === 0 ? [0, 1] : [1, 0];
      expectDone(
        chain.block([pulseCall(owner.hotkey, round), ...seals(chain, validators, epoch, epoch - 2, order)]),
      );
      const opened = [...chain.block().events, ...chain.block().events];
      expect(eventOf(opened, 'yuma.weightsSet'), `epoch ${epoch}`).toHaveLength(4);
      const events = untilEpoch(chain);
      expect(eventOf(events, 'yuma.dividendsForfeited'), `epoch ${epoch}`).toEqual([]);
      expect(brokenInvariants(chain)).toEqual([]);
      round = next;
    }
  });

  it('that are garbage in one cost the dividends of that one alone', async () => {
    const { chain, validators, owner } = await aDouble();
    const [cheat, honest] = validators as [Person, Person];
    const round = roundOf(chain);
    const [good, bad] = [0, 1].map((index) => secretIn(cheat, 2, 0, index));
    expectDone(
      chain.block([
        timelockCall(chain, cheat, bad!, 3, { ciphertext: new Uint8Array(400).fill(7) }),
        timelockCall(chain, cheat, good!, 3),
        ...seals(chain, [honest], 2, 0),
      ]),
    );
    untilEpoch(chain);
    expectDone(chain.block([pulseCall(owner.hotkey, round)]));
    const opened = [...chain.block().events, ...chain.block().events];
    expect(eventOf(opened, 'yuma.weightsSet')).toHaveLength(3);
    expect(eventOf(opened, 'yuma.timelockSpoiled')).toMatchObject([{ uid: 0, mechanism: 1 }]);
    // Not even now that the salt is public.
    expect(sendCall(chain, revealCall(cheat, bad!, 3))).toBe('TIMELOCK_SPOILED');
    expectDone(chain.block(seals(chain, validators, 3, 1)));
    const events = untilEpoch(chain);
    expect(eventOf(events, 'yuma.revealMissed')).toMatchObject([{ uid: 0, mechanism: 1, scoredEpoch: 2 }]);
    expect(eventOf(events, 'yuma.dividendsForfeited')).toMatchObject([
      { uid: 0, mechanism: 1, reason: 'saltWithheld' },
    ]);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('lapse for the one that the ledger had no room to open', async () => {
    const { chain, validators, owner, round } = await afterBoth({
      parameters: { timelockOpeningsPerBlock: 1n },
    });
    chain.advance(11);
    expectDone(chain.block([pulseCall(owner.hotkey, round)]));
    const opened = chain.advance(4).flatMap((block) => block.events);
    const events = untilEpoch(chain);
    expect(eventOf(opened, 'yuma.weightsSet')).toMatchObject([
      { uid: 0, mechanism: 0 },
      { uid: 0, mechanism: 1 },
      { uid: 1, mechanism: 0 },
    ]);
    expect(eventOf(events, 'yuma.timelockLapsed')).toMatchObject([
      { uid: 1, mechanism: 1, scoredEpoch: 2, reason: 'notOpenedInTime' },
    ]);
    expect(eventOf(events, 'yuma.revealMissed')).toEqual([]);
    expect(weightsCommits.get(chain.view, 1, 1, 1)).toBeUndefined();
    expect(recordsOf(chain, validators[1]!)).toBe(0);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('are of no use in another mechanism', async () => {
    const { chain, validators, owner } = await aDouble();
    const [person] = validators as [Person];
    const round = roundOf(chain);
    const first = timelockCall(chain, person, secretIn(person, 2, 0, 0), 3);
    expectDone(chain.block([first]));
    // The same hash and ciphertext, sent for the second.
    expect(sendCall(chain, first, { mechanism: 1 })).toBe(null);
    expect(sendCall(chain, first, { mechanism: 2 })).toBe('MECHANISM_UNKNOWN');
    untilEpoch(chain);
    expectDone(chain.block([pulseCall(owner.hotkey, round)]));
    const { events } = chain.block();
    expect(eventOf(events, 'yuma.weightsSet')).toMatchObject([{ uid: 0, mechanism: 0 }]);
    expect(eventOf(events, 'yuma.timelockSpoiled')).toMatchObject([
      { uid: 0, mechanism: 1, code: 'COMMITMENT_WRONG' },
    ]);
  });

  it('are opened by hand in one, by the pulse in the other', async () => {
    const { chain, validators, owner, round } = await afterBoth();
    const [person] = validators as [Person];
    chain.advance(11);
    expect(sendCall(chain, revealCall(person, secretIn(person, 2, 0, 1), 3))).toBe(null);
    expect(sealedKeys(chain)).toHaveLength(3);
    expectDone(chain.block([pulseCall(owner.hotkey, round)]));
    const { events } = chain.block();
    expect(eventOf(events, 'yuma.weightsSet')).toMatchObject([
      { uid: 0, mechanism: 0, nextSaltCommitment: null },
      { uid: 1, mechanism: 0 },
    ]);
    expect(boundOf(chain)).toBe(3);
    expect(brokenInvariants(chain)).toEqual([]);
  });
});

describe('a neuron with sealed weights in two mechanisms', () => {
  it('gets all its deposits back when another takes its place', async () => {
    const { chain, validators, miners, owner, round } = await afterBoth();
    const newcomer = miners[3]!;
    expect(recordsOf(chain, validators[0]!)).toBe(2);
    prepareToPrune(chain, 0, newcomer);
    const message = { netuid: 1, hotkey: newcomer.hotkey.account, burnLimit: 10n ** 15n };
    expectDone(
      chain.block([
        pulseCall(owner.hotkey, round),
        { from: newcomer.coldkey, name: 'subnets.registerNeuron', message },
      ]),
    );
    expect(recordsOf(chain, validators[0]!)).toBe(0);
    expect(sealedKeys(chain)).toHaveLength(2);
    const { events } = chain.block();
    expect(eventOf(events, 'yuma.weightsSet')).toMatchObject([
      { uid: 1, mechanism: 0 },
      { uid: 1, mechanism: 1 },
    ]);
  });

  it('gets that of a mechanism back that goes', async () => {
    const { chain, validators, owner, round } = await afterBoth();
    const split = { netuid: 1, split: [65_535] };
    expect(chain.send(owner.coldkey, 'subnets.setMechanisms', split)).toBe(null);
    const next = roundOf(chain);
    expectDone(chain.block([pulseCall(owner.hotkey, round), ...seals(chain, validators, 3, 1)]));
    untilEpoch(chain);
    expect(sealedKeys(chain)).toHaveLength(2);
    expect(recordsOf(chain, validators[0]!)).toBe(1);
    expect(brokenInvariants(chain)).toEqual([]);
    expectDone(chain.block([pulseCall(owner.hotkey, next)]));
    expect(eventOf(chain.block().events, 'yuma.weightsSet')).toMatchObject([
      { uid: 0, mechanism: 0, scoredEpoch: 3 },
      { uid: 1, mechanism: 0, scoredEpoch: 3 },
    ]);
    expect(timelocks.get(chain.view, 1).flatMap(({ uids }) => uids)).toEqual([]);
  });

  it('gets them back when the subnet is dissolved, even between pulse and opening', async () => {
    const { chain, validators, owner, round } = await afterBoth({
      parameters: {
        dissolutionNoticeSlots: 3n,
        networkImmunitySlots: 0n,
        timelockOpeningsPerBlock: 1n,
      },
    });
    expect(chain.send(owner.coldkey, 'subnets.dissolve', { netuid: 1 })).toBe(null);
    chain.advance(1);
    expectDone(chain.block([pulseCall(owner.hotkey, round), ...seals(chain, validators, 3, 1)]));
    expect(sealedKeys(chain).length).toBeGreaterThan(4);
    const events = chain.advance(6).flatMap((block) => block.events);
    expect(events.map(({ name }) => name)).toContain('subnets.dissolved');
    for (const person of validators) expect(recordsOf(chain, person)).toBe(0);
    expect([...chain.store.keys()].filter((key) => /^yuma\/.*\/00001/.test(key))).toEqual([]);
    chain.advance(30);
    expect(brokenInvariants(chain)).toEqual([]);
  });
});

describe('a subnet that changes its scheme between two commits of an epoch', () => {
  it('takes the second in the next epoch, and it is not missed', async () => {
    const { chain, validators, owner, round } = await afterBoth();
    const [person, other] = validators as [Person, Person];
    expectDone(chain.block([pulseCall(owner.hotkey, round)]));
    chain.advance(2);
    expectDone(chain.block(seals(chain, [person], 3, 1, [0])));
    setHyperparameter(chain, 'commitReveal', 1);
    expect(sendCall(chain, commitCall(person, secretIn(person, 3, 1, 1)))).toBe('COMMIT_SCHEME_CHANGED');
    expectDone(chain.block([0, 1].map((index) => commitCall(other, secretIn(other, 3, 1, index)))));
    expect(eventOf(untilEpoch(chain), 'yuma.dividendsForfeited')).toEqual([]);
    expect(sealedWeights.get(chain.view, 1, 0, 3)).toBeDefined();
    expect(weights.get(chain.view, 1, 0, 1)).toMatchObject({ scoredEpoch: 2 });
  });

  it('still misses what was left out where the scheme stayed', async () => {
    const { chain, validators, owner, round } = await afterBoth();
    const [person, other] = validators as [Person, Person];
    expectDone(chain.block([pulseCall(owner.hotkey, round)]));
    chain.advance(2);
    expectDone(chain.block([...seals(chain, [person], 3, 1, [0]), ...seals(chain, [other], 3, 1)]));
    expect(eventOf(untilEpoch(chain), 'yuma.dividendsForfeited')).toMatchObject([
      { uid: 0, mechanism: 1, reason: 'commitMissed' },
    ]);
  });
});

describe('a commit that is sealed again', () => {
  it('replaces that of its mechanism, and keeps its place', async () => {
    const { chain, validators, owner } = await aDouble();
    setHyperparameter(chain, 'weightsRateLimitSlots', 0);
    const round = roundOf(chain);
    expectDone(chain.block(seals(chain, validators, 2, 0)));
    const [first] = validators as [Person];
    const ciphertext = seal(round, new Uint8Array(40));
    expectDone(chain.block([timelockCall(chain, first, secretIn(first, 2, 0, 1), 3, { ciphertext })]));
    expect(recordsOf(chain, first)).toBe(2);
    expect(timelocks.get(chain.view, 1)).toMatchObject([{ uids: [0, 1] }]);
    untilEpoch(chain);
    expectDone(chain.block([pulseCall(owner.hotkey, round)]));
    const { events } = chain.block();
    expect(eventOf(events, 'yuma.weightsSet')).toMatchObject([{ uid: 0, mechanism: 0 }]);
    expect(eventOf(events, 'yuma.timelockSpoiled')).toMatchObject([{ uid: 0, mechanism: 1 }]);
    expect(brokenInvariants(chain)).toEqual([]);
  });
});
