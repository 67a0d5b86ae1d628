import { bytesToHex } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import { rosterCell } from '../../src/index.ts';
import { CAIRN } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { aRoot, aRun, BOND, FIRST_ROOT, REWARD, VEST } from '../support/training.ts';

const pays = (explained: { trainers: { pay: string }[] }) => explained.trainers.map(({ pay }) => BigInt(pay));

describe('a round of a training run', () => {
  it('pays four fifths of the reward to trainers by score, and the rest to validators, witnesses and the challenge fund', async () => {
    const play = await aRun();
    const { chain, run, trainers } = play;
    const [first, second, third] = trainers;
    const scores = new Map([
      [first, 100],
      [second, 200],
      [third, 100],
    ]);
    const number = play.play({ scoreOf: (person) => scores.get(person)! });
    expect(run()).toMatchObject({ round: 2, root: aRoot(1), challengeFund: (REWARD * 5n) / 100n });
    const explained = play.explain(number);
    const bySeat = new Map(
      explained.trainers.map((line: { seat: number; pay: string }) => [line.seat, line.pay]),
    );
    const payOf = (person: (typeof trainers)[number]) =>
      BigInt(bySeat.get(play.seatOf(person).number) as string);
    expect(payOf(second!)).toBe((REWARD * 40n) / 100n);
    expect(payOf(first!)).toBe((REWARD * 20n) / 100n);
    expect(payOf(third!)).toBe((REWARD * 20n) / 100n);
    const third10 = (REWARD * 10n) / 100n / 3n;
    expect(explained.judges.map(({ pay }: { pay: string }) => BigInt(pay))).toEqual([
      third10,
      third10,
      third10,
    ]);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('pays out when the window of challenges closes, with nothing for a closed tab to answer', async () => {
    const play = await aRun({ terms: { rounds: 1 } });
    const { chain, trainers } = play;
    play.play();
    const before = trainers.map(({ coldkey }) => chain.spendable(coldkey));
    expect(
      chain.send(trainers[0]!.hotkey, 'training.leave', {
        run: play.id,
        device: trainers[0]!.hotkey.account,
      }),
    ).toBeNull();
    chain.advance(VEST - 2);
    expect(trainers.map(({ coldkey }) => chain.spendable(coldkey))).toEqual(before);
    chain.advance(2);
    for (const [at, { coldkey }] of trainers.entries())
      expect(chain.spendable(coldkey) - before[at]!, `trainer ${at}`).toBeGreaterThan((REWARD * 26n) / 100n);
    expect(play.explain(1).isVested).toBe(true);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('closes at its deadline without who is missing, and takes the seat of who misses three', async () => {
    const play = await aRun();
    const { chain, trainers, run } = play;
    const present = trainers.slice(0, 2);
    for (let round = 1; round <= 3; round += 1) {
      expect(play.seatOf(trainers[2]!)).toMatchObject({ missed: round - 1 });
      play.play({ people: present });
    }
    expect(play.seatOf(trainers[2]!)).toBeNull();
    expect(run().round).toBe(4);
    play.play({ people: present });
    expect(play.explain(4).trainers).toHaveLength(2);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('gives the bond of a dropped seat back while the run waits for trainers, who can then come back', async () => {
    const play = await aRun({ terms: { minTrainers: 3 } });
    const { chain, trainers, run } = play;
    const dropped = trainers[2]!;
    const seat = play.seatOf(dropped).number;
    const before = chain.spendable(dropped.coldkey);
    for (let round = 1; round <= 3; round += 1) play.play({ people: trainers.slice(0, 2) });
    while (run().phase !== 'cooldown') chain.block();
    chain.advance(VEST);
    expect(play.seatByNumber(seat)).toBeUndefined();
    expect(chain.spendable(dropped.coldkey)).toBeGreaterThan(before);
    expect(run()).toMatchObject({ phase: 'cooldown', reason: 'tooFewTrainers' });
    const join = play.joinCall(dropped);
    expect(chain.send(join.from, join.name, join.message)).toBeNull();
    expect(run().phase).toBe('train');
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('keeps a seat that leaves or is dropped in its middle until it is over, so that all can read it', async () => {
    const play = await aRun({ terms: { vestSlots: 1 } });
    const { chain, trainers, run, round } = play;
    const rosterNow = () => chain.query('training_round', { run: play.hex }).roster;
    const [first, , third] = trainers;
    play.untilPhase('train');
    const leaving = play.seatOf(first!).number;
    chain.send(first!.coldkey, 'training.leave', { run: play.id, device: first!.hotkey.account });
    chain.block();
    expect(round().roster).toContain(leaving);
    expect(rosterNow()).toHaveLength(3);
    expect(play.seatByNumber(leaving)).toBeDefined();

    const rest = trainers.slice(1);
    play.play({ people: rest });
    expect(play.seatByNumber(leaving), 'nothing of it can be questioned').toBeUndefined();
    for (let missed = 1; missed <= 2; missed += 1) play.play({ people: [rest[0]!] });
    const dropped = play.seatOf(third!).number;
    play.train([rest[0]!]);
    expect(play.seatOf(third!)).toBeNull();
    expect(round().roster).toContain(dropped);
    expect(rosterNow()).toHaveLength(2);
    play.witness([rest[0]!]);
    while (run().phase !== 'train') chain.block();
    expect(rosterNow()).toHaveLength(1);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('closes early once all have committed', async () => {
    const play = await aRun({ terms: { maxTrainSlots: 1_000 } });
    play.untilPhase('train');
    play.chain.block(play.trainers.map((person) => play.commitCall(person)));
    expect(play.run().phase).toBe('show');
  });

  it('weighs an update by the inner steps that were done', async () => {
    const play = await aRun({ trainers: 2 });
    const [slow] = play.trainers;
    const number = play.play({ update: (person) => (person === slow ? { steps: 5 } : {}) });
    const explained = play.explain(number);
    expect(pays(explained).sort((one, other) => Number(one - other))).toEqual([
      (REWARD * 80n) / 100n / 3n,
      (REWARD * 160n) / 100n / 3n,
    ]);
    const line = explained.trainers.find(({ steps }: { steps: number }) => steps === 5);
    expect(line.deductions).toEqual(['5 of 10 inner steps were done']);
  });

  it('lets a reserve step in for who is missing, and pays a quarter to one that was not needed', async () => {
    const play = await aRun({ trainers: 3, terms: { maxTrainers: 2, reserves: 1, minTrainSlots: 2 } });
    const reserveOf = () => play.trainers.find((person) => play.placeOf(person) === 2)!;
    play.untilPhase('train');
    const spare = reserveOf();
    const spareSeat = play.seatOf(spare).number;
    play.play();
    const idle = play.explain(1).trainers.find(({ seat }: { seat: number }) => seat === spareSeat);
    expect(idle).toMatchObject({ rampBps: 2_500 });
    expect(idle.deductions).toEqual(['a reserve that was not needed: a quarter of the weight']);
    play.untilPhase('train');
    const missing = play.trainers.find((person) => play.placeOf(person) === 0)!;
    const present = play.trainers.filter((person) => person !== missing);
    const stepped = play.seatOf(reserveOf()).number;
    play.play({ people: present });
    const line = play.explain(2).trainers.find(({ seat }: { seat: number }) => seat === stepped);
    expect(line).toMatchObject({ rampBps: 10_000, deductions: [] });
  });

  it('does not pay an update that too few witnesses found', async () => {
    const play = await aRun();
    const { chain, trainers, round } = play;
    play.train();
    const lost = play.placeOf(trainers[0]!);
    const found = [0, 1, 2].filter((place) => place !== lost);
    const scores = [100, 100, 100];
    play.witness(trainers, found);
    chain.block([0, 1, 2].map((judge) => play.scoreCall(judge, scores)));
    play.untilPhase('settle');
    expect(round().found[lost]).toBe(0);
    const all = play.settleCall(0, [0, 1, 2]);
    expect(chain.send(all.from, all.name, all.message)).toBe('UPDATE_UNAVAILABLE');
    chain.block(
      [0, 1, 2].flatMap((judge) => [play.revealCall(judge, scores), play.settleCall(judge, found)]),
    );
    const line = play.explain(1).trainers[lost];
    expect(line).toMatchObject({ pay: '0', deductions: ['too few witnesses found the update'] });
    expect(play.seatOf(trainers[0]!)).toMatchObject({ missed: 1 });
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('is void when validators agree on nothing, and leaves weights and money as they were', async () => {
    const play = await aRun();
    const { chain, run } = play;
    const { pool } = run();
    play.train();
    play.witness();
    play.untilPhase('settle');
    chain.block([play.settleCall(0, [0, 1, 2]), play.settleCall(1, [0, 1])]);
    while (run().round === 1) chain.block();
    expect(run()).toMatchObject({ round: 2, root: FIRST_ROOT, voidRounds: 1 });
    expect(run().pool).toBe(pool);
    expect(play.explain(1).trainers).toEqual([]);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('draws its roster and its data from a seed that salts of validators enter, and says so', async () => {
    const play = await aRun();
    play.untilPhase('train');
    expect(play.chain.query('training_round', { run: play.hex }).seeds).toBe('operator-chosen');
    play.play();
    play.untilPhase('train');
    const { seed, dataStart } = play.round();
    // Three salts are in it, and still one operator makes the blocks of this chain.
    expect(play.round().mixedSalts).toBe(3);
    expect(play.chain.query('training_round', { run: play.hex }).seeds).toBe('operator-chosen');
    play.chain.edit((state) => {
      const validators = play.validators.slice(0, 2).map(({ hotkey: { account, publicKey } }) => ({
        ...{ id: account, account, publicKey, origin: 'genesis' as const },
        ...{ granted: 1n, power: 1n, isLeaving: false, deposit: 0n },
      }));
      rosterCell.set(state, { ...rosterCell.get(state), validators });
    });
    expect(play.chain.query('training_round', { run: play.hex }).seeds).toBe('mixed by 3 validators');
    expect(dataStart).toBe(30n);
    // The same run with another validator's salt withheld has another seed.
    const other = await aRun();
    other.play({ silent: 1 });
    other.untilPhase('train');
    expect(other.round().mixedSalts).toBe(2);
    expect(other.round().seed).not.toEqual(seed);
  });

  it('cools down with too few trainers or no money, and goes on when there are', async () => {
    const play = await aRun({ terms: { minTrainers: 2 }, trainers: 2, joined: 1, funds: REWARD });
    const { chain, run, trainers, owner } = play;
    chain.advance(3);
    expect(run()).toMatchObject({ phase: 'cooldown', reason: 'tooFewTrainers' });
    const join = play.joinCall(trainers[1]!);
    expect(chain.send(join.from, join.name, join.message)).toBeNull();
    expect(run().phase).toBe('train');
    play.play();
    expect(run()).toMatchObject({ phase: 'cooldown', reason: 'poolEmpty', root: aRoot(1) });
    expect(chain.send(owner.coldkey, 'training.fund', { run: play.id, amount: REWARD })).toBeNull();
    expect(run().phase).toBe('train');
  });

  it('goes on when everybody has left and somebody comes back', async () => {
    const play = await aRun({ trainers: 1 });
    const { chain, run, trainers } = play;
    play.play();
    const [lone] = trainers;
    chain.send(lone!.coldkey, 'training.leave', { run: play.id, device: lone!.hotkey.account });
    while (run().phase !== 'cooldown') chain.block();
    expect(run()).toMatchObject({ reason: 'tooFewTrainers', root: aRoot(1) });
    const join = play.joinCall(lone!);
    expect(chain.send(join.from, join.name, join.message)).toBeNull();
    play.play();
    expect(run().root).toEqual(aRoot(run().round - 1));
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('outlasts a halt of the chain, whose slots are made up for block by block but are no time of runs', async () => {
    const play = await aRun({ terms: { minTrainSlots: 40, maxTrainSlots: 40 } });
    const { chain, run } = play;
    play.untilPhase('train');
    const slot = () => BigInt(chain.query('training_round', { run: bytesToHex(play.id) }).slot);
    const before = slot();
    chain.block([], 2_000);
    // As many as a block accrues at most.
    expect(slot() - before).toBe(10n);
    chain.advance(5);
    expect(slot() - before).toBe(15n);
    expect(run()).toMatchObject({ phase: 'train', round: 1 });
    play.play();
    expect(play.explain(1).trainers).toHaveLength(3);
  });

  it('ends with its owner paid what is left, once every window is closed', async () => {
    const play = await aRun({ terms: { minTrainSlots: 8 } });
    const { chain, run, owner, trainers } = play;
    play.play();
    expect(chain.send(trainers[0]!.coldkey, 'training.endRun', { run: play.id })).toBe('NOT_RUN_OWNER');
    expect(chain.send(owner.coldkey, 'training.endRun', { run: play.id })).toBeNull();
    expect(chain.send(owner.coldkey, 'training.fund', { run: play.id, amount: 1n })).toBe('RUN_ENDED');
    const before = chain.spendable(owner.coldkey);
    play.play();
    for (let blocks = 0; run().phase !== 'ended'; blocks += 1) {
      if (blocks > 100) throw new Error(run().reason);
      chain.block();
    }
    expect(run()).toMatchObject({ pool: 0n, challengeFund: 0n, round: 3 });
    expect(chain.spendable(owner.coldkey) - before).toBeGreaterThan(10_000n * CAIRN - 2n * REWARD);
    for (const { coldkey } of trainers) expect(chain.spendable(coldkey)).toBeGreaterThan(BOND);
    expect(brokenInvariants(chain)).toEqual([]);
  });
});
