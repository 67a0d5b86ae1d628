import { createNativeCrypto, createNativeEd25519Signer } from '@cairn/chain';
import { accountIdOf, bytesToHex, type Logger, utf8ToBytes } from '@cairn/core';
import type { RecordStore } from '@cairn/protocol';
import { type FoundChannel, signPayment, signPlainVoucher } from '@cairn/sdk';
import { describe, expect, it } from 'vitest';
import { createPaymentBook } from '../packages/gateway/src/agents/x402/payment-book.ts';

const crypto = createNativeCrypto();
const chainId = crypto.sha256(utf8ToBytes('a chain'));
const channel = crypto.sha256(utf8ToBytes('a channel'));
const payee = new Uint8Array(32).fill(2);
const aKey = (name: string) => createNativeEd25519Signer(crypto.sha256(utf8ToBytes(name)));

const log: Logger = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
  child: () => log,
};

function aStore(records = new Map<string, Uint8Array>()): RecordStore {
  return {
    get: (key) => records.get(key),
    set: async (key, record) => void records.set(key, record.slice()),
    delete: async (key) => void records.delete(key),
    keys: (prefix) => [...records.keys()].filter((key) => key.startsWith(prefix)),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/** A channel of 1,000 pebbles to a gateway that keeps a book. */
function aBook() {
  const signer = aKey('payer');
  const payer = accountIdOf(crypto, signer.scheme, signer.publicKey);
  const found: { -readonly [K in keyof FoundChannel]: FoundChannel[K] } = {
    payer,
    payee,
    payerKey: payer,
    netuid: 1,
    deposited: 1_000n,
    claimed: 0n,
    totals: [],
    finalAt: 0n,
    openedHeight: 1n,
    recordDeposit: 0n,
  };
  const claims: bigint[] = [];
  const records = aStore();
  const time = { ms: 1_000_000 };
  const open = () =>
    createPaymentBook({
      crypto,
      clock: { nowMs: () => time.ms },
      log,
      chainId,
      payTo: payee,
      records,
      ledger: {
        find: async (id) => (bytesToHex(id) === bytesToHex(channel) ? { ...found } : null),
        claim: async ({ voucher }) => {
          claims.push(voucher.cumulative);
          found.claimed = voucher.cumulative;
        },
      },
    });
  let names = 0;
  const aPayment = async (cumulative: bigint, settled: bigint | null = null, by = signer) => {
    const parts = { crypto, chainId, signer: by };
    names += 1;
    return signPayment(parts, {
      id: `payment-${names}`,
      validUntil: BigInt(time.ms) / 1000n + 60n,
      voucher: await signPlainVoucher(parts, channel, cumulative),
      settled: settled === null ? null : await signPlainVoucher(parts, channel, settled),
    });
  };
  return { book: open(), open, found, claims, time, aPayment };
}

const refusal = (reason: string) => ({ problem: { code: 'payment_invalid', reason } });

describe('the book of payments by callers without a key', () => {
  it('takes one payment of a channel at a time, also when two come together', async () => {
    const { book, aPayment } = aBook();
    const [one, other] = [await aPayment(100n), await aPayment(100n)];
    const opened = await Promise.allSettled([book.open(one, 'upto', 100n), book.open(other, 'upto', 100n)]);
    expect(opened.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    for (const result of opened) {
      if (result.status === 'rejected') expect(result.reason.problem.code).toBe('too_many_requests');
      else {
        await result.value.charge(40n);
        result.value.end();
      }
    }
    const next = await book.open(await aPayment(140n, 40n), 'upto', 100n);
    expect(next.isUsed).toBe(false);
  });

  it('never charges a payment twice, also not after a restart', async () => {
    const { book, open, aPayment } = aBook();
    // It covers several requests, so that its voucher alone would be good for another.
    const payment = await aPayment(500n);
    const first = await book.open(payment, 'batch-settlement', 100n);
    await first.charge(30n);
    first.end();
    const again = await book.open(payment, 'batch-settlement', 100n);
    expect([again.isUsed, again.charged]).toEqual([true, 30n]);
    await expect(again.charge(1n)).rejects.toMatchObject(refusal('USED'));
    await expect(open().open(payment, 'batch-settlement', 100n)).rejects.toMatchObject(refusal('USED'));
    const later = await open().open(await aPayment(500n), 'batch-settlement', 100n);
    expect(later.isUsed).toBe(false);
  });

  it('refuses vouchers that cover less, more than there is, or somebody else’s', async () => {
    const { book, found, aPayment } = aBook();
    await expect(book.verify(await aPayment(99n), 'upto', 100n)).rejects.toMatchObject(refusal('STALE'));
    await expect(book.verify(await aPayment(101n), 'upto', 100n)).rejects.toMatchObject(refusal('STALE'));
    await expect(book.verify(await aPayment(99n), 'batch-settlement', 100n)).rejects.toMatchObject(
      refusal('STALE'),
    );
    await expect(book.verify(await aPayment(1_001n), 'upto', 1_001n)).rejects.toMatchObject(
      refusal('OVERDRAWN'),
    );
    const stranger = await aPayment(100n, null, aKey('stranger'));
    await expect(book.verify(stranger, 'upto', 100n)).rejects.toMatchObject(refusal('FORGED'));
    const fair = await aPayment(100n);
    const mixed = { ...fair, authorization: stranger.authorization };
    await expect(book.verify(mixed, 'upto', 100n)).rejects.toMatchObject(refusal('FORGED'));
    found.payee = new Uint8Array(32).fill(3);
    await expect(book.verify(fair, 'upto', 100n)).rejects.toMatchObject(refusal('NOT_PAYEE'));
    found.payee = payee;
    found.finalAt = 9n;
    await expect(book.verify(fair, 'upto', 100n)).rejects.toMatchObject(refusal('CHANNEL_CLOSING'));
  });

  it('claims what was settled, and a ceiling only when its time is over or the channel closes', async () => {
    const { book, found, claims, time, aPayment } = aBook();
    const pay = async (cumulative: bigint, settled: bigint | null, cost: bigint) => {
      const opened = await book.open(await aPayment(cumulative, settled), 'upto', 100n);
      await opened.charge(cost);
      opened.end();
    };
    await pay(100n, null, 40n);
    await book.claimDue();
    expect(claims).toEqual([]);
    await pay(140n, 40n, 20n);
    await book.claimDue();
    expect(claims).toEqual([40n]);
    await expect(book.settle(await aPayment(59n))).rejects.toMatchObject(refusal('STALE'));
    await expect(book.settle(await aPayment(61n))).rejects.toMatchObject(refusal('STALE'));
    expect(await book.settle(await aPayment(60n))).toMatchObject({ charged: 60n });
    await book.claimDue();
    expect(claims).toEqual([40n, 60n]);
    await pay(160n, null, 10n);
    found.finalAt = 50n;
    await book.claimDue();
    expect(claims).toEqual([40n, 60n, 160n]);
    time.ms += 10_000_000;
    await book.claimDue();
    expect(claims).toEqual([40n, 60n, 160n]);
  });

  it('claims nothing for a request that cost nothing', async () => {
    const { book, claims, time, aPayment } = aBook();
    const opened = await book.open(await aPayment(100n), 'upto', 100n);
    opened.end();
    time.ms += 10_000_000;
    await book.claimDue();
    expect(claims).toEqual([]);
  });
});
