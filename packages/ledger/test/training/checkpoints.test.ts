import { describe, expect, it } from 'vitest';
import { brokenInvariants } from '../support/invariants.ts';
import { aRoot, aRun } from '../support/training.ts';

describe('the checkpoint of a training run', () => {
  it('goes back to its checkpoint at half the learning rate when the loss is no number or keeps rising', async () => {
    const play = await aRun({ trainers: 1, terms: { checkpointEvery: 1 } });
    const { run } = play;
    const losses = [2_000_000, 2_200_000, 2_200_000, 2_200_000];
    for (const evalLoss of losses) play.play({ outcome: { evalLoss } });
    expect(run()).toMatchObject({ root: aRoot(1), halvings: 1, checkpointRound: 1, logFrom: 5, rising: 0 });
    play.play({ outcome: { evalLoss: 1_900_000 } });
    expect(run()).toMatchObject({ root: aRoot(5), checkpointRound: 5, halvings: 1 });
    play.play({ outcome: { evalLoss: 0xffff_ffff } });
    expect(run()).toMatchObject({ root: aRoot(5), halvings: 2 });
    play.untilPhase('train');
    expect(play.round()).toMatchObject({ halvings: 2, baseRoot: aRoot(5) });
  });

  it('takes a loss near zero that goes up and down for no rise', async () => {
    const play = await aRun({ trainers: 1, terms: { checkpointEvery: 2 } });
    const { run } = play;
    for (const evalLoss of [25_000, 32_000, 75_000, 70_000]) play.play({ outcome: { evalLoss } });
    expect(run()).toMatchObject({ root: aRoot(4), halvings: 0, rising: 0, checkpointRound: 4 });
    for (const evalLoss of [76_000, 76_000, 76_000]) play.play({ outcome: { evalLoss } });
    expect(run()).toMatchObject({ root: aRoot(4), halvings: 1 });
  });

  it('measures after a rollback from the loss that it went back to, not from the best it ever had', async () => {
    const play = await aRun({ trainers: 1, terms: { checkpointEvery: 2 } });
    const { run } = play;
    const losses = [3_500_000, 3_000_000, 2_000_000, 2_200_000, 2_200_000, 2_200_000];
    for (const evalLoss of losses) play.play({ outcome: { evalLoss } });
    expect(run()).toMatchObject({ root: aRoot(2), halvings: 1, bestLoss: 3_000_000, rising: 0 });
    for (const evalLoss of [2_900_000, 2_800_000]) play.play({ outcome: { evalLoss } });
    expect(run()).toMatchObject({ root: aRoot(8), halvings: 1, checkpointRound: 7, bestLoss: 2_800_000 });
    play.play({ outcome: { evalLoss: 0xffff_ffff } });
    for (const evalLoss of [3_200_000, 3_200_000, 3_200_000]) play.play({ outcome: { evalLoss } });
    expect(run(), 'and still goes back').toMatchObject({ root: aRoot(7), halvings: 3 });
  });

  it('forgets the best loss when it goes back to its first weights, whose loss nobody measured', async () => {
    const play = await aRun({ trainers: 1, terms: { checkpointEvery: 8 } });
    for (const evalLoss of [1_000_000, 0xffff_ffff]) play.play({ outcome: { evalLoss } });
    expect(play.run()).toMatchObject({ checkpointRound: 0, halvings: 1, bestLoss: 0 });
  });

  it('makes the weights after its last round a checkpoint, however young the one before is', async () => {
    const terms = { rounds: 3, checkpointEvery: 2 };
    const play = await aRun({ trainers: 1, terms });
    const { chain, run } = play;
    for (let round = 1; round <= 3; round += 1) play.play({ outcome: { evalLoss: 1_000_000 } });
    expect(run()).toMatchObject({ reason: 'roundsDone', checkpointRound: 3, checkpointRoot: aRoot(3) });
    expect(brokenInvariants(chain)).toEqual([]);
    // Not weights that are worse than those it would go back to.
    const worse = await aRun({ trainers: 1, terms });
    for (const evalLoss of [1_000_000, 1_000_000, 1_100_000]) worse.play({ outcome: { evalLoss } });
    expect(worse.run()).toMatchObject({ reason: 'roundsDone', checkpointRound: 2, rising: 1 });
  });

  it('makes a checkpoint of its last weights also when its last round is void', async () => {
    const play = await aRun({ terms: { rounds: 2 } });
    const { chain, run } = play;
    play.play();
    play.train();
    play.witness();
    play.untilPhase('settle');
    chain.block([play.settleCall(0, [0, 1, 2]), play.settleCall(1, [0, 1])]);
    while (run().round === 2) chain.block();
    expect(run()).toMatchObject({ voidRounds: 1, checkpointRound: 2, checkpointRoot: aRoot(1) });
    expect(brokenInvariants(chain)).toEqual([]);
  });
});
