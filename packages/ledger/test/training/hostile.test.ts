import { describe, expect, it } from 'vitest';
import { scoreCommitmentOf } from '../../src/index.ts';
import { aKey, CAIRN, type Call, type TestChain, testCrypto } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { aCreateRun, aRoot, aRun, FIRST_ROOT, REWARD, saltOf, TERMS } from '../support/training.ts';

const sendCall = (chain: TestChain, { from, name, message }: Call, changes: object = {}) =>
  chain.send(from, name, { ...(message as object), ...changes });

describe('creating a run', () => {
  it('is for the owner of the subnet alone', async () => {
    const { chain, owner, trainers } = await aRun();
    expect(chain.send(trainers[0]!.coldkey, 'training.createRun', aCreateRun())).toBe('NOT_SUBNET_OWNER');
    expect(chain.send(owner.coldkey, 'training.createRun', { ...aCreateRun(), netuid: 9 })).toBe(
      'SUBNET_UNKNOWN',
    );
    const poor = aCreateRun({}, 10n ** 18n);
    expect(chain.send(owner.coldkey, 'training.createRun', poor)).toBe('BALANCE_TOO_LOW');
  });

  it('refuses terms that do not work', async () => {
    const { chain, owner } = await aRun();
    const wrong = [
      { engineClass: new Uint8Array(32) },
      { engine: 'tolerant' as const, engineClass: new Uint8Array(32), drawBps: 1 },
      { innerSteps: 0 },
      { innerSteps: 4_097 },
      { minTrainers: 0 },
      { minTrainers: 9 },
      { maxTrainers: 200, reserves: 57 },
      { witnesses: 0 },
      { witnesses: 33 },
      { minTrainSlots: 9 },
      { showSlots: 0 },
      { vestSlots: 1_000_001 },
      { drawBps: 10_001 },
      { checkpointEvery: 0 },
    ];
    for (const terms of wrong)
      expect(
        chain.send(owner.coldkey, 'training.createRun', aCreateRun(terms)),
        JSON.stringify(terms, String),
      ).toBe('TERMS_INVALID');
  });

  it('goes on from a checkpoint only with its weights, and from a model only when there is one', async () => {
    const { chain, owner, id, play } = await aRun();
    const parent = { run: id, round: 1 };
    const create = (message: object) =>
      chain.send(owner.coldkey, 'training.createRun', { ...aCreateRun(), ...message });
    expect(create({ parent })).toBe('PARENT_UNKNOWN');
    play();
    const post = { run: id, round: 1, root: aRoot(1), manifest: aRoot(50), gguf: aRoot(51) };
    expect(chain.send(owner.coldkey, 'training.postCheckpoint', post)).toBeNull();
    expect(create({ parent })).toBe('PARENT_ROOT_OTHER');
    expect(create({ parent, initialRoot: aRoot(1) })).toBeNull();
    expect(create({ parentModel: aRoot(1) })).toBe('MODEL_UNKNOWN');
    expect(create({ maintainers: [owner.coldkey.account, owner.coldkey.account] })).toBe('MAINTAINER_TWICE');
    expect(brokenInvariants(chain)).toEqual([]);
  });
});

describe('a seat', () => {
  it('takes one machine of one engine, with its bond', async () => {
    const play = await aRun({ joined: 0 });
    const { chain, trainers } = play;
    const [person, other] = trainers;
    const join = play.joinCall(person!);
    expect(sendCall(chain, join, { run: aRoot(1) })).toBe('RUN_UNKNOWN');
    expect(sendCall(chain, join, { engineClass: aRoot(1) })).toBe('ENGINE_CLASS_OTHER');
    expect(sendCall(chain, join)).toBeNull();
    expect(sendCall(chain, { ...join, from: other!.coldkey })).toBe('DEVICE_TAKEN');
    expect(sendCall(chain, join, { device: aKey(900).account })).toBeNull();
    const leave = { run: play.id, device: person!.hotkey.account };
    expect(chain.send(other!.coldkey, 'training.leave', leave)).toBe('NOT_SEAT_OWNER');
    expect(chain.send(person!.hotkey, 'training.leave', leave)).toBeNull();
    expect(chain.send(person!.hotkey, 'training.leave', leave)).toBe('SEAT_UNKNOWN');
    expect(brokenInvariants(chain)).toEqual([]);
  });
});

