import { areBytesEqual, bytesToHex } from '@cairn/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openDataFolder } from '../../src/data/data-folder.ts';
import { startMemberJudging } from '../../src/member/start-judging.ts';
import type { NodePeers } from '../../src/peers/node-peers.ts';
import { aFolder } from '../data/parts.ts';
import { aRunTown } from './run-town.ts';

const SETTINGS = {
  trainingEngine: 'auto',
  trainingThreads: 0,
  trainingMemory: 'check',
  python: 'python3',
} as Parameters<typeof startMemberJudging>[0]['settings'];

type Town = Awaited<ReturnType<typeof aRunTown>>;

/** What a validator in a process of its own judges with: a folder, a library, and a node of which it knows no library. */
async function aJoinedJudge(town: Town, name: string, client: Town['accounts']['owner']) {
  const folder = await openDataFolder(aFolder());
  const peers: NodePeers = {
    join: (role) => town.network.join(`${role}@${name}`),
    nameOf: (role) => `${role}@${name}`,
    device: null,
  };
  const stack = new AsyncDisposableStack();
  stack.use(folder);
  onTestFinished(() => stack.disposeAsync());
  const place = { parts: town.parts, folder, peers, nodes: ['nobody'], settings: SETTINGS };
  return startMemberJudging(place, { name, client }, stack);
}

describe('a validator that joined a network', () => {
  it('judges a run whose owner is gone with what the trainers have, and holds nothing of a run that does not name it', async () => {
    const town = await aRunTown({ isJudged: false });
    const [validator] = town.keys.validators;
    const judge = await aJoinedJudge(town, 'joined', town.accounts.workers.get(validator!.name)!.hotkey);
    const bystander = await aJoinedJudge(town, 'bystander', town.accounts.gateway);
    const run = bytesToHex(town.id);
    for (const index of [0, 1]) await town.aTrainer(index);
    await town.owner.stop();
    await town.until('a round is settled', async () => (await town.run()).round >= 2);

    const paid = (await town.reader.paidRound(town.id, 1))!;
    expect(paid.isVoid).toBe(false);
    expect(paid.lines.map(({ score }) => score > 0)).toEqual([true, true]);
    const own = paid.judges.find(({ hotkey }) => areBytesEqual(hotkey, validator!.hotkey.account));
    expect(own, 'it revealed scores and found the outcome').toMatchObject({ agreementBps: 10_000 });
    expect(judge.library.blobsOf(run)).toContain(town.made.id);
    expect(bystander.library.blobsOf(run)).toEqual([]);
  });
});
