import { bytesToHex } from '@cairn/core';
import { parseTransaction } from '@cairn/ledger';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Chain, MempoolOptions } from '../../src/index.ts';
import {
  aChain,
  aGenesis,
  alice,
  aSigner,
  aTransfer,
  bob,
  crypto,
  idOf,
  type TransferOptions,
} from '../parts.ts';

const carol = aSigner('carol');
const genesis = aGenesis([alice, bob, carol]);
const transfer = (options: TransferOptions = {}) => aTransfer({ genesis, ...options });
const aPool = (mempool: MempoolOptions = {}) => aChain({ genesis, mempool });

/** Senders and nonces in the order a block would take them. */
function order(chain: Chain, maxBytes = 1_000_000): string[] {
  const names = new Map([alice, bob, carol].map((signer, i) => [bytesToHex(idOf(signer)), 'abc'[i]!]));
  return chain.mempool.select(maxBytes).map((tx) => {
    const read = parseTransaction(crypto, tx);
    if (!read.ok) throw new Error(read.problem.message);
    const { sender, nonce } = read.parsed.transaction.body;
    return `${names.get(bytesToHex(sender))}${nonce}`;
  });
}

async function codeOf(chain: Chain, tx: Uint8Array): Promise<string | null> {
  const result = await chain.mempool.submit(tx);
  return result.ok ? null : result.problem.code;
}

