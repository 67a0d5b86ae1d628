import { describe, expect, it } from 'vitest';
import { aRoot, aRun, REWARD } from '../../ledger/test/support/training.ts';
import { methods, OWNER, sentBy } from './economy-node.ts';
import { type FakeMethods, startFakeNode } from './fake-node.ts';
import { run } from './run.ts';

const QUERIES = [
  'training_runs',
  'training_round',
  'training_seats',
  'training_cases',
  'training_checkpoints',
  'training_explain',
];

/** A node whose answers about runs are those of a ledger: one settled round, a released checkpoint, an open case. */
async function aTrainingNode() {
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
  return { ...world, node: await startFakeNode({ ...methods, ...answers }) };
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

  it('says so when there is no such run or round', async () => {
    const { node } = await aTrainingNode();
    await using _ = node;
    const wrong: readonly [words: string[], text: string][] = [
      [['status', 'ffffffffffff'], 'There is no run'],
      [['status', 'xyz'], 'hexadecimal'],
      [['explain', '9'], 'is not settled'],
      [['explain', 'one'], 'number of a round'],
    ];
    for (const [words, text] of wrong) {
      const { exitCode, err } = await run(['train', ...words, '--data', node.data]);
      expect(exitCode, words.join(' ')).not.toBe(0);
      expect(err, words.join(' ')).toContain(text);
    }
  });

  it('sends what funds, ends, leaves and signs', async () => {
    const { node, hex } = await aTrainingNode();
    await using _ = node;
    const short = hex.slice(0, 10);
    const sent: readonly [words: string, message: string, value: object][] = [
      [`train fund ${short} 2.5`, 'training.fund', { run: hex, amount: '2500000000' }],
      [`train end ${short}`, 'training.endRun', { run: hex }],
      [`train leave ${short}`, 'training.leave', { run: hex, device: OWNER }],
      [`train sign ${short} 1`, 'training.sign', { run: hex, round: 1 }],
    ];
    for (const [words, message, value] of sent)
      expect(await sentBy(node, words.split(' ')), words).toMatchObject({ message, value });
  });
});
