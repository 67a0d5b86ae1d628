import { authorizationShape, authorize, bytesToHex, decode, encode, type Signer } from '@cairn/core';
import { soldArtifactOf, type Voucher, voucherSignBytes } from '@cairn/ledger';
import {
  type ClientFrame,
  decodeServerFrame,
  encodeFrame,
  encodeInferBody,
  INFER_PROTOCOL,
  inferSignBytes,
  receiptId,
  type ServerFrame,
  signedReceiptShape,
  signedVoucherShape,
} from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { ask, gather, words } from './asking.ts';
import { artifact, aSigner, aTown, chainId, crypto, model, type Town } from './parts.ts';

const zero = new Uint8Array(32);

const sold = soldArtifactOf(crypto, { model, artifact });

async function aChannel(town: Town, deposit = 100_000n): Promise<Uint8Array> {
  return town.ledger.of(town.payerKey.account).open(town.miner.account, 1, deposit);
}

async function aVoucher(
  signer: Signer,
  channel: Uint8Array,
  cumulative: bigint,
  fields: Partial<Voucher> = {},
) {
  const totals = cumulative === 0n ? [] : [{ artifact: sold, amount: cumulative }];
  const voucher: Voucher = { channel, cumulative, totals, lastReceipt: zero, ...fields };
  return encode(signedVoucherShape, {
    voucher,
    authorization: await authorize(signer, voucherSignBytes(chainId, voucher)),
  });
}

interface OpenOptions {
  readonly signer?: Signer;
  readonly key?: string;
  readonly content?: string;
  readonly artifact?: Uint8Array;
  readonly params?: object;
  readonly prefill?: readonly number[];
}

let keys = 0;

async function anOpen(
  town: Town,
  channel: Uint8Array,
  voucher: Uint8Array,
  options: OpenOptions = {},
): Promise<ClientFrame> {
  keys += 1;
  const body = encodeInferBody({
    artifact: options.artifact ?? artifact,
    endpoint: 'chat',
    prompt: { kind: 'chat', messages: [{ role: 'user', content: options.content ?? words(100) }] },
    params: {
      maxTokens: 500,
      temperature: 0,
      topP: 1,
      seed: null,
      stop: [],
      topLogprobs: 0,
      ...options.params,
    },
    salt: new Uint8Array(16),
    ...(options.prefill === undefined ? {} : { prefill: options.prefill }),
  });
  const idempotencyKey = options.key ?? `hostile ${keys}`;
  const asked = inferSignBytes(chainId, channel, crypto.sha256(body), idempotencyKey);
  const authorization = encode(
    authorizationShape,
    await authorize(options.signer ?? town.payerKey.signer, asked),
  );
  return { type: 'open', authorization, voucher, idempotencyKey, body };
}

/** Speaks the protocol by hand. */
async function talk(town: Town, ...frames: readonly (ClientFrame | Uint8Array)[]) {
  const stream = await town.payerTransport.dial('miner', INFER_PROTOCOL);
  for (const frame of frames) await stream.write(frame instanceof Uint8Array ? frame : encodeFrame(frame));
  return {
    stream,
    send: (frame: ClientFrame) => stream.write(encodeFrame(frame)),
    async next(): Promise<ServerFrame | null> {
      const bytes = await stream.read();
      return bytes === null ? null : decodeServerFrame(bytes);
    },
    /** Deltas until something else comes. */
    async drain() {
      let tokens = 0;
      for (;;) {
        const bytes = await stream.read();
        const frame = bytes === null ? null : decodeServerFrame(bytes);
        if (frame?.type !== 'delta') return { tokens, frame };
        tokens += frame.tokens;
      }
    },
  };
}

async function refusal(town: Town, ...frames: readonly (ClientFrame | Uint8Array)[]): Promise<string> {
  const { next } = await talk(town, ...frames);
  const frame = await next();
  return frame?.type === 'error' ? frame.code : `not refused: ${frame?.type}`;
}