describe('an update', () => {
  it('is committed once, by who was drawn, on the weights of the round, in time', async () => {
    const play = await aRun();
    const { chain, trainers, validators } = play;
    const [first, second] = trainers;
    play.untilPhase('train');
    const commit = play.commitCall(first!);
    expect(sendCall(chain, commit, { round: 2 })).toBe('ROUND_WRONG');
    expect(sendCall(chain, commit, { baseRoot: aRoot(3) })).toBe('BASE_ROOT_STALE');
    expect(sendCall(chain, commit, { steps: 11 })).toBe('STEPS_INVALID');
    expect(sendCall(chain, commit, { sizeBytes: 0 })).toBe('UPDATE_EMPTY');
    expect(sendCall(chain, { ...commit, from: validators[0]!.hotkey })).toBe('SEAT_UNKNOWN');
    expect(sendCall(chain, commit)).toBeNull();
    expect(sendCall(chain, commit)).toBe('ALREADY_COMMITTED');
    play.untilPhase('show');
    expect(sendCall(chain, play.commitCall(second!))).toBe('PHASE_WRONG');
  });

  it('that is a copy is never accepted beside the one it was copied from', async () => {
    const play = await aRun();
    const { chain, trainers } = play;
    const payload = aRoot(77);
    play.train(trainers, () => ({ payload }));
    play.witness();
    play.untilPhase('settle');
    expect(sendCall(chain, play.settleCall(0, [0, 1]))).toBe('UPDATE_COPIED');
    expect(sendCall(chain, play.settleCall(0, [1]))).toBeNull();
  });
});

describe('a witness', () => {
  it('speaks once, when it was drawn, of updates that were committed', async () => {
    const play = await aRun({ terms: { witnesses: 2 } });
    const { chain, trainers, round } = play;
    play.untilPhase('train');
    const late = trainers.find((person) => play.placeOf(person) === 2)!;
    const present = trainers.filter((person) => person !== late);
    play.train(present);
    const drawn = trainers.filter((person) => round().witnesses.includes(play.placeOf(person)));
    const other = trainers.find((person) => !drawn.includes(person))!;
    expect(drawn).toHaveLength(2);
    expect(sendCall(chain, play.witnessCall(drawn[0]!, [0, 1, 2]))).toBe('PLACE_EMPTY');
    expect(sendCall(chain, play.witnessCall(other, [0]))).toBe('NOT_WITNESS');
    expect(sendCall(chain, play.witnessCall(drawn[0]!, [0]))).toBeNull();
    expect(sendCall(chain, play.witnessCall(drawn[0]!, [0, 1]))).toBe('ALREADY_DONE');
    expect(round().found).toEqual([1, 0, 0]);
  });
});

