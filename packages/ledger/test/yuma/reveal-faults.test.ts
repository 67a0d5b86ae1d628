import { describe, expect, it } from 'vitest';
import { neurons, nextSeed, salts, uids, weights, weightsCommits } from '../../src/index.ts';
import { CAIRN, testCrypto } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';
import {
  aMarket,
  attestCall,
  commitCall,
  commitmentOf,
  expectDone,
  type Person,
  revealCall,
  saltOf,
  secretOf,
  setHyperparameter,
  someCommitments,
  untilEpoch,
  weightsCall,
} from '../support/market.ts';
import {
  afterCommits,
  aSecretMarket,
  eventOf,
  prepareToPrune,
  ROW,
  sendCall,
  workEpoch,
} from '../support/secret-market.ts';

describe('a validator that does not do its part', () => {
  it('loses the dividends of the epoch of a reveal it missed, and is seen to', async () => {
    const { chain, validators } = await afterCommits();
    workEpoch(chain, validators, 3);
    const [works, idles] = validators as [Person, Person];
    expectDone(chain.block([revealCall(works, secretOf(works, 3, ROW, 1), 4)]));
    expectDone(
      chain.block([
        commitCall(works, secretOf(works, 4, ROW, 2)),
        commitCall(idles, secretOf(idles, 4, ROW, 2)),
      ]),
    );
    const events = untilEpoch(chain);
    const [forfeited, ...more] = eventOf(events, 'yuma.dividendsForfeited');
    expect(more).toEqual([]);
    expect(forfeited).toMatchObject({ uid: 1, epoch: 4, reason: 'saltWithheld' });
    expect(BigInt(forfeited!.amount as string) > CAIRN).toBe(true);
    const [recycled] = eventOf(events, 'emission.recycled');
    expect(BigInt(recycled!.amount as string) >= BigInt(forfeited!.amount as string)).toBe(true);
    expect(eventOf(events, 'yuma.revealMissed')).toMatchObject([{ uid: 1, epoch: 4, scoredEpoch: 3 }]);
    expect(eventOf(events, 'yuma.epochRan')).toMatchObject([{ salts: 1 }]);
    expect(neurons.get(chain.view, 1, 1)!.missedReveals).toBe(1);
    expect(weightsCommits.get(chain.view, 1, 1)).toHaveLength(1);
    expectDone(
      chain.block([
        revealCall(works, secretOf(works, 4, ROW, 2), 5),
        revealCall(idles, secretOf(idles, 4, ROW, 2), 5),
      ]),
    );
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('loses those of an epoch in which it rests on weights of before', async () => {
    const { chain, validators } = await afterCommits();
    workEpoch(chain, validators, 3);
    const [works, rests] = validators as [Person, Person];
    expectDone(chain.block(validators.map((each) => revealCall(each, secretOf(each, 3, ROW, 1), 4))));
    expectDone(chain.block([commitCall(works, secretOf(works, 4, ROW, 2))]));
    const events = untilEpoch(chain);
    expect(eventOf(events, 'yuma.dividendsForfeited')).toMatchObject([{ uid: 1, reason: 'commitMissed' }]);
    expectDone(chain.block([revealCall(works, secretOf(works, 4, ROW, 2), 5)]));
    expect(sendCall(chain, commitCall(rests, secretOf(rests, 5, ROW, 2)))).toBeNull();
  });

  it('cannot draw other salts for an epoch whose seed it knows, only give the epoch up', async () => {
    const { chain, validators } = await afterCommits();
    workEpoch(chain, validators, 3);
    const [works, picks] = validators as [Person, Person];
    expectDone(chain.block(validators.map((each) => revealCall(each, secretOf(each, 3, ROW, 1), 4))));
    const bind = { netuid: 1, commitments: someCommitments(picks, 3, 60) };
    expect(chain.send(picks.hotkey, 'yuma.commitSalt', bind)).toBeNull();
    expectDone(chain.block([commitCall(works, secretOf(works, 4, ROW, 2))]));
    expect(sendCall(chain, commitCall(picks, secretOf(picks, 4, ROW, 60)))).toBe('SALT_TOO_NEW');
    expect(eventOf(untilEpoch(chain), 'yuma.dividendsForfeited')).toMatchObject([{ uid: 1 }]);
  });

  it('keeps the salts it names again, and their age', async () => {
    const { chain, validators } = await afterCommits();
    const [person] = validators as [Person];
    const bind = { netuid: 1, commitments: [...someCommitments(person, 2, 1), commitmentOf(person, 9)] };
    expect(chain.send(person.hotkey, 'yuma.commitSalt', bind)).toBeNull();
    expect(salts.get(chain.view, 1, 0)!.bound.map(({ epoch }) => epoch)).toEqual([1, 1, 3]);
    expect(salts.get(chain.view, 1, 0)!.replacedEpoch).toBe(0);
  });
});

describe('a change between commit and reveal', () => {
  it('of the period holds for later commits only, and two that are due are revealed in order', async () => {
    const { chain, validators } = await aMarket({ commitReveal: true });
    const [person] = validators as [Person];
    setHyperparameter(chain, 'revealEpochs', 2);
    untilEpoch(chain);
    expectDone(chain.block([commitCall(person, secretOf(person, 2, { 2: 1 }, 0))]));
    setHyperparameter(chain, 'revealEpochs', 1);
    untilEpoch(chain);
    expectDone(chain.block([commitCall(person, secretOf(person, 3, { 3: 1 }, 1))]));
    expect(sendCall(chain, revealCall(person, secretOf(person, 2, { 2: 1 }, 0), 3))).toBe('REVEAL_TOO_EARLY');
    untilEpoch(chain);
    expect(sendCall(chain, revealCall(person, secretOf(person, 3, { 3: 1 }, 1), 3))).toBe(
      'REVEAL_OUT_OF_ORDER',
    );
    expect(sendCall(chain, revealCall(person, secretOf(person, 2, { 2: 1 }, 0), 3))).toBeNull();
    expect(sendCall(chain, revealCall(person, secretOf(person, 3, { 3: 1 }, 1), 4))).toBeNull();
    expect(chain.query('yuma_weights', { netuid: 1, uid: 0 })).toMatchObject({ uids: [3], scoredEpoch: 3 });
  });

  it('from weights in the open costs nobody the epoch in which its salts ripen', async () => {
    const { chain, validators } = await aMarket();
    for (const n of [0, 1]) {
      untilEpoch(chain);
      expectDone(chain.block(validators.map((person) => weightsCall(person, 1, ROW, n))));
    }
    setHyperparameter(chain, 'commitReveal', 1);
    const bind = (person: Person) => ({ netuid: 1, commitments: someCommitments(person, 3, 2) });
    for (const person of validators)
      expect(chain.send(person.hotkey, 'yuma.commitSalt', bind(person))).toBeNull();
    untilEpoch(chain);
    expect(sendCall(chain, commitCall(validators[0]!, secretOf(validators[0]!, 4, ROW, 2)))).toBe(
      'SALT_TOO_NEW',
    );
    expect(eventOf(untilEpoch(chain), 'yuma.dividendsForfeited')).toEqual([]);
    expectDone(chain.block([commitCall(validators[0]!, secretOf(validators[0]!, 5, ROW, 2))]));
    expect(eventOf(untilEpoch(chain), 'yuma.dividendsForfeited')).toMatchObject([
      { uid: 1, reason: 'commitMissed' },
    ]);
  });

  it('of the rules for rows, or to weights in the open, does not lose what was committed', async () => {
    const { chain, validators, owner } = await afterCommits();
    const changes = [
      { name: 'commitReveal', value: 0n },
      { name: 'weightsVersion', value: 9n },
      { name: 'minAllowedWeights', value: 5n },
    ];
    expect(chain.send(owner.coldkey, 'subnets.setHyperparameters', { netuid: 1, changes })).toBeNull();
    expectDone(chain.block(validators.map((person) => revealCall(person, secretOf(person, 2, ROW, 0), 3))));
    expect(weights.get(chain.view, 1, 0)).toMatchObject({ scoredEpoch: 2 });
    const open = weightsCall(validators[0]!, 1, { 0: 0, 1: 0, 2: 1, 3: 0, 4: 0 }, 1);
    chain.advance(5);
    expect(sendCall(chain, open)).toBe('WEIGHTS_VERSION_OLD');
    expect(
      sendCall(chain, open, { version: 9, nextSaltCommitment: commitmentOf(validators[0]!, 8) }),
    ).toBeNull();
  });

  it('of the neuron leaves nothing to reveal', async () => {
    const { chain, validators, miners, secrets } = await afterCommits();
    const newcomer = miners[3]!;
    prepareToPrune(chain, 0, newcomer);
    const message = { netuid: 1, hotkey: newcomer.hotkey.account, burnLimit: 1_000n * CAIRN };
    expect(chain.send(newcomer.coldkey, 'subnets.registerNeuron', message)).toBeNull();
    expect(uids.get(chain.view, 1, newcomer.hotkey.account)).toBe(0);
    expect(weightsCommits.get(chain.view, 1, 0)).toBeUndefined();
    expect(salts.get(chain.view, 1, 0)).toBeUndefined();
    expect(sendCall(chain, revealCall(validators[0]!, secrets[0]!, 3))).toBe('NOT_REGISTERED');
    expect(sendCall(chain, revealCall(newcomer, secrets[0]!, 3))).toBe('COMMIT_UNKNOWN');
    expect(eventOf(untilEpoch(chain), 'yuma.dividendsForfeited').map(({ uid }) => uid)).toEqual([1]);
  });
});

describe('a miner that takes the place of one that was weighed', () => {
  it.each([
    ['after the commit', 1],
    ['in the very slot of the commit', 0],
  ])('inherits nothing when it registers %s', async (_, later) => {
    const { chain, validators, miners } = await aSecretMarket();
    const newcomer = miners[3]!;
    prepareToPrune(chain, 2, newcomer);
    const calls = validators.map((person) => commitCall(person, secretOf(person, 2, ROW, 0)));
    const message = { netuid: 1, hotkey: newcomer.hotkey.account, burnLimit: 1_000n * CAIRN };
    const register = { from: newcomer.coldkey, name: 'subnets.registerNeuron', message };
    if (later === 0) expectDone(chain.block([...calls, register]));
    else {
      expectDone(chain.block(calls));
      expectDone(chain.block([register]));
    }
    expect(uids.get(chain.view, 1, newcomer.hotkey.account)).toBe(2);
    untilEpoch(chain);
    expectDone(chain.block(validators.map((person) => revealCall(person, secretOf(person, 2, ROW, 0), 3))));
    untilEpoch(chain);
    expect(neurons.get(chain.view, 1, 2)!.incentive).toBe(0);
    expect(neurons.get(chain.view, 1, 3)!.incentive).toBe(65_535);
  });
});

describe('the seed and the evidence', () => {
  it('mixes the salts that are revealed in an epoch, of the tasks of the one before', async () => {
    const { chain, validators } = await afterCommits();
    const { seed } = chain.query('yuma_seed', { netuid: 1 });
    expectDone(
      chain.block(
        [...validators].reverse().map((person) => revealCall(person, secretOf(person, 2, ROW, 0), 3)),
      ),
    );
    const [ran] = eventOf(untilEpoch(chain), 'yuma.epochRan');
    const salted = validators.map((person) => saltOf(person, 0));
    const expected = nextSeed(testCrypto, Buffer.from(seed, 'hex'), salted, BigInt(ran!.slot as string));
    expect(chain.query('yuma_seed', { netuid: 1 })).toMatchObject({
      seed: Buffer.from(expected).toString('hex'),
      mixedSalts: 2,
    });
  });

  it('is attested in the epoch of the reveal and not before', async () => {
    const { chain, validators, secrets } = await afterCommits({ validators: 3, miners: 3 });
    expect(sendCall(chain, attestCall(validators[0]!, [1]))).toBe('EVIDENCE_UNKNOWN');
    expectDone(chain.block(validators.map((person, index) => revealCall(person, secrets[index]!, 3))));
    expectDone(chain.block(validators.map((person) => commitCall(person, secretOf(person, 3, ROW, 1)))));
    expectDone(chain.block([attestCall(validators[0]!, [1]), attestCall(validators[1]!, [0])]));
    const events = untilEpoch(chain);
    expect(eventOf(events, 'yuma.dividendsForfeited')).toMatchObject([
      { uid: 2, reason: 'evidenceWithheld' },
    ]);
  });
});