describe('a hostile payer is told what is wrong', () => {
  const voucherCases: readonly [string, string, (town: Town, channel: Uint8Array) => Promise<Uint8Array>][] =
    [
      [
        'overdrawn',
        'VOUCHER_OVERDRAWN',
        (town, channel) => aVoucher(town.payerKey.signer, channel, 100_001n),
      ],
      ['forged', 'VOUCHER_FORGED', (_town, channel) => aVoucher(aSigner('thief').signer, channel, 500n)],
      [
        'with totals that do not add up',
        'VOUCHER_MALFORMED',
        (town, channel) => aVoucher(town.payerKey.signer, channel, 500n, { totals: [] }),
      ],
      [
        'countersigning a receipt that never was',
        'VOUCHER_STALE',
        (town, channel) =>
          aVoucher(town.payerKey.signer, channel, 500n, { lastReceipt: zero.slice().fill(9) }),
      ],
      [
        'on a channel that never was',
        'CHANNEL_UNKNOWN',
        (town) => aVoucher(town.payerKey.signer, zero.slice().fill(5), 500n),
      ],
    ];

  it.each(voucherCases)('voucher %s: %s', async (_what, code, make) => {
    const town = await aTown();
    const channel = await aChannel(town);
    expect(await refusal(town, await anOpen(town, channel, await make(town, channel)))).toBe(code);
  });

  it('voucher replayed: VOUCHER_REPLAYED', async () => {
    const town = await aTown();
    const channel = await aChannel(town);
    const { signer } = town.payerKey;
    const { next, send, drain } = await talk(
      town,
      await anOpen(town, channel, await aVoucher(signer, channel, 900n)),
    );
    expect((await next())?.type).toBe('accepted');
    await send({ type: 'voucher', voucher: await aVoucher(signer, channel, 400n) });
    const { frame } = await drain();
    const last = frame?.type === 'usage' ? await drain().then(({ frame }) => frame) : frame;
    const error = last?.type === 'receipt' ? await next() : last;
    expect(error).toMatchObject({ type: 'error', code: 'VOUCHER_REPLAYED' });
  });

  it('voucher for another provider: CHANNEL_NOT_MINE', async () => {
    const town = await aTown();
    const other = await town.startMiner('other');
    const channel = await town.ledger.of(town.payerKey.account).open(other.account, 1, 1000n);
    const voucher = await aVoucher(town.payerKey.signer, channel, 0n);
    expect(await refusal(town, await anOpen(town, channel, voucher))).toBe('CHANNEL_NOT_MINE');
  });

  it('channel that is closing: CHANNEL_CLOSING', async () => {
    const town = await aTown();
    const channel = await aChannel(town);
    await town.ledger.of(town.payerKey.account).startClose(channel);
    const voucher = await aVoucher(town.payerKey.signer, channel, 100n);
    expect(await refusal(town, await anOpen(town, channel, voucher))).toBe('CHANNEL_CLOSING');
  });

  it("a stranger with somebody's claimed voucher: REQUEST_FORGED", async () => {
    const town = await aTown();
    const channel = await aChannel(town);
    const voucher = await aVoucher(town.payerKey.signer, channel, 0n);
    const open = await anOpen(town, channel, voucher, { signer: aSigner('thief').signer });
    expect(await refusal(town, open)).toBe('REQUEST_FORGED');
  });

  it('the same request again: REQUEST_REPLAYED', async () => {
    const town = await aTown();
    const channel = await aChannel(town);
    const open = await anOpen(town, channel, await aVoucher(town.payerKey.signer, channel, 0n));
    const first = await talk(town, open);
    expect((await first.next())?.type).toBe('accepted');
    expect(await refusal(town, open)).toBe('REQUEST_REPLAYED');
  });

  it('another model, a parameter it lacks, a prompt too long, more at once than offered', async () => {
    const town = await aTown({ terms: { maxConcurrency: 1 }, echo: { contextTokens: 50 } });
    const channel = await aChannel(town);
    const voucher = await aVoucher(town.payerKey.signer, channel, 0n);
    const open = (options: OpenOptions) => anOpen(town, channel, voucher, options);
    expect(await refusal(town, await open({ artifact: zero }))).toBe('MODEL_UNKNOWN');
    expect(await refusal(town, await open({ params: { seed: 1 } }))).toBe('CAPABILITY_MISSING');
    expect(await refusal(town, await open({ content: words(100) }))).toBe('CONTEXT_TOO_SMALL');
    const first = await talk(town, await open({ content: 'short' }));
    expect((await first.next())?.type).toBe('accepted');
    expect(await refusal(town, await open({ content: 'short' }))).toBe('BUSY');
  });

  it.each([
    ['garbage', Uint8Array.of(1, 2, 3)],
    ['a frame that is not an opening', encodeFrame({ type: 'cancel' })],
    ['an opening cut in half', encodeFrame({ type: 'cancel' }).slice(0, 4)],
  ])('%s: REQUEST_MALFORMED', async (_what, bytes) => {
    const town = await aTown();
    expect(await refusal(town, bytes)).toBe('REQUEST_MALFORMED');
  });
});

