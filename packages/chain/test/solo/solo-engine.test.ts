import { bytesToHex, hexToBytes } from '@cairn/core';
import type { Application } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { blockSignBytes, createThreadedVerifier } from '../../src/index.ts';
import { aChain, aTransfer, crypto, GENESIS_MS, include, operator } from '../parts.ts';

describe('the solo engine', () => {
  it('makes a block each interval, also without transactions, chained and signed by its operator', async () => {
    await using chain = await aChain();
    await chain.engine.start();
    await chain.time.advance(5_000);
    const { height } = await chain.ledger.status();
    expect(height).toBe(5);
    let previousHash = '00'.repeat(32);
    for (let at = 1; at <= height; at++) {
      const { header } = (await chain.ledger.block(at))!;
      expect(header.timeMs, `block ${at}`).toBe(GENESIS_MS + 1_000 + at * 1_000);
      expect(header.previousHash, `block ${at}`).toBe(previousHash);
      const message = blockSignBytes(hexToBytes(header.hash));
      expect(header.publicKey).toBe(bytesToHex(operator.publicKey));
      expect(
        crypto.verifyEd25519(operator.publicKey, message, hexToBytes(header.signature)),
        `block ${at}`,
      ).toBe(true);
      previousHash = header.hash;
    }
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
