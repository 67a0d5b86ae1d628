import { bytesToHex, hexToBytes, verifyConsensusVote } from '@cairn/core';
import {
  type Application,
  commitHash,
  headerHash,
  type LightBlock,
  lightBlockShape,
  resultsHash,
  transactionsHash,
  voteSignBytes,
} from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { createThreadedVerifier } from '../../src/index.ts';
import { aChain, aTransfer, bob, crypto, GENESIS_MS, include, operator } from '../parts.ts';

describe('the solo engine', () => {
  it('makes a block each interval, also without transactions, chained and signed by its operator', async () => {
    await using chain = await aChain();
    await chain.engine.start();
    await chain.time.advance(5_000);
    const { height } = await chain.ledger.status();
    expect(height).toBe(5);
    let previous: LightBlock | null = null;
    for (let at = 1; at <= height; at++) {
      const { header, appHash } = (await chain.ledger.block(at))!;
      expect(header.timeMs, `block ${at}`).toBe(GENESIS_MS + 1_000 + at * 1_000);
      const light: LightBlock = lightBlockShape.fromJson(await chain.ledger.lightBlock(at));
      expect(bytesToHex(headerHash(crypto, light.header)), `block ${at}`).toBe(header.hash);
      expect(light.commit.blockId.hash, `block ${at}`).toEqual(hexToBytes(header.hash));
      expect(light.header.appHash, `block ${at}`).toEqual(hexToBytes(header.previousAppHash));
      expect(light.header.lastCommitHash, `block ${at}`).toEqual(
        commitHash(crypto, previous?.commit.signatures ?? []),
      );
      expect(header.previousHash, `block ${at}`).toBe(
        previous === null ? '00'.repeat(32) : bytesToHex(headerHash(crypto, previous.header)),
      );
      expect(light.header.lastBlockId, `block ${at}`).toEqual(
        previous?.commit.blockId ?? { hash: new Uint8Array(), partsTotal: 0, partsHash: new Uint8Array() },
      );
      const [vote] = light.commit.signatures;
      const signed = voteSignBytes(light.header.chainId, light.commit, vote!.time);
      expect(light.validators).toEqual([{ publicKey: operator.publicKey, power: 1n }]);
      expect(verifyConsensusVote(operator.publicKey, signed, vote!.signature), `block ${at}`).toBe(true);
      expect(appHash, `block ${at}`).not.toBe(header.previousAppHash);
      previous = light;
    }
    expect(await chain.ledger.lightBlock()).toEqual(await chain.ledger.lightBlock(height));
    for (const at of [0, -1, 1.5, height + 1])
      expect(await chain.ledger.lightBlock(at), String(at)).toBeNull();
  });

  it('names the transactions of a block, and their results in the next', async () => {
    await using chain = await aChain();
    await chain.engine.start();
    const tooMuch = await aTransfer({ from: bob, amount: 10n ** 18n });
    await Promise.all([aTransfer(), tooMuch].map(async (tx) => chain.mempool.submit(await tx)));
    await chain.time.advance(2_000);
    const headers = await Promise.all(
      [1, 2].map(async (at) => lightBlockShape.fromJson(await chain.ledger.lightBlock(at)).header),
    );
    const block = (await chain.ledger.block(1))!;
    expect(block.transactions.map(({ ok }) => ok).sort()).toEqual([false, true]);
    const txs = block.transactions.map(({ bytes }) => hexToBytes(bytes));
    expect(headers[0]!.dataHash).toEqual(transactionsHash(crypto, txs));
    expect(headers[1]!.lastResultsHash).toEqual(resultsHash(crypto, block.transactions));
    expect(headers[1]!.lastResultsHash).not.toEqual(resultsHash(crypto, [...block.transactions].reverse()));
  });

  it('moves time on even when the clock stands still or goes back', async () => {
    await using chain = await aChain();
    const times: number[] = [];
    for (let block = 0; block < 3; block++)
      times.push(Number((await chain.engine.produceBlock()).header.timeMs));
    expect(times).toEqual([GENESIS_MS + 1_000, GENESIS_MS + 1_001, GENESIS_MS + 1_002]);
  });

  it('never makes two blocks at once', async () => {
    let inside = 0;
    let most = 0;
    const counted = (inner: Application): Application => ({
      ...inner,
      async finalizeBlock(block) {
        inside += 1;
        most = Math.max(most, inside);
        return inner.finalizeBlock(block);
      },
      async commit() {
        const done = await inner.commit();
        inside -= 1;
        return done;
      },
    });
    await using chain = await aChain({}, { wrapApplication: counted });
    await chain.engine.start();
    await Promise.all([chain.engine.produceBlock(), chain.time.advance(3_000), chain.engine.produceBlock()]);
    expect(most).toBe(1);
    expect((await chain.ledger.status()).height).toBe(5);
  });

  it('stops at the first error, tells who waits, and goes on from the last block after a restart', async () => {
    let isBroken = false;
    const breaking = (inner: Application): Application => ({
      ...inner,
      async commit() {
        if (isBroken) throw new Error('the disk is gone');
        return inner.commit();
      },
    });
    const chain = await aChain({}, { wrapApplication: breaking });
    await chain.engine.start();
    await chain.time.advance(2_000);
    isBroken = true;
    const result = await include(chain, await aTransfer());
    expect(result).toMatchObject({ ok: false, problem: { code: 'CHAIN_STOPPED' } });
    expect(chain.engine.failure?.message).toBe('the disk is gone');
    await expect(chain.engine.produceBlock()).rejects.toMatchObject({ code: 'ENGINE_STOPPED' });
    await chain.close();
    await using again = await aChain({ folder: chain.folder });
    expect((await again.ledger.status()).height).toBe(2);
  });

  it('gives the same chain with signatures checked on other threads', async () => {
    const roots: string[] = [];
    for (const verifier of [
      undefined,
      createThreadedVerifier(crypto, { threads: 2, inlineBelow: 1, batch: 3 }),
    ]) {
      await using chain = await aChain({}, verifier === undefined ? {} : { verifier });
      const txs = await Promise.all(
        Array.from({ length: 20 }, (_, nonce) => aTransfer({ nonce: BigInt(nonce) })),
      );
      const forged = txs[4]!.slice();
      forged[forged.length - 1]! ^= 1;
      const results = await Promise.all([...txs, forged].map((tx) => chain.mempool.submit(tx)));
      expect(results.map(({ ok }) => ok)).toEqual([...txs.map(() => true), false]);
      roots.push(bytesToHex((await chain.engine.produceBlock()).appHash));
    }
    expect(roots[1]).toBe(roots[0]);
  });
});
