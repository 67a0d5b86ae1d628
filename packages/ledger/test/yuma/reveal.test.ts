import { describe, expect, it } from 'vitest';
import { neurons, salts, subnets, weights, weightsCommits } from '../../src/index.ts';
import { brokenInvariants } from '../support/invariants.ts';
import {
  aMarket,
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
import { afterCommits, aSecretMarket, eventOf, ROW, sendCall, workEpoch } from '../support/secret-market.ts';

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
    const before = chain.tokens(miners[0]!.coldkey);
    const outcome = chain.block(
      validators.map((person) => revealCall(person, secretOf(person, 2, ROW, 0), 3)),
    );
    expectDone(outcome);
    expect(outcome.results[0]!.events).toMatchObject([
      { name: 'yuma.weightsSet', data: { uid: 0, epoch: 3, scoredEpoch: 2 } },
    ]);
    untilEpoch(chain);
    expect(neurons.get(chain.view, 1, 2)!.incentive).toBe(49_151);
    expect(chain.tokens(miners[0]!.coldkey) > before).toBe(true);
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

describe('the longest period', () => {
  it('keeps as many commits as it has epochs and one, and reveals the first in its last', async () => {
    const period = 100;
    const { chain, validators } = await aMarket({ commitReveal: true, parameters: { defaultTempo: 5n } });
    const [person] = validators as [Person];
    setHyperparameter(chain, 'revealEpochs', period);
    const bind = { netuid: 1, commitments: someCommitments(person, period + 2) };
    expect(chain.send(person.hotkey, 'yuma.commitSalt', bind)).toBeNull();
    untilEpoch(chain);
    const { epoch: first } = chain.query('yuma_seed', { netuid: 1 });
    for (let count = 0; count <= period; count += 1) {
      expectDone(chain.block([commitCall(person, secretOf(person, first + count, ROW, count))]));
      if (count < period) untilEpoch(chain);
    }
    expect(weightsCommits.get(chain.view, 1, 0)).toHaveLength(period + 1);
    expect(sendCall(chain, revealCall(person, secretOf(person, first, ROW, 0), 200))).toBeNull();
    expect(weightsCommits.get(chain.view, 1, 0)).toHaveLength(period);
    expect(salts.get(chain.view, 1, 0)!.bound).toHaveLength(2);
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
    expect(bind(someCommitments(person, 4))).toBe('SALTS_TOO_MANY');
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
