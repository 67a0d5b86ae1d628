import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attestations, neurons, subnets, uids, weights } from '../../src/index.ts';
import { CAIRN, type Call } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';
import {
  aMarket,
  aPerson,
  attestCall,
  commitmentOf,
  expectDone,
  type Person,
  untilEpoch,
  weightsCall,
} from '../support/market.ts';

type Events = ReturnType<typeof untilEpoch>;
type Market = Awaited<ReturnType<typeof aMarket>>;

const forfeitedIn = (events: Events) =>
  events.filter(({ name }) => name === 'yuma.dividendsForfeited').map(({ data }) => data);

/** Validators with permits whose weights of two epochs are on the ledger: epoch 3 pays them dividends. */
async function aJury(validators = 3, options: Parameters<typeof aMarket>[0] = {}) {
  const market = await aMarket({ validators, miners: 3, ...options });
  untilEpoch(market.chain);
  setAll(market, 0);
  untilEpoch(market.chain);
  setAll(market, 1);
  return market;
}

const rowFor = ({ validators }: Market) => ({ [validators.length]: 3, [validators.length + 1]: 1 });
function setAll(market: Market, n: number): void {
  expectDone(market.chain.block(market.validators.map((each) => weightsCall(each, 1, rowFor(market), n))));
}
function stakeMore({ chain }: Market, person: Person, amount: bigint): void {
  const message = { hotkey: person.hotkey.account, amount: amount * CAIRN };
  expectDone(chain.block([{ from: person.coldkey, name: 'staking.stake', message }]));
}

describe('yuma.attestEvidence', () => {
  it('keeps the latest word of a permit holder on an epoch', async () => {
    const market = await aJury();
    const { chain, validators } = market;
    expectDone(chain.block([attestCall(validators[0]!, [1])]));
    const outcome = chain.block([attestCall(validators[0]!, [1, 2])]);
    expectDone(outcome);
    expect(outcome.results[0]!.events).toMatchObject([
      {
        name: 'yuma.evidenceAttested',
        data: { netuid: 1, uid: 0, epoch: 3, uids: [1, 2], answered: [48, 48] },
      },
    ]);
    expect(attestations.get(chain.view, 1, 0)).toEqual({ epoch: 3, uids: [1, 2], answered: [48, 48] });
  });

  it('refuses what is not the word of a permit holder on others of this epoch', async () => {
    const { chain, validators, miners } = await aJury();
    const [judge] = validators as [Person];
    const codeOf = (change: object, person = judge) => {
      const { from, name, message } = attestCall(person, [1, 2]);
      return chain.send(from, name, { ...message, ...change });
    };
    expect(codeOf({ netuid: 7 })).toBe('SUBNET_UNKNOWN');
    expect(codeOf({}, aPerson(100))).toBe('NOT_REGISTERED');
    expect(codeOf({}, miners[0]!)).toBe('NO_PERMIT');
    expect(codeOf({ epoch: 2 })).toBe('EPOCH_WRONG');
    expect(codeOf({ epoch: 4 })).toBe('EPOCH_WRONG');
    expect(codeOf({ uids: [2, 1] })).toBe('UIDS_UNSORTED');
    expect(codeOf({ uids: [1, 1] })).toBe('UIDS_UNSORTED');
    expect(codeOf({ uids: [0, 1] })).toBe('EVIDENCE_OWN');
    expect(codeOf({ answered: [48] })).toBe('ANSWERED_LENGTH');
    expect(codeOf({ answered: [48, 48, 48] })).toBe('ANSWERED_LENGTH');
    expect(codeOf({ uids: [1, 3] })).toBe('EVIDENCE_UNKNOWN');
    expect(codeOf({ uids: [1, 4_000] })).toBe('EVIDENCE_UNKNOWN');
    expect(attestations.get(chain.view, 1, 0)).toBeUndefined();
    expect(codeOf({})).toBeNull();
  });

  it('does not take weights of an earlier epoch for evidence of this one', async () => {
    const { chain, validators } = await aJury();
    untilEpoch(chain);
    expect(weights.get(chain.view, 1, 1)!.epoch).toBe(3);
    const { from, name, message } = attestCall(validators[0]!, [1]);
    expect(chain.send(from, name, message)).toBe('EVIDENCE_UNKNOWN');
  });
});

