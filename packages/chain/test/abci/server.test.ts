import { bytesToHex } from '@cairn/core';
import { rosterCell } from '@cairn/ledger';
import { describe, expect, it } from 'vitest';
import { frameOf } from '../../src/abci/frame.ts';
import { createMemoryStore } from '../../src/index.ts';
import { aTransfer } from '../parts.ts';
import { messageOf } from './abci-client.ts';
import { anAbci, blockRequest, initRequest, proposeRequest, votingGenesis } from './abci-town.ts';

const transfer = (nonce: bigint, tip = 0n) => aTransfer({ genesis: votingGenesis, nonce, tip });

describe('the ABCI server', () => {
  it('answers in order, however fast it is asked, and flushes without waiting', async () => {
    await using town = await anAbci();
    const client = await town.connect();
    const txs = await Promise.all([0n, 1n, 2n, 3n].map((nonce) => transfer(nonce)));
    client.write(
      Buffer.concat([
        ...[1, 2, 3].map((n) => frameOf(messageOf('echo', { message: `${n}` }))),
        ...txs.map((tx) => frameOf(messageOf('checkTx', { tx, type: 0 }))),
        frameOf(messageOf('checkTx', { tx: Uint8Array.of(1), type: 0 })),
        frameOf(messageOf('flush', {})),
      ]),
    );
    const answers = [];
    for (let i = 0; i < 9; i++) answers.push(await client.next());
    expect(answers.slice(0, 3).map(({ echo }) => echo?.message)).toEqual(['1', '2', '3']);
    expect(answers.slice(3, 8).map(({ checkTx }) => checkTx?.code)).toEqual([0, 0, 0, 0, 1]);
    expect(answers[8]?.flush).toBeDefined();
  });

  it('makes a block from what waits: the best tip first, a sender in order of nonces', async () => {
    await using town = await anAbci();
    const client = await town.connect();
    expect((await client.ask('info', {})).lastBlockHeight).toBe(0n);
    const { appHash } = await client.ask('initChain', initRequest());
    expect(bytesToHex(appHash)).toBe(bytesToHex(town.application.info().appHash));
    const [first, second] = [await transfer(0n), await transfer(1n, 5_000n)];
    const { txs } = await client.ask('prepareProposal', proposeRequest(1, [second, first, Uint8Array.of(1)]));
    expect(txs.map(bytesToHex)).toEqual([first, second].map(bytesToHex));
    expect((await client.ask('processProposal', blockRequest(1, txs))).status).toBe(1);
    const decided = await client.ask('finalizeBlock', blockRequest(1, txs));
    expect(decided.txResults.map(({ code }) => code)).toEqual([0, 0]);
    expect((await client.ask('info', {})).lastBlockHeight, 'nothing is committed yet').toBe(0n);
    await client.ask('commit', {});
    const { lastBlockHeight, lastBlockAppHash } = await client.ask('info', {});
    expect(lastBlockHeight).toBe(1n);
    expect(bytesToHex(lastBlockAppHash)).toBe(bytesToHex(decided.appHash));
    expect(town.committed.map(({ header }) => header.height)).toEqual([1n]);
  });

  it('takes no proposal with bytes that are no transaction, and gives a refused one its code', async () => {
    await using town = await anAbci();
    const client = await town.connect();
    await client.ask('initChain', initRequest());
    expect((await client.ask('processProposal', blockRequest(1, [Uint8Array.of(1)]))).status).toBe(2);
    const poor = await aTransfer({ genesis: votingGenesis, amount: 10n ** 18n });
    const stale = await transfer(9n);
    const { txResults } = await client.ask('finalizeBlock', blockRequest(1, [poor, stale]));
    expect(txResults.map(({ code, codespace }) => [code, codespace])).toEqual([
      [1, 'BALANCE_TOO_LOW'],
      [2, expect.stringMatching(/^NONCE/)],
    ]);
  });

  it('keeps a proposal within its bytes with what protobuf adds', async () => {
    await using town = await anAbci();
    const client = await town.connect();
    await client.ask('initChain', initRequest());
    const txs = await Promise.all([0n, 1n, 2n].map((nonce) => transfer(nonce)));
    const each = txs[0]!.length + 3;
    const asked = { ...proposeRequest(1, txs), maxTxBytes: BigInt(2 * each) };
    expect((await client.ask('prepareProposal', asked)).txs).toHaveLength(2);
    const less = { ...asked, maxTxBytes: BigInt(2 * each - 1) };
    expect((await client.ask('prepareProposal', less)).txs).toHaveLength(1);
  });

  it('tells which transactions no longer pass when they are checked again', async () => {
    await using town = await anAbci();
    const client = await town.connect();
    await client.ask('initChain', initRequest());
    const [one, other] = [await transfer(0n), await aTransfer({ genesis: votingGenesis, amount: 7n })];
    await client.ask('finalizeBlock', blockRequest(1, [one]));
    await client.ask('commit', {});
    expect((await client.ask('checkTx', { tx: other, type: 1 })).codespace).toBe('NONCE_STALE');
    expect(town.dropped).toHaveLength(1);
  });

  it('lets one transaction of a nonce wait, and no more than its sender can pay for', async () => {
    await using town = await anAbci();
    const client = await town.connect();
    await client.ask('initChain', initRequest());
    const check = async (tx: Uint8Array, type = 0) => (await client.ask('checkTx', { tx, type })).codespace;
    const rich = (nonce: bigint, amount: bigint, tip = 0n) =>
      aTransfer({ genesis: votingGenesis, nonce, amount, tip });
    expect(await check(await rich(0n, 1n))).toBe('');
    expect(await check(await rich(0n, 1n)), 'the same again').toBe('');
    expect(await check(await rich(0n, 2n))).toBe('NONCE_TAKEN');
    expect(await check(await rich(1n, 1n, 600_000_000_000n))).toBe('');
    expect(await check(await rich(2n, 1n, 600_000_000_000n))).toBe('BALANCE_TOO_LOW');
    await client.ask('finalizeBlock', blockRequest(1, [await rich(0n, 1n)]));
    await client.ask('commit', {});
    expect(await check(await rich(1n, 2n)), 'the first still waits').toBe('NONCE_TAKEN');
    for (let height = 2; height <= 5; height++) {
      await client.ask('finalizeBlock', blockRequest(height));
      await client.ask('commit', {});
    }
    expect(await check(await rich(1n, 2n)), 'CometBFT did not check the first for blocks').toBe('');
  });

  it('reads a key with its proof, and says so when it cannot', async () => {
    await using town = await anAbci();
    const client = await town.connect();
    const key = Buffer.from(rosterCell.key);
    const { value, proofOps, height } = await client.ask('query', { path: '/key', data: key, prove: true });
    expect([value.length > 0, proofOps?.ops.length, height]).toEqual([true, 1, 0n]);
    expect((await client.ask('query', { path: '/key', data: key, height: 9n })).codespace).toBe(
      'HEIGHT_UNKNOWN',
    );
    expect((await client.ask('query', { path: '/nowhere' })).code).toBe(1);
    expect((await client.ask('query', { path: '/p2p/filter/addr/1.2.3.4' })).code).toBe(0);
  });

  it('has no snapshot before the first, and votes without extensions', async () => {
    await using town = await anAbci();
    const client = await town.connect();
    expect((await client.ask('listSnapshots', {})).snapshots).toEqual([]);
    expect((await client.ask('offerSnapshot', {})).result).toBe(3);
    expect((await client.ask('loadSnapshotChunk', { height: 1n })).chunk).toHaveLength(0);
    expect((await client.ask('applySnapshotChunk', { index: 0 })).result).toBe(2);
    expect((await client.ask('extendVote', {})).voteExtension).toHaveLength(0);
    expect((await client.ask('verifyVoteExtension', {})).status).toBe(1);
    const extended = await client.ask('verifyVoteExtension', { voteExtension: Uint8Array.of(1) });
    expect(extended.status).toBe(2);
  });

  it('refuses hostile bytes with an exception and goes on with its other connections', async () => {
    await using town = await anAbci({ maxFrameBytes: 10_000 });
    const honest = await town.connect();
    const hostile = [
      Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0x01),
      Uint8Array.of(0x91, 0x4e, 1),
      frameOf(Uint8Array.of(0xff, 0xff, 0xff)),
      frameOf(new Uint8Array(0)),
      // A request of a later version.
      frameOf(Uint8Array.of(0xaa, 0x01, 0x00)),
      // Two requests in one.
      frameOf(Buffer.concat([messageOf('flush', {}), messageOf('commit', {})])),
    ];
    for (const [index, bytes] of hostile.entries()) {
      const client = await town.connect();
      client.write(bytes);
      expect((await client.next()).exception?.error, `case ${index}`).toMatch('was refused');
      await client.closed;
    }
    expect((await honest.ask('echo', { message: 'still here' })).message).toBe('still here');
    expect(town.faults).toEqual([]);
  });

  it('stops altogether when the application fails, and says why', async () => {
    await using town = await anAbci({
      wrapApplication: (inner) => ({
        ...inner,
        async finalizeBlock() {
          throw new Error('the disk is gone');
        },
      }),
    });
    const [client, other] = [await town.connect(), await town.connect()];
    await client.ask('initChain', initRequest());
    await expect(client.ask('finalizeBlock', blockRequest(1))).rejects.toThrow('the disk is gone');
    await Promise.all([client.closed, other.closed]);
    expect(town.faults.map(({ message }) => message)).toEqual(['the disk is gone']);
    const late = await town.connect();
    await Promise.race([late.closed, expect(late.ask('info', {})).rejects.toThrow('closed')]);
  });

  it('refuses to start another chain, and to start again after a block', async () => {
    await using town = await anAbci();
    for (const wrong of [
      { chainId: 'other' },
      { initialHeight: 7n },
      { validators: [] },
      { time: { seconds: 5n, nanos: 0 } },
      { appStateBytes: Buffer.from('{}') },
    ]) {
      const client = await town.connect();
      await expect(
        client.ask('initChain', { ...initRequest(), ...wrong }),
        Object.keys(wrong).join(),
      ).rejects.toThrow('another genesis');
    }
    const client = await town.connect();
    await client.ask('initChain', initRequest());
    await client.ask('finalizeBlock', blockRequest(1));
    await client.ask('commit', {});
    await expect(client.ask('initChain', initRequest())).rejects.toThrow('block 1 is committed');
  });

  it('is at the last committed block after a restart, and takes the next one again', async () => {
    const store = createMemoryStore();
    const kept = { ...store, close: async () => undefined };
    let appHash: Uint8Array;
    {
      await using town = await anAbci({ store: kept });
      const client = await town.connect();
      await client.ask('initChain', initRequest());
      await client.ask('finalizeBlock', blockRequest(1));
      await client.ask('commit', {});
      ({ appHash } = await client.ask('finalizeBlock', blockRequest(2)));
    }
    await using town = await anAbci({ store: kept });
    const client = await town.connect();
    expect((await client.ask('info', {})).lastBlockHeight).toBe(1n);
    const again = await client.ask('finalizeBlock', blockRequest(2));
    expect(bytesToHex(again.appHash)).toBe(bytesToHex(appHash));
  });
});
