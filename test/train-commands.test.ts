import { bytesToHex } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import { methods, OWNER, sentBy } from '../packages/cli/test/economy-node.ts';
import { type FakeMethods, startFakeNode } from '../packages/cli/test/fake-node.ts';
import { run } from '../packages/cli/test/run.ts';
import { aCard, idOf } from '../packages/ledger/test/support/registry.ts';
import { aCreateRun, aRoot, aRun, REWARD } from '../packages/ledger/test/support/training.ts';

const QUERIES = [
  'training_runs',
  'training_round',
  'training_seats',
  'training_cases',
  'training_checkpoint',
  'training_checkpoints',
  'training_explain',
  'training_paidRound',
  'registry_model',
];

/** A node whose answers about runs are those of a ledger: one settled round, a released checkpoint, an open case. */
async function aTrainingNode(more: FakeMethods = {}) {
  const world = await aRun({ trainers: 2 });
  const { chain, owner, id, trainers } = world;
  const [slow] = trainers;
  world.play({ update: (person) => (person === slow ? { steps: 5 } : {}) });
  const post = { run: id, round: 1, root: aRoot(1), manifest: aRoot(50), gguf: aRoot(51) };
  chain.send(owner.coldkey, 'training.postCheckpoint', post);
  const { from, name, message } = world.challengeCall(owner.coldkey);
  chain.send(from, name, message);
  const answers: FakeMethods = Object.fromEntries(
    QUERIES.map((query) => [
      query,
      (params: unknown) => JSON.parse(JSON.stringify(chain.query(query, params))) as unknown,
    ]),
  );
  return { ...world, node: await startFakeNode({ ...methods, ...answers, ...more }) };
}