describe('evidence that could not be had', () => {
  it('costs one of three validators the dividends of the epoch, recycled, and stays visible', async () => {
    const { chain, validators } = await aJury();
    expectDone(
      chain.block([
        attestCall(validators[0]!, [1]),
        attestCall(validators[1]!, [0]),
        attestCall(validators[2]!, [0, 1]),
      ]),
    );
    const events = untilEpoch(chain);
    expect(forfeitedIn(events)).toMatchObject([{ netuid: 1, uid: 2, epoch: 3, reason: 'evidenceWithheld' }]);
    const lost = BigInt(forfeitedIn(events)[0]!.amount as string);
    expect(lost > CAIRN, `lost ${lost}`).toBe(true);
    const recycled = events.find(({ name }) => name === 'emission.recycled')!;
    expect(BigInt(recycled.data.amount as string) >= lost).toBe(true);
    const paid = events.filter(({ name, data }) => name === 'emission.paid' && data.uid === 2);
    expect(paid).toEqual([]);
    const counted = [0, 1, 2].map((uid) => neurons.get(chain.view, 1, uid)!);
    expect(counted.map(({ withheldEvidence }) => withheldEvidence)).toEqual([0, 0, 1]);
    expect(counted.map(({ missedReveals }) => missedReveals)).toEqual([0, 0, 0]);
    const shown = chain.query('subnets_metagraph', { netuid: 1 }).neurons[2];
    expect(shown).toMatchObject({ withheldEvidence: 1, missedReveals: 0, emission: '0' });
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('is decided by stake, not by heads', async () => {
    const market = await aJury(4);
    const { chain, validators } = market;
    // Judges of uid 3: 1,000 and 1,000 and, with most stake, 5,000.
    stakeMore(market, validators[0]!, 4_000n);
    const verdict = (heavy: number[], light: number[]) => [
      attestCall(validators[0]!, heavy),
      attestCall(validators[1]!, [0, ...light].sort()),
      attestCall(validators[2]!, [0, 1, ...light].sort()),
      attestCall(validators[3]!, [0, 1, 2]),
    ];
    expectDone(chain.block(verdict([1, 2], [3])));
    expect(forfeitedIn(untilEpoch(chain)).map(({ uid }) => uid)).toEqual([3]);
    setAll(market, 2);
    expectDone(chain.block(verdict([1, 2, 3], [])));
    expect(forfeitedIn(untilEpoch(chain))).toEqual([]);
  });

  it('wants more than half of the judges, by stake', async () => {
    const { chain, validators } = await aJury();
    const calls = [
      attestCall(validators[0]!, [1, 2]),
      attestCall(validators[1]!, [0]),
      attestCall(validators[2]!, [0, 1]),
    ];
    expectDone(chain.block(calls));
    expect(forfeitedIn(untilEpoch(chain)).map(({ uid }) => uid)).toEqual([2]);
  });

  it('counts the stake of the moment the epoch ends, and no judge without any', async () => {
    const { chain, validators } = await aJury();
    expectDone(chain.block([attestCall(validators[0]!, []), attestCall(validators[1]!, [0, 2])]));
    const [leaving] = validators as [Person];
    const all = { hotkey: leaving.hotkey.account, amount: null };
    expectDone(chain.block([{ from: leaving.coldkey, name: 'staking.unstake', message: all }]));
    // Uid 0 judges no more; uid 1 has no other judge, uid 2 is had by the only one left.
    expect(forfeitedIn(untilEpoch(chain))).toEqual([]);
  });

  it('costs nobody anything where nobody judged', async () => {
    const { chain } = await aJury();
    expect(forfeitedIn(untilEpoch(chain))).toEqual([]);
    const alone = await aJury(1);
    expect(forfeitedIn(untilEpoch(alone.chain))).toEqual([]);
  });

  it('does not judge who set no weights, and the word of another epoch says nothing', async () => {
    const market = await aJury();
    const { chain, validators } = market;
    expectDone(chain.block([attestCall(validators[0]!, [])]));
    expect(forfeitedIn(untilEpoch(chain)).map(({ uid }) => uid)).toEqual([1, 2]);
    setAll(market, 2);
    expect(forfeitedIn(untilEpoch(chain))).toEqual([]);
  });

  it('takes the last word of a judge', async () => {
    const { chain, validators } = await aJury(2);
    expectDone(chain.block([attestCall(validators[0]!, []), attestCall(validators[1]!, [0])]));
    expectDone(chain.block([attestCall(validators[0]!, [1])]));
    expectDone(chain.block([attestCall(validators[1]!, [])]));
    expect(forfeitedIn(untilEpoch(chain)).map(({ uid }) => uid)).toEqual([0]);
  });

  it('is forfeited once, and counted as the salt, when the salt is missing too', async () => {
    const { chain, validators } = await aJury();
    expectDone(chain.block([attestCall(validators[0]!, [1]), attestCall(validators[1]!, [0])]));
    const lost = { netuid: 1, commitments: [commitmentOf(validators[2]!, 77)] };
    untilEpoch(chain);
    expectDone(chain.block([weightsCall(validators[0]!, 1, { 3: 1 }, 2)]));
    // Gives up the salt that was due, then sets weights with another: it owes both now.
    expect(chain.send(validators[2]!.hotkey, 'yuma.commitSalt', lost)).toBeNull();
    expectDone(chain.block([weightsCall(validators[2]!, 1, { 3: 1 }, 77)]));
    expectDone(chain.block([attestCall(validators[0]!, []), attestCall(validators[1]!, [0])]));
    const before = neurons.get(chain.view, 1, 2)!;
    const forfeited = forfeitedIn(untilEpoch(chain)).filter(({ uid }) => uid === 2);
    expect(forfeited).toMatchObject([{ reason: 'saltWithheld' }]);
    const after = neurons.get(chain.view, 1, 2)!;
    expect(after.missedReveals).toBe(before.missedReveals + 1);
    expect(after.withheldEvidence).toBe(before.withheldEvidence);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('is forgotten with a neuron that is pruned', async () => {
    const { chain, validators, miners } = await aJury();
    expectDone(chain.block([attestCall(validators[2]!, [0, 1])]));
    const subnet = subnets.get(chain.view, 1)!;
    const neuron = neurons.get(chain.view, 1, 2)!;
    const newcomer = miners[2]!.hotkey;
    chain.edit((state) => {
      const hyperparameters = {
        ...subnet.hyperparameters,
        maxUids: 6,
        minNonImmuneUids: 0,
        immunitySlots: 0,
      };
      subnets.set(state, 1, { ...subnet, hyperparameters });
      neurons.set(state, 1, 2, { ...neuron, emission: 0n, registeredSlot: 0n, withheldEvidence: 3 });
      for (const uid of [0, 1, 3, 4]) {
        neurons.set(state, 1, uid, { ...neurons.get(chain.view, 1, uid)!, emission: CAIRN });
      }
      // The last miner leaves its place, so that its hotkey can take another.
      neurons.set(state, 1, 5, { ...neurons.get(chain.view, 1, 5)!, emission: CAIRN });
      uids.delete(state, 1, newcomer.account);
    });
    const message = { netuid: 1, hotkey: newcomer.account, burnLimit: 1_000n * CAIRN };
    expect(chain.send(miners[2]!.coldkey, 'subnets.registerNeuron', message)).toBeNull();
    expect(uids.get(chain.view, 1, newcomer.account)).toBe(2);
    expect(attestations.get(chain.view, 1, 2)).toBeUndefined();
    expect(neurons.get(chain.view, 1, 2)).toMatchObject({ withheldEvidence: 0, permit: false });
    const { from, name, message: word } = attestCall(validators[0]!, [2]);
    expect(chain.send(from, name, word)).toBe('EVIDENCE_UNKNOWN');
  });

  it('is recycled to the pebble, whoever attests what', async () => {
    const someone = fc.record({
      lists: fc.option(fc.uniqueArray(fc.nat(3), { maxLength: 4 }), { freq: 4 }),
      works: fc.boolean(),
      stakes: fc.bigInt(0n, 5_000n),
      answered: fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }),
    });
    let forfeits = 0;
    let reduced = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(someone, { minLength: 4, maxLength: 4 }), async (plan) => {
        const market = await aMarket({ validators: 4, miners: 3 });
        const { chain, validators } = market;
        untilEpoch(chain);
        setAll(market, 0);
        untilEpoch(chain);
        const calls: Call[] = [];
        for (const [uid, { stakes, works }] of plan.entries()) {
          if (stakes > 0n) stakeMore(market, validators[uid]!, stakes);
          if (works) calls.push(weightsCall(validators[uid]!, 1, rowFor(market), 1));
        }
        expectDone(chain.block(calls));
        const words = plan.flatMap(({ lists, answered }, uid) => {
          const listed = lists?.filter((at) => at !== uid && plan[at]!.works).sort();
          if (listed === undefined) return [];
          const counts = listed.map((at) => answered[at]!);
          return [attestCall(validators[uid]!, listed, 1, 0, counts)];
        });
        expectDone(chain.block(words));
        const events = untilEpoch(chain);
        const sum = (name: string) =>
          events
            .filter((event) => event.name === name && event.data.netuid === 1)
            .reduce((total, { data }) => total + BigInt(data.amount as string), 0n);
        const [ran] = events.filter(({ name }) => name === 'yuma.epochRan');
        const left = BigInt(ran!.data.emission as string) - BigInt(ran!.data.paid as string);
        expect(sum('emission.recycled')).toBe(left);
        const forfeited = forfeitedIn(events);
        forfeits += forfeited.filter(({ reason }) => reason === 'evidenceWithheld').length;
        expect(sum('yuma.dividendsForfeited') <= left).toBe(true);
        expect(new Set(forfeited.map(({ uid }) => uid)).size, 'each forfeits once').toBe(forfeited.length);
        const whole = forfeited.filter(({ reason }) => reason !== 'lessEvidence');
        reduced += forfeited.length - whole.length;
        const losers = new Set(whole.map(({ uid }) => uid));
        for (const { name, data } of events)
          if (name === 'emission.paid' && data.kind !== 'incentive') expect(losers).not.toContain(data.uid);
        expect(brokenInvariants(chain)).toEqual([]);
      }),
      { numRuns: 30, seed: 20_260_702 },
    );
    expect(forfeits, `${forfeits} forfeited`).toBeGreaterThan(10);
    expect(reduced, `${reduced} reduced`).toBeGreaterThan(2);
  });
});
