import { accountIdToAddress, createEd25519Signer, createPureCrypto, hexToBytes } from '@cairn/core';
import { bitmapOf } from '@cairn/ledger';
import type { EventView, LedgerReader } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import type { TestChain, TestKey } from '../../../ledger/test/support/chain.ts';
import { aCreateRun, aRoot, aRun, ENGINE, REWARD } from '../../../ledger/test/support/training.ts';
import { type AccountClient, createRunLedger, fetchCheckpoints, fetchSeats } from '../../src/index.ts';

const crypto = createPureCrypto();

/** A node's queries over a chain made by hand; its events are blocks that the test makes. */
function readerOf(chain: TestChain, blocks: () => AsyncIterable<EventView>) {
  return {
    query: async <T>(name: string, params: unknown): Promise<T> =>
      JSON.parse(JSON.stringify(chain.query(name, params))) as T,
    events: blocks,
  } satisfies Pick<LedgerReader, 'query' | 'events'>;
}

/** Sends each message as the only one of its block. */
function clientOf(chain: TestChain, key: TestKey): AccountClient {
  return {
    account: key.account,
    address: accountIdToAddress(key.account),
    signer: createEd25519Signer(key.seed),
    async send(name, message) {
      const [result] = chain.block([{ from: key, name, message }]).results;
      if (result!.problem !== null) throw new Error(result!.problem.code);
      const events = result!.events.map((event) => ({ ...event, height: chain.height(), transaction: null }));
      return {
        id: result!.id,
        height: chain.height(),
        index: 0,
        bytes: '',
        ok: true,
        problem: null,
        fee: '0',
        events,
      };
    },
    prepare: () => Promise.reject(new Error('not asked')),
    spendable: async () => chain.spendable(key),
  };
}

const noBlocks = async function* (): AsyncGenerator<EventView> {};

describe('a training run through the SDK', () => {
  it('is created, joined, trained, scored, settled and read back as the ledger has it', async () => {
    const world = await aRun({ validators: 1, trainers: 1, joined: 0 });
    const { chain, owner, trainers, validators } = world;
    const [trainer] = trainers;
    const [judge] = validators;
    const ledgerOf = (key: TestKey) =>
      createRunLedger({ crypto, ledger: readerOf(chain, noBlocks), client: clientOf(chain, key) });
    const asOwner = ledgerOf(owner.coldkey);
    const id = await asOwner.create(aCreateRun({ rounds: 1 }));
    await asOwner.fund(id, 5n);
    const asWallet = ledgerOf(trainer!.coldkey);
    const before = chain.spendable(trainer!.hotkey);
    await asWallet.join(
      { run: id, device: trainer!.hotkey.account, engineClass: ENGINE, peer: 'memory' },
      7n,
    );
    expect(chain.spendable(trainer!.hotkey) - before).toBe(7n);
    const asDevice = ledgerOf(trainer!.hotkey);
    expect(await asDevice.seat(id, asDevice.device)).toMatchObject({ number: 1, peer: 'memory' });
    const open = (await asDevice.round(id))!;
    expect(open.run).toMatchObject({ phase: 'train', round: 1, name: 'a run' });
    expect(open.roster).toMatchObject([{ place: 0, seat: 1, update: null }]);
    await asDevice.commitUpdate({
      run: id,
      round: 1,
      payload: aRoot(5),
      sizeBytes: 9,
      baseRoot: open.round!.baseRoot,
      traceRoot: aRoot(6),
      residualRoot: aRoot(7),
      steps: 10,
    });
    await asDevice.witness(id, 1, bitmapOf([0]));
    const asJudge = ledgerOf(judge!.hotkey);
    const salt = aRoot(8);
    await asJudge.commitScores(id, 1, [50], salt);
    await asJudge.revealScores(id, 1, [50], salt);
    await asJudge.settle({ run: id, round: 1, accepted: bitmapOf([0]), newRoot: aRoot(1), evalLoss: 12 });
    const paid = (await asJudge.paidRound(id, 1))!;
    expect(paid).toMatchObject({ round: 1, evalLoss: 12, newRoot: aRoot(1), isVoid: false });
    expect(paid.lines[0]).toMatchObject({ score: 50, pay: (REWARD * 80n) / 100n });
    expect(paid.updates).toMatchObject([{ place: 0, update: { payload: aRoot(5) } }]);
    await asOwner.challenge({ run: id, round: 1, place: 0, step: 2, evidence: aRoot(2) });
    expect(await asJudge.cases(id)).toMatchObject([{ number: 1, step: 2, phase: 'judging' }]);
    await asJudge.judge(id, 1, 'honest');
    expect(await asJudge.cases(id)).toEqual([]);
    await asOwner.postCheckpoint({ run: id, round: 1, root: aRoot(1), manifest: aRoot(20), gguf: aRoot(21) });
    expect(await asDevice.latestCheckpoint(id)).toMatchObject({ round: 1, checkpoint: { gguf: aRoot(21) } });
    expect(await asDevice.checkpoint(id, 1)).toMatchObject({ evalLoss: 12 });
    expect(await asDevice.checkpoint(id, 2)).toBeNull();
    await asWallet.leave(id, trainer!.hotkey.account);
    const reader = readerOf(chain, noBlocks);
    expect(await fetchSeats(reader, id)).toMatchObject([{ number: 1, paidRounds: 1 }]);
    expect(await fetchCheckpoints(reader, id)).toHaveLength(1);
    await asOwner.end(id);
    expect((await asOwner.run(id))!.isEnding).toBe(true);
    expect((await asOwner.runs()).map((run) => run.name)).toEqual(['a run', 'a run']);
    expect(await asOwner.run(aRoot(99))).toBeNull();
  });

  it('is watched block by block while a round is open, until it is told to stop', async () => {
    const { chain, id } = await aRun({ trainers: 1 });
    const blocks = async function* (): AsyncGenerator<EventView> {
      for (;;) {
        chain.block();
        yield { name: 'chain.committed', height: chain.height(), transaction: null, data: {} };
      }
    };
    const reader = createRunLedger({
      crypto,
      ledger: readerOf(chain, blocks),
      client: clientOf(chain, { account: id, publicKey: id, seed: id }),
    });
    const seen: bigint[] = [];
    for await (const { slot } of reader.watch(id, new AbortController().signal)) {
      seen.push(slot);
      if (seen.length === 4) break;
    }
    expect(seen).toEqual([seen[0]!, seen[0]! + 1n, seen[0]! + 2n, seen[0]! + 3n]);
  });

  it('refuses a node that answers with something else', async () => {
    const answers: unknown[] = [{}, { id: 'zz' }, [], 'no', { id: '00', phase: 'train' }];
    for (const answer of answers) {
      const ledger = { query: async <T>() => answer as T, events: noBlocks };
      const key = { account: hexToBytes('00'.repeat(32)), publicKey: aRoot(1), seed: aRoot(1) };
      const reader = createRunLedger({ crypto, ledger, client: clientOf({} as TestChain, key) });
      await expect(reader.run(aRoot(1)), JSON.stringify(answer)).rejects.toMatchObject({
        problem: { code: 'RPC_MALFORMED' },
      });
    }
  });
});
