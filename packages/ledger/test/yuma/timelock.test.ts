import { describe, expect, it } from 'vitest';
import {
  declaredWork,
  MODULES,
  neurons,
  openingsCell,
  PARAMETERS,
  sealedWeights,
  timelocks,
  weights,
} from '../../src/index.ts';
import { brokenInvariants } from '../support/invariants.ts';
import {
  aMarket,
  commitCall,
  expectDone,
  revealCall,
  secretOf,
  setHyperparameter,
  untilEpoch,
} from '../support/market.ts';
import { eventOf, ROW, sendCall } from '../support/secret-market.ts';
import {
  afterSealing,
  aTimelockedMarket,
  BEACON,
  pulseCall,
  roundOf,
  signer,
  timelockCall,
} from '../support/timelock.ts';

describe('weights locked to a round', () => {
  it('are opened by the ledger when the pulse is there, and pay', async () => {
    const { chain, miners, round, owner } = await afterSealing();
    expect(chain.query('yuma_commits', { netuid: 1, uid: 0 })).toMatchObject([
      { epoch: 2, revealEpoch: 3, scheme: 2 },
    ]);
    expect(chain.query('yuma_timelock', { netuid: 1 }).epochs).toMatchObject([
      { epoch: 2, revealEpoch: 3, round: `${round}`, uids: [0, 1], hasPulse: false, isDue: true },
    ]);
    expect(weights.get(chain.view, 1, 0)).toBeUndefined();
    expect(brokenInvariants(chain)).toEqual([]);

    const before = chain.spendable(owner.hotkey);
    const posted = chain.block([pulseCall(owner.hotkey, round)]);
    expectDone(posted);
    expect(posted.results[0]).toMatchObject({ fee: 0n, events: [{ name: 'yuma.pulsePosted' }] });
    expect(chain.spendable(owner.hotkey)).toBe(before);
    expect(brokenInvariants(chain)).toEqual([]);

    const paid = chain.tokens(miners[0]!.coldkey);
    const { events } = chain.block();
    expect(eventOf(events, 'yuma.weightsSet')).toMatchObject([
      { uid: 0, epoch: 3, scoredEpoch: 2 },
      { uid: 1, epoch: 3, scoredEpoch: 2 },
    ]);
    for (const uid of [0, 1]) expect(sealedWeights.get(chain.view, 1, uid, 2)).toBeUndefined();
    expect(brokenInvariants(chain)).toEqual([]);
    const end = untilEpoch(chain);
    expect(eventOf(end, 'yuma.dividendsForfeited')).toMatchObject([
      { uid: 0, reason: 'commitMissed' },
      { uid: 1, reason: 'commitMissed' },
    ]);
    expect(eventOf(end, 'yuma.epochRan')).toMatchObject([{ epoch: 3, salts: 2 }]);
    expect(neurons.get(chain.view, 1, 2)!.incentive).toBe(49_151);
    expect(chain.tokens(miners[0]!.coldkey) > paid).toBe(true);
    expect(timelocks.get(chain.view, 1)).toEqual([]);
    expect(openingsCell.get(chain.view)).toEqual([]);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('go on epoch after epoch, and nobody forfeits', async () => {
    const { chain, validators, round, owner } = await afterSealing();
    for (let [epoch, awaited] = [3, round]; epoch < 7; epoch += 1) {
      const next = roundOf(chain);
      expect(next > awaited, `epoch ${epoch}`).toBe(true);
      expectDone(
        chain.block(
          validators.map((person) =>
            timelockCall(chain, person, secretOf(person, epoch, ROW, epoch - 2), epoch + 1),
          ),
        ),
      );
      expectDone(chain.block([pulseCall(owner.hotkey, awaited)]));
      const events = untilEpoch(chain);
      expect(eventOf(events, 'yuma.dividendsForfeited'), `epoch ${epoch}`).toEqual([]);
      expect(eventOf(events, 'yuma.epochRan'), `epoch ${epoch}`).toMatchObject([{ epoch, salts: 2 }]);
      expect(brokenInvariants(chain)).toEqual([]);
      awaited = next;
    }
    expect(neurons.get(chain.view, 1, 0)!.missedReveals).toBe(0);
  });

  it('are opened so many in a block, in the order in which they were committed', async () => {
    const { chain, validators, owner } = await aTimelockedMarket({
      validators: 4,
      parameters: { timelockOpeningsPerBlock: 1n },
    });
    const round = roundOf(chain);
    for (const uid of [2, 0, 3, 1]) {
      const person = validators[uid]!;
      expectDone(chain.block([timelockCall(chain, person, secretOf(person, 2, { 4: 1 }, 0), 3)]));
    }
    untilEpoch(chain);
    expectDone(chain.block([pulseCall(owner.hotkey, round)]));
    const opened = [1, 2, 3, 4, 5].map(() =>
      eventOf(chain.block().events, 'yuma.weightsSet').map(({ uid }) => uid),
    );
    expect(opened).toEqual([[2], [0], [3], [1], []]);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('cost nine pulses a block at most, and a forged one costs its sender the work', async () => {
    const { chain, round, owner } = await afterSealing();
    const before = chain.spendable(owner.hotkey);
    const forged = chain.block([pulseCall(owner.hotkey, round, signer.sign(round + 1n))]).results[0]!;
    expect(forged.problem?.code).toBe('PULSE_FORGED');
    // 20,000 units of work at 100 pebbles each, beside a few records and the bytes.
    expect(forged.fee > 2_000_000n && forged.fee < 2_100_000n).toBe(true);
    expect(chain.spendable(owner.hotkey)).toBe(before - forged.fee);
    const { messages } = MODULES.find(({ name }) => name === 'yuma')!;
    const definition = messages.find(({ name }) => name === 'yuma.postPulse')!;
    const work = BigInt(declaredWork(definition, pulseCall(owner.hotkey, round).message));
    expect(PARAMETERS.maxBlockWork.initial / work).toBe(9n);
  });

  it('may be replaced within their epoch, at one deposit', async () => {
    const { chain, validators } = await aTimelockedMarket();
    const [person] = validators;
    setHyperparameter(chain, 'weightsRateLimitSlots', 0);
    expectDone(chain.block([timelockCall(chain, person!, secretOf(person!, 2, { 2: 1 }, 0), 3)]));
    expectDone(chain.block([timelockCall(chain, person!, secretOf(person!, 2, ROW, 0), 3)]));
    expect(timelocks.get(chain.view, 1)).toMatchObject([{ uids: [0] }]);
    expect(brokenInvariants(chain)).toEqual([]);
    const round = timelocks.get(chain.view, 1)[0]!.round;
    untilEpoch(chain);
    expectDone(chain.block([pulseCall(person!.hotkey, round)]));
    chain.block();
    expect(chain.query('yuma_weights', { netuid: 1, uid: 0 }).uids).toEqual([2, 3]);
  });

  it('keep the round that their first commit fixed, whatever happens to the tempo', async () => {
    const { chain, validators, owner } = await aTimelockedMarket();
    const round = roundOf(chain);
    const [first, second] = validators;
    expectDone(chain.block([timelockCall(chain, first!, secretOf(first!, 2, ROW, 0), 3)]));
    const changes = [
      { name: 'tempo', value: 300n },
      { name: 'activityCutoffSlots', value: 5_000n },
    ];
    expect(chain.send(owner.coldkey, 'subnets.setHyperparameters', { netuid: 1, changes })).toBe(null);
    expect(roundOf(chain)).toBe(round);
    // The epoch now outlasts the round: what is public soon is taken from nobody, and nobody forfeits for it.
    chain.advance(30);
    const late = timelockCall(chain, second!, secretOf(second!, 2, ROW, 0), 3);
    expect(sendCall(chain, late)).toBe('ROUND_TOO_NEAR');
    const events = untilEpoch(chain);
    expect(eventOf(events, 'yuma.dividendsForfeited')).toEqual([]);
  });
});

describe('a network without a beacon', () => {
  it('lets no subnet choose timelocks, and takes no pulse', async () => {
    const { chain, owner } = await aMarket({ commitReveal: true });
    const changes = [{ name: 'commitReveal', value: 2n }];
    expect(chain.send(owner.coldkey, 'subnets.setHyperparameters', { netuid: 1, changes })).toBe(
      'BEACON_NONE',
    );
    expect(sendCall(chain, pulseCall(owner.coldkey, 1n))).toBe('BEACON_NONE');
    expect(chain.query('yuma_timelock', { netuid: 1 })).toBe(null);
  });
});

describe('a subnet that changes its scheme', () => {
  it('is set to timelocks by its owner where there is a beacon', async () => {
    const { chain, owner } = await aMarket({ commitReveal: true, beacon: BEACON });
    const changes = [{ name: 'commitReveal', value: 2n }];
    expect(chain.send(owner.coldkey, 'subnets.setHyperparameters', { netuid: 1, changes })).toBe(null);
    expect(chain.query('yuma_timelock', { netuid: 1 })).toMatchObject({ periodMs: '3000', epochs: [] });
  });

  it('takes commits of its scheme only, and leaves those of an epoch as they were made', async () => {
    const { chain, validators } = await aTimelockedMarket();
    const [first, second] = validators;
    const [one, two] = [secretOf(first!, 2, ROW, 0), secretOf(second!, 2, ROW, 0)];
    const seal = (index: 0 | 1) => timelockCall(chain, validators[index]!, [one, two][index]!, 3);
    expect(sendCall(chain, commitCall(first!, one))).toBe('COMMIT_SCHEME_WRONG');
    const sealed = seal(0);
    expect(sendCall(chain, sealed)).toBe(null);
    setHyperparameter(chain, 'commitReveal', 1);
    expect(sendCall(chain, seal(1))).toBe('COMMIT_SCHEME_WRONG');
    expect(sendCall(chain, commitCall(first!, one))).toBe('COMMIT_SCHEME_CHANGED');
    expect(sendCall(chain, commitCall(second!, two))).toBe(null);
    const { round } = timelocks.get(chain.view, 1)[0]!;
    untilEpoch(chain);
    // Each is opened by the scheme it was made with.
    expectDone(chain.block([revealCall(second!, two, 3), pulseCall(first!.hotkey, round)]));
    const { events } = chain.block();
    expect(eventOf(events, 'yuma.weightsSet')).toMatchObject([{ uid: 0, scoredEpoch: 2 }]);
    expect(brokenInvariants(chain)).toEqual([]);
  });
});