describe('cairn train', () => {
  it('lists runs, shows one with its trainers, and explains a round to the last factor', async () => {
    const { node, hex } = await aTrainingNode();
    await using _ = node;
    const list = await run(['train', 'list', '--data', node.data]);
    expect(list.out).toContain('a run');
    expect(list.out).toContain('train');
    const status = await run(['train', 'status', '--data', node.data]);
    expect(status.exitCode, status.err).toBe(0);
    expect(status.out).toContain(hex);
    expect(status.out).toContain('Case 1: step 3 of place 0 in round 1, judging.');
    expect(status.out).toContain('after round 1, signed by 0');
    const explained = await run(['train', 'explain', '1', '--run', hex.slice(0, 8), '--data', node.data]);
    expect(explained.exitCode, explained.err).toBe(0);
    expect(explained.out).toContain('5 of 10 inner steps were done');
    expect(explained.out).toContain('33.33');
    expect(explained.out).toContain('operator-chosen');
    const json = await run(['train', 'explain', '1', '--json', '--data', node.data]);
    const { trainers, reward } = JSON.parse(json.out) as { trainers: { pay: string }[]; reward: string };
    expect(reward).toBe(REWARD.toString());
    const paid = trainers.reduce((sum, { pay }) => sum + BigInt(pay), 0n);
    expect(paid).toBeGreaterThan((REWARD * 79n) / 100n);
  });

  it('says why validators of the node refused an update, when it is asked of their node', async () => {
    const refusal = (validator: string, place: number, reason: string) => ({ validator, place, reason });
    const refusals = [refusal(OWNER, 1, 'copy'), refusal(OWNER, 7, 'missing')];
    const { node, hex } = await aTrainingNode({ training_refusals: () => refusals });
    await using _ = node;
    const explained = await run(['train', 'explain', '1', '--data', node.data]);
    expect(explained.exitCode, explained.err).toBe(0);
    expect(explained.out).toMatch(/place 1: refused by .+: too much of it is in another update/);
    expect(explained.out, 'no update was there to refuse').not.toContain('place 7');
    const json = await run(['train', 'explain', '1', '--json', '--data', node.data]);
    expect(JSON.parse(json.out)).toMatchObject({ refusals: [refusals[0]] });
    expect(node.calls).toContainEqual({ method: 'training_refusals', params: { run: hex, round: 1 } });
  });

  it('says which checkpoint and model a run was begun with', async () => {
    const { chain, node, owner, id, hex } = await aTrainingNode();
    await using _ = node;
    const card = aCard(owner.coldkey, { name: 'people/base', version: 'r1' });
    expect(chain.send(owner.coldkey, 'registry.publishModel', { card })).toBeNull();
    const parent = { run: id, round: 1 };
    const forks = { ...aCreateRun(), name: 'a fork', parent, parentModel: idOf(card), initialRoot: aRoot(1) };
    expect(chain.send(owner.coldkey, 'training.createRun', forks)).toBeNull();
    const list = await run(['train', 'list', '--json', '--data', node.data]);
    const { runs } = JSON.parse(list.out) as { runs: { run: string; name: string }[] };
    const fork = runs.find(({ name }) => name === 'a fork')!.run;
    const status = await run(['train', 'status', fork, '--data', node.data]);
    expect(status.out).toContain(`the weights after round 1 of run ${hex}, released as people/base r1`);
    const json = await run(['train', 'status', fork, '--json', '--data', node.data]);
    expect(JSON.parse(json.out)).toMatchObject({
      parent: { run: hex, round: 1 },
      parentModel: bytesToHex(idOf(card)),
    });
    expect(chain.send(owner.coldkey, 'registry.retireModel', { model: idOf(card) })).toBeNull();
    const later = await run(['train', 'status', fork, '--data', node.data]);
    expect(later.out).toContain('which is retired');
    const first = await run(['train', 'status', hex, '--data', node.data]);
    expect(first.out).toContain('random weights');
  });

  it('shows what a fork goes on from and pays before it is created, and why one is refused', async () => {
    const facts = {
      ...{
        manifest: '11'.repeat(32),
        name: 'people/fork',
        description: '',
        engine: 'exact',
        tolerance: null,
      },
      ...{ parameters: 1_000, tokens: 5_000, heldOutTokens: 500, documents: 40, duplicates: 0 },
      ...{ licences: ['CC0-1.0'], rounds: 10, steps: 3, memoryBytes: 1e6, freeBytes: 1e9 },
      parent: {
        ...{ run: '22'.repeat(32), round: 12, model: '33'.repeat(32), name: 'people/base', version: 'r12' },
        ...{ licence: 'CC-BY-SA-4.0', royaltyBps: 250 },
      },
    };
    let making: object = { state: 'made', facts };
    await using node = await startFakeNode({
      ...methods,
      node_makeRun: () => ({ making: 'aa' }),
      node_making: () => making,
    });
    const words = ['train', 'create', 'fork.json', '--dry-run', '--data', node.data];
    const shown = await run(words);
    expect(shown.exitCode, shown.err).toBe(0);
    expect(shown.out).toMatch(/begins with +the weights after round 12 of run 2222/);
    expect(shown.out).toMatch(/released as +people\/base r12, CC-BY-SA-4\.0/);
    expect(shown.out).toMatch(/its royalties +2\.5 % of what answers of this run's models cost/);
    making = { state: 'failed', code: 'LICENCE_REFUSED', message: 'Choose a licence that does.' };
    const refused = await run(words);
    expect(refused.exitCode).toBe(1);
    expect(refused.err).toContain('No run was made. Choose a licence that does.');
  });

  it('says so when there is no such run or round', async () => {
    const { node, hex } = await aTrainingNode();
    await using _ = node;
    const wrong: readonly [words: string[], text: string][] = [
      [['status', 'ffffffffffff'], 'There is no run'],
      [['status', 'xyz'], 'hexadecimal'],
      [['explain', '9'], 'is not settled'],
      [['explain', 'one'], 'number of a round'],
      [['challenge', hex, '1', '9', '--wallet', 'owner'], 'no settled round 1 with a place 9'],
      [['appeal', hex, '7', '--wallet', 'owner'], 'no open case 7'],
    ];
    for (const [words, text] of wrong) {
      const { exitCode, err } = await run(['train', ...words, '--data', node.data]);
      expect(exitCode, words.join(' ')).not.toBe(0);
      expect(err, words.join(' ')).toContain(text);
    }
  });

  it('sends what funds, ends, leaves, signs, challenges and appeals', async () => {
    const { node, hex } = await aTrainingNode();
    await using _ = node;
    const short = hex.slice(0, 10);
    const sent: readonly [words: string, message: string, value: object][] = [
      [`train fund ${short} 2.5`, 'training.fund', { run: hex, amount: '2500000000' }],
      [`train end ${short}`, 'training.endRun', { run: hex }],
      [`train leave ${short}`, 'training.leave', { run: hex, device: OWNER }],
      [`train sign ${short} 1`, 'training.sign', { run: hex, round: 1 }],
      [`train challenge ${short} 1 1`, 'training.challenge', { run: hex, round: 1, place: 1, step: 0 }],
      [`train challenge ${short} 1 0 --step 4`, 'training.challenge', { place: 0, step: 4 }],
      [`train appeal ${short} 1`, 'training.appeal', { run: hex, case: 1 }],
    ];
    for (const [words, message, value] of sent)
      expect(await sentBy(node, words.split(' ')), words).toMatchObject({ message, value });
  });
});