describe('a payer that never pays', () => {
  it('as a stranger gets nothing', async () => {
    const town = await aTown();
    const channel = await aChannel(town);
    const { next, drain } = await talk(
      town,
      await anOpen(town, channel, await aVoucher(town.payerKey.signer, channel, 0n)),
    );
    expect(await next()).toMatchObject({ type: 'accepted', trancheTokens: 0, prepayTokens: 8 });
    const draining = drain();
    await new Promise((resolve) => setImmediate(resolve));
    await town.timer.fire();
    expect(await draining).toMatchObject({ tokens: 0, frame: { type: 'error', code: 'UNPAID' } });
  });

  it('has nobody read the tokens of an answer for it, however many it sends', async () => {
    let generated = 0;
    const beforeToken = async () => {
      generated += 1;
    };
    const town = await aTown({ echo: { beforeToken } });
    const channel = await aChannel(town);
    const voucher = await aVoucher(town.payerKey.signer, channel, 0n);
    const { next, drain } = await talk(town, await anOpen(town, channel, voucher, { prefill: [7, 8, 9] }));
    expect(await next()).toMatchObject({ type: 'accepted', promptTokens: 103 });
    const draining = drain();
    await new Promise((resolve) => setImmediate(resolve));
    await town.timer.fire();
    expect(await draining).toMatchObject({ tokens: 0, frame: { type: 'error', code: 'UNPAID' } });
    expect(generated).toBe(0);
    const prefill = Array.from({ length: 5_000 }, () => 7);
    expect(await refusal(town, await anOpen(town, channel, voucher, { prefill }))).toBe('CONTEXT_TOO_SMALL');
  });

  it('and forks its promise to another artifact is claimed from for what it had when it closes', async () => {
    const town = await aTown();
    const channel = await aChannel(town);
    const { signer, account } = town.payerKey;
    const fork = (of: Uint8Array) =>
      aVoucher(signer, channel, 2_000n, { totals: [{ artifact: of, amount: 2_000n }] });
    const first = await talk(town, await anOpen(town, channel, await fork(artifact), { content: words(3) }));
    expect((await first.next())?.type).toBe('accepted');
    expect((await first.drain()).tokens).toBe(3);
    expect((await first.next())?.type).toBe('receipt');
    const forked = await fork(zero.slice().fill(3));
    await refusal(town, await anOpen(town, channel, forked, { content: words(3) }));
    await town.ledger.of(account).startClose(channel);
    town.clock.advance(10_000);
    await town.miner.payee.onBlock(11);
    const [books] = town.miner.payee.channels().map(({ record }) => record);
    const claimed = town.ledger.claims.reduce((sum, { amount }) => sum + amount, 0n);
    expect(books!.settled > 0n && claimed >= books!.settled, `${claimed} of ${books!.settled}`).toBe(true);
  });

  it('after earning trust gets one tranche, and then pays ahead', async () => {
    const town = await aTown();
    await gather(ask(town, 'an honest question', { maxTokens: 3 }));
    const [books] = town.payer.channels();
    const standing = books!.lastVoucher!;
    const voucher = encode(signedVoucherShape, standing);
    const first = await talk(town, await anOpen(town, books!.channel, voucher, { content: words(400) }));
    expect(await first.next()).toMatchObject({ type: 'accepted', trancheTokens: 64, prepayTokens: 0 });
    const draining = first.drain();
    for (let i = 0; i < 20; i += 1) await new Promise((resolve) => setImmediate(resolve));
    await town.timer.fire();
    const { tokens } = await draining;
    expect(tokens).toBe(64);
    first.stream.abort('gone');
    for (let i = 0; i < 20; i += 1) await new Promise((resolve) => setImmediate(resolve));
    const second = await talk(town, await anOpen(town, books!.channel, voucher, { content: words(400) }));
    expect(await second.next()).toMatchObject({ type: 'accepted', trancheTokens: 0, prepayTokens: 8 });
    const again = second.drain();
    for (let i = 0; i < 20; i += 1) await new Promise((resolve) => setImmediate(resolve));
    await town.timer.fire();
    expect((await again).tokens).toBe(0);
  });
});