describe('scores', () => {
  it('are revealed only as they were committed, by validators that judge the round', async () => {
    const play = await aRun();
    const { chain, trainers, id } = play;
    const scores = [1, 2, 3];
    play.train();
    play.witness();
    expect(sendCall(chain, play.revealCall(0, scores))).toBe('PHASE_WRONG');
    expect(sendCall(chain, { ...play.scoreCall(0, scores), from: trainers[0]!.hotkey })).toBe('NOT_JUDGE');
    expect(sendCall(chain, play.scoreCall(0, scores))).toBeNull();
    expect(sendCall(chain, play.scoreCall(0, [3, 2, 1]))).toBe('ALREADY_DONE');
    // The copier of a commitment cannot open it: it is made out to the validator.
    const copied = scoreCommitmentOf(testCrypto, {
      run: id,
      round: 1,
      hotkey: play.validators[0]!.hotkey.account,
      scores,
      salt: saltOf(0, 1),
    });
    expect(sendCall(chain, play.scoreCall(1, scores), { commitment: copied })).toBeNull();
    play.untilPhase('settle');
    expect(sendCall(chain, play.revealCall(1, scores), { salt: saltOf(0, 1) })).toBe('COMMITMENT_OTHER');
    expect(sendCall(chain, play.revealCall(2, scores))).toBe('NOT_COMMITTED');
    expect(sendCall(chain, play.revealCall(0, [1, 2]))).toBe('SCORES_WRONG');
    expect(sendCall(chain, play.revealCall(0, [1, 2, 4]))).toBe('COMMITMENT_OTHER');
    expect(sendCall(chain, play.revealCall(0, scores))).toBeNull();
    expect(sendCall(chain, play.revealCall(0, scores))).toBe('ALREADY_DONE');
  });

  it('earn nothing for a validator that withholds them or finds another outcome', async () => {
    const play = await aRun();
    const { chain } = play;
    const scores = [10, 10, 10];
    play.train();
    play.witness();
    chain.block([0, 1, 2].map((judge) => play.scoreCall(judge, scores)));
    play.untilPhase('settle');
    chain.block([
      play.revealCall(0, scores),
      play.settleCall(0, [0, 1, 2]),
      play.settleCall(1, [0, 1, 2]),
      play.revealCall(2, scores),
      play.settleCall(2, [0, 1, 2], { newRoot: aRoot(99) }),
    ]);
    while (play.run().round === 1) chain.block();
    const judges = play.explain(1).judges;
    const paid = judges.map(({ pay }: { pay: string }) => BigInt(pay));
    expect([...paid].sort((one, other) => Number(one - other))).toEqual([0n, 0n, (REWARD * 10n) / 100n]);
    expect(play.run().root).toEqual(aRoot(1));
  });

  it('of one validator against two do not move the medians, and cost it its agreement', async () => {
    const play = await aRun();
    const { chain } = play;
    play.train();
    play.witness();
    const rows = [
      [100, 100, 100],
      [100, 100, 100],
      [0, 0, 60_000],
    ];
    chain.block(rows.map((scores, judge) => play.scoreCall(judge, scores)));
    play.untilPhase('settle');
    chain.block(
      rows.flatMap((scores, judge) => [play.revealCall(judge, scores), play.settleCall(judge, [0, 1, 2])]),
    );
    const explained = play.explain(1);
    expect(explained.trainers.map(({ score }: { score: number }) => score)).toEqual([100, 100, 100]);
    const agreements = explained.judges.map(({ agreementBps }: { agreementBps: number }) => agreementBps);
    expect(agreements.sort((one: number, other: number) => one - other)).toEqual([33, 10_000, 10_000]);
    expect(brokenInvariants(chain)).toEqual([]);
  });
});

describe('an outcome', () => {
  it('takes two thirds of the stake of the validators', async () => {
    const play = await aRun({ validators: 4 });
    const { chain, run } = play;
    play.train();
    play.witness();
    play.untilPhase('settle');
    chain.block([play.settleCall(0, [0, 1, 2]), play.settleCall(1, [0, 1, 2])]);
    expect(run()).toMatchObject({ phase: 'settle', root: FIRST_ROOT });
    chain.block([play.settleCall(2, [0, 1, 2])]);
    while (run().round === 1) chain.block();
    expect(run().root).toEqual(aRoot(1));
    // Nobody revealed scores: updates count by their steps alone.
    const pays = play.explain(1).trainers.map(({ pay }: { pay: string }) => BigInt(pay));
    expect(pays).toEqual([0, 1, 2].map(() => (REWARD * 80n) / 100n / 3n));
  });

  it('does not count a validator twice', async () => {
    const play = await aRun();
    play.train();
    play.witness();
    play.untilPhase('settle');
    expect(sendCall(play.chain, play.settleCall(0, [0]))).toBeNull();
    expect(sendCall(play.chain, play.settleCall(0, [1]))).toBe('ALREADY_DONE');
    expect(sendCall(play.chain, { ...play.settleCall(0, [0]), from: play.trainers[0]!.hotkey })).toBe(
      'NOT_JUDGE',
    );
  });
});

describe('a pool', () => {
  it('is never paid beyond what is in it', async () => {
    const play = await aRun({ funds: 2n * REWARD + CAIRN });
    play.play();
    play.play();
    for (let blocks = 0; blocks < 40; blocks += 1) play.chain.block();
    expect(play.run()).toMatchObject({ phase: 'cooldown', reason: 'poolEmpty' });
    expect(play.run().pool).toBeLessThan(REWARD);
    expect(brokenInvariants(play.chain)).toEqual([]);
  });

  it('opens no round while a round has nobody to judge it', async () => {
    const play = await aRun({ validators: 0 });
    play.chain.advance(5);
    expect(play.run()).toMatchObject({ phase: 'cooldown', reason: 'noJudges' });
    expect(TERMS.minTrainers).toBe(1);
  });
});
