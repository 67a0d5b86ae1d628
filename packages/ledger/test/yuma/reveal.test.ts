import { describe, expect, it } from 'vitest';
import { neurons, nextSeed, salts, subnets, uids, weights, weightsCommits } from '../../src/index.ts';
import { CAIRN, type Call, type TestChain, testCrypto } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';
import {
  aMarket,
  attestCall,
  commitCall,
  commitmentOf,
  expectDone,
  type Person,
  revealCall,
  type Secret,
  saltOf,
  secretOf,
  setHyperparameter,
  someCommitments,
  untilEpoch,
  weightsCall,
} from '../support/market.ts';

type Events = ReturnType<typeof untilEpoch>;

const ROW = { 2: 3, 3: 1 };
const sendCall = (chain: TestChain, { from, name, message }: Call, change: object = {}) =>
  chain.send(from, name, { ...(message as object), ...change });
const eventOf = (events: Events, name: string) =>
  events.filter((event) => event.name === name).map(({ data }) => data);

/** Epoch 2 of a subnet with commit–reveal, whose two validators have permits and three salts each. */
async function aSecretMarket(options: Parameters<typeof aMarket>[0] = {}) {
  const market = await aMarket({ commitReveal: true, ...options });
  untilEpoch(market.chain);
  return market;
}

/** Epoch 3: both have committed in epoch 2, nobody has revealed. */
async function afterCommits(options: Parameters<typeof aMarket>[0] = {}) {
  const market = await aSecretMarket(options);
  const { chain, validators } = market;
  const secrets = validators.map((person) => secretOf(person, 2, ROW, 0));
  expectDone(chain.block(validators.map((person, index) => commitCall(person, secrets[index]!))));
  untilEpoch(chain);
  return { ...market, secrets };
}

/** One epoch of honest work: reveals what is due, commits to the next, and lets the epoch end. */
function workEpoch(chain: TestChain, people: readonly Person[], epoch: number, row = ROW): Events {
  expectDone(
    chain.block(
      people.map((person) => revealCall(person, secretOf(person, epoch - 1, row, epoch - 3), epoch)),
    ),
  );
  expectDone(
    chain.block(people.map((person) => commitCall(person, secretOf(person, epoch, row, epoch - 2)))),
  );
  return untilEpoch(chain);
}