describe('the mempool', () => {
  it("takes the best tip first and each sender's transactions in nonce order", async () => {
    await using chain = await aPool();
    await chain.mempool.submit(await transfer({ from: alice, nonce: 1n, tip: 900n }));
    await chain.mempool.submit(await transfer({ from: bob, nonce: 0n, tip: 500n }));
    await chain.mempool.submit(await transfer({ from: alice, nonce: 0n, tip: 100n }));
    await chain.mempool.submit(await transfer({ from: carol, nonce: 0n, tip: 50n }));
    expect(order(chain)).toEqual(['b0', 'a0', 'a1', 'c0']);
  });

  it('holds back what comes after a gap until the gap is filled', async () => {
    await using chain = await aPool();
    await chain.mempool.submit(await transfer({ nonce: 2n }));
    await chain.mempool.submit(await transfer({ nonce: 0n }));
    expect(order(chain)).toEqual(['a0']);
    await chain.mempool.submit(await transfer({ nonce: 1n }));
    expect(order(chain)).toEqual(['a0', 'a1', 'a2']);
  });

  it('keeps to the bytes of a block', async () => {
    await using chain = await aPool();
    const tx = await transfer({ nonce: 0n });
    await chain.mempool.submit(tx);
    await chain.mempool.submit(await transfer({ nonce: 1n }));
    expect(order(chain, tx.length)).toEqual(['a0']);
    expect(order(chain, tx.length - 1)).toEqual([]);
  });

  it('refuses each kind of unfit transaction with its own code', async () => {
    await using chain = await aPool({ maxTransactionBytes: 1_000 });
    const forged = await transfer();
    forged[forged.length - 1]! ^= 1;
    const nonces = { low: await transfer({ nonce: 0n }), high: await transfer({ nonce: 65n }) };
    expect(await codeOf(chain, new Uint8Array(1_001))).toBe('TRANSACTION_TOO_LARGE');
    expect(await codeOf(chain, new Uint8Array(10))).toBe('TRANSACTION_MALFORMED');
    expect(await codeOf(chain, forged)).toBe('SIGNATURE_INVALID');
    expect(await codeOf(chain, await transfer({ genesis: aGenesis() }))).toBe('WRONG_CHAIN');
    expect(await codeOf(chain, await transfer({ maxFee: 1n }))).toBe('FEE_TOO_LOW');
    expect(await codeOf(chain, await transfer({ from: aSigner('nobody') }))).toBe('ACCOUNT_UNKNOWN');
    expect(await codeOf(chain, await transfer({ tip: 10n ** 15n }))).toBe('BALANCE_TOO_LOW');
    expect(await codeOf(chain, nonces.high)).toBe('NONCE_TOO_HIGH');
    expect(await codeOf(chain, nonces.low)).toBeNull();
    await chain.engine.produceBlock();
    await chain.engine.produceBlock();
    expect(await codeOf(chain, nonces.low)).toBe('NONCE_STALE');
    expect(await codeOf(chain, await transfer({ nonce: 1n, validUntil: 1n }))).toBe('TRANSACTION_EXPIRED');
    expect(chain.mempool.count).toBe(0);
  });

  it('accepts the same transaction again without keeping it twice', async () => {
    await using chain = await aPool();
    const tx = await transfer();
    expect(await chain.mempool.submit(tx)).toEqual(await chain.mempool.submit(tx));
    expect(chain.mempool.count).toBe(1);
  });

  it('replaces a transaction only for a clearly higher tip', async () => {
    await using chain = await aPool();
    await chain.mempool.submit(await transfer({ tip: 1_000n }));
    expect(await codeOf(chain, await transfer({ tip: 1_099n, amount: 2n }))).toBe('REPLACEMENT_TIP_TOO_LOW');
    expect(await codeOf(chain, await transfer({ tip: 1_101n, amount: 2n }))).toBeNull();
    expect(chain.mempool.count).toBe(1);
  });

  it('tells who waits that the transaction was replaced', async () => {
    await using chain = await aPool();
    const waiting = chain.ledger.submitAndWait(await transfer());
    await chain.mempool.submit(await transfer({ tip: 10n, amount: 2n }));
    expect(await waiting).toMatchObject({ ok: false, problem: { code: 'REPLACED' }, transaction: null });
  });

  it('evicts the lowest tip for a higher one when it is full, and refuses a lower one', async () => {
    await using chain = await aPool({ maxCount: 2 });
    await chain.mempool.submit(await transfer({ from: alice, tip: 100n }));
    await chain.mempool.submit(await transfer({ from: bob, tip: 200n }));
    expect(await codeOf(chain, await transfer({ from: carol, tip: 50n }))).toBe('MEMPOOL_FULL');
    expect(await codeOf(chain, await transfer({ from: carol, tip: 150n }))).toBeNull();
    expect(order(chain)).toEqual(['b0', 'c0']);
  });

  it('evicts what waits behind a gap before anything that can enter a block, whatever it tips', async () => {
    await using chain = await aPool({ maxCount: 3 });
    await chain.mempool.submit(await transfer({ from: alice, nonce: 5n, tip: 1_000_000n }));
    await chain.mempool.submit(await transfer({ from: alice, nonce: 6n, tip: 1_000_000n }));
    await chain.mempool.submit(await transfer({ from: bob, tip: 1n }));
    expect(await codeOf(chain, await transfer({ from: carol, tip: 0n }))).toBeNull();
    expect(order(chain)).toEqual(['b0', 'c0']);
  });

  it("does not let a sender's waiting fees exceed what it can spend", async () => {
    await using chain = await aPool();
    const tip = 600_000_000_000n;
    expect(await codeOf(chain, await transfer({ nonce: 0n, tip }))).toBeNull();
    expect(await codeOf(chain, await transfer({ nonce: 1n, tip }))).toBe('BALANCE_TOO_LOW');
  });

  it('bounds the transactions of one sender', async () => {
    await using chain = await aPool({ maxPerSender: 3 });
    for (let nonce = 0n; nonce < 3n; nonce++)
      expect(await codeOf(chain, await transfer({ nonce }))).toBeNull();
    expect(await codeOf(chain, await transfer({ nonce: 3n }))).toBe('SENDER_LIMIT_REACHED');
  });

  it('bounds the transactions being checked at a time', async () => {
    await using chain = await aPool({ maxChecking: 1 });
    const both = [await transfer({ nonce: 0n }), await transfer({ nonce: 1n })].map((tx) =>
      chain.mempool.submit(tx),
    );
    const [first, second] = await Promise.all(both);
    expect(first!.ok).toBe(true);
    expect(second).toMatchObject({ ok: false, problem: { code: 'MEMPOOL_BUSY' } });
  });

  it('drops what waited too long and what no longer passes', async () => {
    await using chain = await aPool({ ttlBlocks: 3 });
    await chain.mempool.submit(await transfer({ from: alice, nonce: 9n }));
    const rich = await transfer({ from: bob, nonce: 0n, amount: 999_990_000_000n });
    const poor = await transfer({ from: bob, nonce: 1n, tip: 50_000_000n });
    await chain.mempool.submit(poor);
    await chain.mempool.submit(rich);
    await chain.engine.produceBlock();
    expect(chain.mempool.count).toBe(1);
    for (let block = 0; block < 3; block++) await chain.engine.produceBlock();
    expect(chain.mempool.count).toBe(0);
  });

  it('is not fooled by bytes that change after they were submitted', async () => {
    await using chain = await aPool();
    const tx = await transfer({ amount: 7n });
    const submitted = chain.mempool.submit(tx);
    tx.fill(0);
    expect((await submitted).ok).toBe(true);
    const { results } = await chain.engine.produceBlock();
    expect(results.map(({ ok }) => ok)).toEqual([true]);
  });

  it('refuses any bytes of strangers with a problem, never an exception (seed 11)', async () => {
    await using chain = await aPool();
    const good = await transfer();
    const mutated = fc.array(fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 })), {
      minLength: 1,
      maxLength: 4,
    });
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      mutated.map((changes) => {
        const copy = good.slice();
        for (const [offset, mask] of changes) copy[offset]! ^= mask;
        return copy;
      }),
      fc
        .tuple(fc.nat(good.length), fc.uint8Array({ maxLength: 40 }))
        .map(([cut, tail]) => Uint8Array.from([...good.slice(0, cut), ...tail])),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (tx) => {
        const result = await chain.mempool.submit(tx);
        const isGood = bytesToHex(tx) === bytesToHex(good);
        expect(result.ok, bytesToHex(tx)).toBe(isGood);
      }),
      { seed: 11, numRuns: 400 },
    );
  });
});