/** Asks, pays ahead with the vouchers given and reads to the receipt. */
async function answered(town: Town, open: ClientFrame, ...vouchers: readonly Uint8Array[]) {
  const talking = await talk(town, open);
  expect((await talking.next())?.type).toBe('accepted');
  for (const voucher of vouchers) await talking.send({ type: 'voucher', voucher });
  expect((await talking.drain()).frame?.type).toBe('usage');
  const frame = await talking.next();
  if (frame?.type !== 'receipt') throw new Error(`no receipt but ${frame?.type}`);
  const { receipt } = decode(signedReceiptShape, frame.receipt);
  return { ...talking, receipt, id: receiptId(crypto, receipt) };
}

describe('a payer that makes its vouchers hard to claim', () => {
  it('by staying ahead of its receipts and never settling is claimed from when it closes', async () => {
    const town = await aTown();
    const channel = await aChannel(town);
    const { signer } = town.payerKey;
    const open = await anOpen(town, channel, await aVoucher(signer, channel, 0n));
    const { receipt, stream } = await answered(town, open, await aVoucher(signer, channel, 5_000n));
    expect(receipt.cumulative < 5_000n).toBe(true);
    stream.abort('gone');
    await town.miner.payee.onBlock(10);
    expect(town.ledger.claims).toEqual([]);
    await town.ledger.of(town.payerKey.account).startClose(channel);
    town.clock.advance(60_000);
    await town.miner.payee.onBlock(11);
    expect(town.ledger.claims.map(({ amount }) => amount)).toEqual([5_000n]);
    await town.miner.payee.onBlock(12);
    expect(town.ledger.claims).toHaveLength(1);
  });

  it('by promising it for another artifact first cannot bar the claims after it', async () => {
    const town = await aTown();
    const { signer } = town.payerKey;
    const measured = await aChannel(town);
    const content = 'a short one';
    const ask = async (channel: Uint8Array, voucher: Uint8Array) =>
      anOpen(town, channel, voucher, { content });
    const { receipt: first } = await answered(
      town,
      await ask(measured, await aVoucher(signer, measured, 0n)),
      await aVoucher(signer, measured, 5_000n),
    );
    const price = first.cumulative;
    const channel = await aChannel(town);
    const elsewhere = { totals: [{ artifact: zero, amount: price }] };
    const one = await answered(
      town,
      await ask(channel, await aVoucher(signer, channel, 0n)),
      await aVoucher(signer, channel, price, elsewhere),
    );
    expect(one.receipt.cumulative).toBe(price);
    one.stream.abort('gone');
    await town.miner.payee.claimAll();
    const two = await answered(
      town,
      await ask(channel, await aVoucher(signer, channel, price, { lastReceipt: one.id })),
      await aVoucher(signer, channel, 2n * price, { lastReceipt: one.id }),
    );
    expect(two.receipt.cumulative).toBe(2n * price);
    two.stream.abort('gone');
    await town.miner.payee.claimAll();
    const hex = bytesToHex(channel);
    expect(town.ledger.channels.get(hex)?.claimed).toBe(2n * price);
  });
});

describe('vouchers that overtake each other on different streams', () => {
  it('change nothing and break no answer', async () => {
    const town = await aTown();
    const channel = await aChannel(town);
    const { signer } = town.payerKey;
    const first = await talk(town, await anOpen(town, channel, await aVoucher(signer, channel, 0n)));
    expect((await first.next())?.type).toBe('accepted');
    const early = await aVoucher(signer, channel, 500n);
    const open = await anOpen(town, channel, await aVoucher(signer, channel, 400n));
    const second = await talk(town, open);
    expect((await second.next())?.type).toBe('accepted');
    await first.send({ type: 'voucher', voucher: await aVoucher(signer, channel, 90_000n) });
    await second.send({ type: 'voucher', voucher: early });
    expect((await first.drain()).frame?.type).toBe('usage');
    expect((await second.drain()).frame?.type).toBe('usage');
    const third = await talk(town, await anOpen(town, channel, early));
    expect((await third.next())?.type).toBe('accepted');
  });
});