describe('weights by commit and reveal', () => {
  it('are the way of a new subnet, where weights in the open are refused', async () => {
    const { chain, validators } = await aSecretMarket();
    const { commitReveal, revealEpochs } = subnets.get(chain.view, 1)!.hyperparameters;
    expect([commitReveal, revealEpochs]).toEqual([1, 1]);
    expect(sendCall(chain, weightsCall(validators[0]!, 1, ROW, 0))).toBe('WEIGHTS_COMMIT_ONLY');
  });

  it('are unseen until the epoch after, in which they pay', async () => {
    const { chain, validators, miners } = await aSecretMarket();
    expectDone(chain.block(validators.map((person) => commitCall(person, secretOf(person, 2, ROW, 0)))));
    expect(chain.query('yuma_commits', { netuid: 1, uid: 0 })).toMatchObject([
      { epoch: 2, revealEpoch: 3, salt: { epoch: 1 } },
    ]);
    expect(weights.get(chain.view, 1, 0)).toBeUndefined();
    untilEpoch(chain);
    expect(neurons.get(chain.view, 1, 2)!.incentive).toBe(0);
    const before = chain.spendable(miners[0]!.coldkey);
    const outcome = chain.block(
      validators.map((person) => revealCall(person, secretOf(person, 2, ROW, 0), 3)),
    );
    expectDone(outcome);
    expect(outcome.results[0]!.events).toMatchObject([
      { name: 'yuma.weightsSet', data: { uid: 0, epoch: 3, scoredEpoch: 2 } },
    ]);
    untilEpoch(chain);
    expect(neurons.get(chain.view, 1, 2)!.incentive).toBe(49_151);
    expect(chain.spendable(miners[0]!.coldkey) > before).toBe(true);
    expect(chain.query('yuma_weights', { netuid: 1, uid: 0 })).toMatchObject({ epoch: 3, scoredEpoch: 2 });
    expect(chain.query('yuma_commits', { netuid: 1, uid: 0 })).toEqual([]);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('go on epoch after epoch, and nobody forfeits', async () => {
    const { chain, validators } = await afterCommits();
    for (let epoch = 3; epoch < 9; epoch += 1) {
      const events = workEpoch(chain, validators, epoch);
      expect(eventOf(events, 'yuma.dividendsForfeited'), `epoch ${epoch}`).toEqual([]);
      expect(eventOf(events, 'yuma.epochRan'), `epoch ${epoch}`).toMatchObject([{ epoch, salts: 2 }]);
      expect(brokenInvariants(chain)).toEqual([]);
    }
    expect(neurons.get(chain.view, 1, 0)!.missedReveals).toBe(0);
  });

  it.each([2, 3, 7])('are revealed %i epochs later where the subnet says so', async (period) => {
    const { chain, validators } = await aMarket({ commitReveal: true });
    setHyperparameter(chain, 'revealEpochs', period);
    const count = period + 2;
    const bind = (person: Person) => ({
      from: person.hotkey,
      name: 'yuma.commitSalt',
      message: { netuid: 1, commitments: someCommitments(person, count) },
    });
    expectDone(chain.block(validators.map(bind)));
    untilEpoch(chain);
    for (let epoch = 2; epoch < 2 * period + 5; epoch += 1) {
      const scored = epoch - period;
      const reveals = validators.map((person) =>
        revealCall(person, secretOf(person, scored, ROW, scored - 2), scored + period),
      );
      if (scored >= 2) expectDone(chain.block(reveals));
      expectDone(
        chain.block(validators.map((person) => commitCall(person, secretOf(person, epoch, ROW, epoch - 2)))),
      );
      expect(eventOf(untilEpoch(chain), 'yuma.dividendsForfeited'), `epoch ${epoch}`).toEqual([]);
    }
  });
});

describe('yuma.commitWeights', () => {
  it('refuses who has no permit, no ripe salt, or another epoch', async () => {
    const { chain, validators, miners, owner } = await aSecretMarket();
    const [person] = validators as [Person];
    const call = commitCall(person, secretOf(person, 2, ROW, 0));
    expect(sendCall(chain, call, { netuid: 7 })).toBe('SUBNET_UNKNOWN');
    expect(sendCall(chain, { ...call, from: owner.coldkey })).toBe('NOT_REGISTERED');
    expect(sendCall(chain, { ...call, from: miners[0]!.hotkey })).toBe('NO_PERMIT');
    expect(sendCall(chain, call, { epoch: 1 })).toBe('EPOCH_WRONG');
    expect(sendCall(chain, call, { epoch: 3 })).toBe('EPOCH_WRONG');
    const bind = (commitments: Uint8Array[]) =>
      chain.send(person.hotkey, 'yuma.commitSalt', { netuid: 1, commitments });
    expect(bind([])).toBeNull();
    expect(sendCall(chain, call)).toBe('SALT_NOT_COMMITTED');
    expect(bind([commitmentOf(person, 0), commitmentOf(person, 0)])).toBe('SALT_REUSED');
    expect(bind([commitmentOf(person, 0)])).toBeNull();
    expect(sendCall(chain, call)).toBe('SALT_TOO_NEW');
    setHyperparameter(chain, 'commitReveal', 0);
    expect(sendCall(chain, call)).toBe('COMMIT_REVEAL_OFF');
  });

  it('keeps one commit of an epoch, the last, however many are sent', async () => {
    const { chain, validators } = await aSecretMarket();
    const [person] = validators as [Person];
    const secrets = Array.from({ length: 12 }, (_, index) => secretOf(person, 2, { 2: index + 1 }, 0));
    const codes = secrets.map((secret) => sendCall(chain, commitCall(person, secret)));
    const taken = codes.flatMap((code, index) => (code === null ? [index] : []));
    expect(codes.filter((code) => code !== null)).toEqual(
      codes.filter((code) => code === 'WEIGHTS_TOO_SOON'),
    );
    expect(taken.length).toBeGreaterThan(1);
    expect(weightsCommits.get(chain.view, 1, 0)).toHaveLength(1);
    expect(salts.get(chain.view, 1, 0)!.bound).toHaveLength(2);
    untilEpoch(chain);
    expect(sendCall(chain, revealCall(person, secrets[taken[0]!]!, 3))).toBe('COMMITMENT_WRONG');
    expect(sendCall(chain, revealCall(person, secrets[taken.at(-1)!]!, 3))).toBeNull();
  });

  it('takes a salt only once others have revealed since it was committed', async () => {
    const { chain, validators } = await afterCommits();
    const [late, other] = validators as [Person, Person];
    expectDone(chain.block([revealCall(other, secretOf(other, 2, ROW, 0), 3)]));
    // Knows the next seed by now and draws a salt that suits it.
    const bind = { netuid: 1, commitments: [commitmentOf(late, 50)] };
    expect(chain.send(late.hotkey, 'yuma.commitSalt', bind)).toBeNull();
    untilEpoch(chain);
    const tooNew = secretOf(late, 4, ROW, 50);
    expect(sendCall(chain, commitCall(late, tooNew))).toBe('SALT_TOO_NEW');
    expectDone(chain.block([commitCall(other, secretOf(other, 4, ROW, 1))]));
    untilEpoch(chain);
    expect(sendCall(chain, commitCall(late, secretOf(late, 5, ROW, 50)))).toBeNull();
  });
});

describe('yuma.revealWeights', () => {
  it('refuses anything but what was committed, and may be sent again', async () => {
    const { chain, validators, secrets, owner } = await afterCommits();
    const [person] = validators as [Person];
    const call = revealCall(person, secrets[0]!, 3);
    expect(sendCall(chain, call, { netuid: 7 })).toBe('SUBNET_UNKNOWN');
    expect(sendCall(chain, { ...call, from: owner.coldkey })).toBe('NOT_REGISTERED');
    expect(sendCall(chain, call, { epoch: 1 })).toBe('COMMIT_UNKNOWN');
    expect(sendCall(chain, call, { salt: saltOf(person, 1) })).toBe('SALT_WRONG');
    expect(sendCall(chain, call, { values: [3, 2] })).toBe('COMMITMENT_WRONG');
    expect(sendCall(chain, call, { uids: [2, 4] })).toBe('COMMITMENT_WRONG');
    expect(sendCall(chain, call, { version: 1 })).toBe('COMMITMENT_WRONG');
    expect(sendCall(chain, call, { nextSaltCommitment: commitmentOf(person, 0) })).toBe('SALT_REUSED');
    expect(sendCall(chain, call, { nextSaltCommitment: commitmentOf(person, 2) })).toBe('SALT_REUSED');
    expect(sendCall(chain, call)).toBeNull();
    expect(sendCall(chain, call)).toBe('COMMIT_UNKNOWN');
    expect(weights.get(chain.view, 1, 0)).toMatchObject({ epoch: 3, scoredEpoch: 2 });
  });

  it('refuses rows without form, whatever was committed', async () => {
    const { chain, validators } = await aSecretMarket();
    const [person] = validators as [Person];
    const wrong: [Partial<Secret>, string][] = [
      [{ values: [1] }, 'WEIGHTS_UNEVEN'],
      [{ uids: [3, 2] }, 'WEIGHTS_UNSORTED'],
      [{ uids: [2, 4_000] }, 'UID_UNKNOWN'],
      [{ uids: [], values: [] }, 'WEIGHTS_TOO_FEW'],
    ];
    for (const [index, [change, code]] of wrong.entries()) {
      const epoch = 2 + index;
      const secret = { ...secretOf(person, epoch, ROW, index), ...change };
      expect(sendCall(chain, commitCall(person, secret)), code).toBeNull();
      untilEpoch(chain);
      expect(sendCall(chain, revealCall(person, secret, 9))).toBe(code);
      const bind = { netuid: 1, commitments: someCommitments(person, 3, index + 1) };
      expect(chain.send(person.hotkey, 'yuma.commitSalt', bind)).toBeNull();
    }
    expect(weights.get(chain.view, 1, 0)).toBeUndefined();
    expect(neurons.get(chain.view, 1, 0)!.missedReveals).toBe(3);
  });

  it('comes too early in the epoch of the commit, and too late in the one after', async () => {
    const { chain, validators } = await aSecretMarket();
    const [person] = validators as [Person];
    const secret = secretOf(person, 2, ROW, 0);
    expectDone(chain.block([commitCall(person, secret)]));
    expect(sendCall(chain, revealCall(person, secret, 3))).toBe('REVEAL_TOO_EARLY');
    untilEpoch(chain);
    untilEpoch(chain);
    expect(sendCall(chain, revealCall(person, secret, 3))).toBe('COMMIT_UNKNOWN');
    expect(weights.get(chain.view, 1, 0)).toBeUndefined();
  });

  it('is of no use to a copier, who can open nothing that another committed', async () => {
    const { chain, validators } = await aSecretMarket();
    const [author, copier] = validators as [Person, Person];
    const secret = secretOf(author, 2, ROW, 0);
    expectDone(chain.block([commitCall(author, secret), commitCall(copier, secret, author)]));
    untilEpoch(chain);
    expectDone(chain.block([revealCall(author, secret, 3)]));
    expect(sendCall(chain, revealCall(copier, secret, 3))).toBe('SALT_WRONG');
    expect(sendCall(chain, revealCall(copier, { ...secret, salt: saltOf(copier, 0) }, 3))).toBe(
      'COMMITMENT_WRONG',
    );
    expectDone(chain.block([commitCall(author, secretOf(author, 3, ROW, 1))]));
    const events = untilEpoch(chain);
    expect(eventOf(events, 'yuma.dividendsForfeited')).toMatchObject([{ uid: 1, reason: 'saltWithheld' }]);
    expect(neurons.get(chain.view, 1, 1)!.dividends).toBe(0);
  });
});

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
    const { recycled } = chain.supply();
    const events = untilEpoch(chain);
    const [forfeited, ...more] = eventOf(events, 'yuma.dividendsForfeited');
    expect(more).toEqual([]);
    expect(forfeited).toMatchObject({ uid: 1, epoch: 4, reason: 'saltWithheld' });
    expect(BigInt(forfeited!.amount as string) > CAIRN).toBe(true);
    expect(chain.supply().recycled - recycled >= BigInt(forfeited!.amount as string)).toBe(true);
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

/** Makes a uid the next to be pruned, and takes its own place from a person who will register. */
function prepareToPrune(chain: TestChain, uid: number, newcomer: Person): void {
  const subnet = subnets.get(chain.view, 1)!;
  const { neuronCount } = subnet;
  const hyperparameters = {
    ...subnet.hyperparameters,
    maxUids: neuronCount,
    minNonImmuneUids: 0,
    immunitySlots: 0,
  };
  chain.edit((state) => {
    subnets.set(state, 1, { ...subnet, hyperparameters });
    for (let other = 0; other < neuronCount; other += 1) {
      const emission = other === uid ? 0n : CAIRN;
      neurons.set(state, 1, other, { ...neurons.get(chain.view, 1, other)!, emission });
    }
    uids.delete(state, 1, newcomer.hotkey.account);
  });
}

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
