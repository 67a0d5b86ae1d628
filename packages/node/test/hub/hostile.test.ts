import { authorizationShape, authorize, decode, encode, type Signer } from '@cairn/core';
import { priceOf, type Voucher, voucherSignBytes } from '@cairn/ledger';
import {
  decodeClientFrame,
  decodeHubFrame,
  decodeInferBody,
  decodeServerFrame,
  encodeFrame,
  encodeHubFrame,
  HUB_PROTOCOL,
  type HubFrame,
  type HubUserFrame,
  INFER_PROTOCOL,
  inferSignBytes,
  NO_ROOT,
  type Receipt,
  receiptSignBytes,
  responseHashOf,
  type Stream,
  signedReceiptShape,
  signedVoucherShape,
  type Transport,
  tokenIdsRoot,
} from '@cairn/protocol';
import { soldByHub } from '@cairn/sdk';
import { describe, expect, it } from 'vitest';
import { gather, words } from '../miner/asking.ts';
import { anOffer, aPrice, artifact, aSigner, chainId, crypto, model } from '../miner/parts.ts';
import { aHubTown, FEE_BPS, type HubTown } from './hub-town.ts';

const zero = new Uint8Array(32);

async function aVoucher(
  signer: Signer,
  channel: Uint8Array,
  cumulative: bigint,
  fields: Partial<Voucher> = {},
) {
  const totals =
    cumulative === 0n ? [] : [{ artifact: soldByHub(crypto, { model, artifact }), amount: cumulative }];
  const voucher: Voucher = { channel, cumulative, totals, lastReceipt: zero, ...fields };
  const authorization = await authorize(signer, voucherSignBytes(chainId, voucher));
  return encode(signedVoucherShape, { voucher, authorization });
}

interface WantOptions {
  readonly signer?: Signer;
  readonly key?: string;
  readonly feeBps?: number;
  readonly provider?: Uint8Array;
}

async function aWant(
  town: HubTown,
  channel: Uint8Array,
  voucher: Uint8Array,
  {
    signer = town.user.signer,
    key = 'a key',
    feeBps = FEE_BPS,
    provider = town.miner.account,
  }: WantOptions = {},
): Promise<HubUserFrame> {
  const requestHash = crypto.sha256(zero);
  const asked = inferSignBytes(chainId, channel, requestHash, key);
  const authorization = encode(authorizationShape, await authorize(signer, asked));
  return {
    type: 'want',
    ...{ voucher, authorization, idempotencyKey: key, requestHash, provider, model, artifact, feeBps },
    ...{ netuid: 1, maxTokens: 100, mostPromptTokens: 100 },
  };
}

async function talk(town: HubTown, ...frames: readonly HubUserFrame[]): Promise<HubFrame> {
  const stream = await town.user.transport.dial(town.peer, HUB_PROTOCOL);
  for (const frame of frames) await stream.write(encodeHubFrame(frame));
  const bytes = await stream.read();
  stream.abort('seen enough');
  return decodeHubFrame(bytes!);
}

const aChannel = (town: HubTown, deposit = 100_000n) =>
  town.ledger.of(town.user.account).open(town.key.account, 0, deposit);

describe('a hub takes no money that is not there', () => {
  const refusals: readonly [string, string, (town: HubTown, channel: Uint8Array) => Promise<HubUserFrame>][] =
    [
      [
        'a voucher above the deposit',
        'VOUCHER_OVERDRAWN',
        async (town, channel) => aWant(town, channel, await aVoucher(town.user.signer, channel, 100_001n)),
      ],
      [
        'a voucher that somebody else signed',
        'VOUCHER_FORGED',
        async (town, channel) => aWant(town, channel, await aVoucher(aSigner('thief').signer, channel, 0n)),
      ],
      [
        'a request that somebody else signed',
        'REQUEST_FORGED',
        async (town, channel) =>
          aWant(town, channel, await aVoucher(town.user.signer, channel, 0n), {
            signer: aSigner('thief').signer,
          }),
      ],
      [
        'a voucher that names a receipt of nobody',
        'VOUCHER_STALE',
        async (town, channel) =>
          aWant(
            town,
            channel,
            await aVoucher(town.user.signer, channel, 0n, { lastReceipt: new Uint8Array(32).fill(7) }),
          ),
      ],
      [
        'a channel that the ledger does not know',
        'CHANNEL_UNKNOWN',
        async (town) => aWant(town, zero, await aVoucher(town.user.signer, zero, 0n)),
      ],
      [
        'less than it takes',
        'FEE_TOO_LOW',
        async (town, channel) =>
          aWant(town, channel, await aVoucher(town.user.signer, channel, 0n), { feeBps: FEE_BPS - 1 }),
      ],
      [
        'a provider without an offer on the ledger',
        'OFFER_UNKNOWN',
        async (town, channel) =>
          aWant(town, channel, await aVoucher(town.user.signer, channel, 0n), {
            provider: aSigner('x').account,
          }),
      ],
    ];

  it.each(refusals)('refuses %s', async (_, code, frame) => {
    const town = await aHubTown();
    const channel = await aChannel(town);
    expect(await talk(town, await frame(town, channel))).toMatchObject({ type: 'error', code });
    expect(town.payer.channels()).toEqual([]);
  });

  it('serves a signed request once, and takes no voucher that promises less than one before', async () => {
    const town = await aHubTown();
    const channel = await aChannel(town);
    const first = await aWant(town, channel, await aVoucher(town.user.signer, channel, 500n));
    expect((await talk(town, first)).type).toBe('way');
    expect(await talk(town, first)).toMatchObject({ type: 'error', code: 'REQUEST_REPLAYED' });
    const fork = await aWant(town, channel, await aVoucher(town.user.signer, channel, 400n), {
      key: 'another',
    });
    expect(await talk(town, fork)).toMatchObject({ type: 'error', code: 'VOUCHER_REPLAYED' });
  });

  it('promises a provider nothing for a request that is none', async () => {
    const town = await aHubTown();
    const channel = await aChannel(town);
    const stream = await town.user.transport.dial(town.peer, HUB_PROTOCOL);
    const body = new Uint8Array(16);
    await stream.write(
      encodeHubFrame(await aWant(town, channel, await aVoucher(town.user.signer, channel, 0n))),
    );
    expect(decodeHubFrame((await stream.read())!).type).toBe('way');
    await stream.write(encodeHubFrame({ type: 'clear', body }));
    const refused = decodeHubFrame((await stream.read())!);
    expect(refused).toMatchObject({ type: 'error', code: 'REQUEST_MALFORMED' });
    await town.quiet();
    expect(town.payer.channels().reduce((sum, { promised }) => sum + promised, 0n)).toBe(0n);
  });
});

/** A hub between user and provider that changes what it passes on. */
function tamper(change: (frame: HubFrame) => HubFrame): (transport: Transport) => Transport {
  const wrap = (stream: Stream): Stream => ({
    ...stream,
    remote: stream.remote,
    protocol: stream.protocol,
    read: () => stream.read(),
    closeWrite: () => stream.closeWrite(),
    abort: (reason) => stream.abort(reason),
    write: (bytes) => stream.write(encodeHubFrame(change(decodeHubFrame(bytes)))),
  });
  return (transport) => ({
    peer: transport.peer,
    dial: (...args) => transport.dial(...args),
    listen: (protocol, handler) =>
      transport.listen(protocol, (stream) => handler(protocol === HUB_PROTOCOL ? wrap(stream) : stream)),
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  });
}

describe('a hub that lies', () => {
  it('cannot change a sealed answer', async () => {
    const town = await aHubTown({
      sealing: 'x-wing',
      hubTap: tamper((frame) => {
        if (frame.type !== 'from') return frame;
        const changed = frame.frame.slice();
        changed[changed.length - 5]! ^= 1;
        return { type: 'from', frame: changed };
      }),
    });
    await expect(gather(town.ask(words(20)))).rejects.toMatchObject({ code: 'PROVIDER_BROKE_PROTOCOL' });
    expect(town.user.payer.channels()[0]!.promised).toBe(0n);
  });

  it('is found out when it changes an answer in clear: the provider signed another', async () => {
    const town = await aHubTown({
      hubTap: tamper((frame) => {
        if (frame.type !== 'from') return frame;
        const inner = decodeServerFrame(frame.frame);
        if (inner.type !== 'delta') return frame;
        return { type: 'from', frame: encodeFrame({ ...inner, text: inner.text.toUpperCase() }) };
      }),
    });
    await expect(gather(town.ask(words(20)))).rejects.toMatchObject({ code: 'RECEIPT_REFUSED' });
  });

  it('gets no more than a tranche when it passes nothing on', async () => {
    const town = await aHubTown({
      hubTap: tamper((frame) => {
        if (frame.type === 'from' && decodeServerFrame(frame.frame).type === 'delta') throw new Error('kept');
        return frame;
      }),
    });
    await expect(gather(town.ask(words(20)))).rejects.toThrow();
    const [books] = town.user.payer.channels();
    expect(books!.promised <= 2n * priceOf(aPrice, 100, 0, 64)).toBe(true);
  });
});

describe('a provider that lies to a hub', () => {
  const text = 'one two three';
  const tokenIds = [1, 2, 3];

  async function aLiar(town: HubTown, lie: (truth: Receipt) => Partial<Receipt>) {
    const cheat = aSigner('cheat');
    town.network.join('cheat').listen(INFER_PROTOCOL, async (stream) => {
      const opening = decodeClientFrame((await stream.read())!);
      if (opening.type !== 'open') throw new Error('no opening');
      const terms = { promptTokens: 3, trancheTokens: 0, prepayTokens: 8, missed: [] };
      await stream.write(encodeFrame({ type: 'accepted', ...terms }));
      await stream.write(encodeFrame({ type: 'delta', text, tokens: 3, tokenIds, logprobs: null }));
      const body = decodeInferBody(opening.body);
      const price = priceOf(aPrice, 3, 0, 3);
      const truth: Receipt = {
        channel: decode(signedVoucherShape, opening.voucher).voucher.channel,
        payer: town.key.account,
        provider: cheat.account,
        requestHash: crypto.sha256(opening.body),
        responseHash: responseHashOf(crypto, body.salt, new TextEncoder().encode(text)),
        ...{ artifact, model, paramsHash: zero, samplerSeed: null, engineClass: NO_ROOT },
        ...{ promptTokens: 3, cachedTokens: 0, completionTokens: 3 },
        tokenIdsRoot: tokenIdsRoot(crypto, body.salt, tokenIds),
        logprobRoot: NO_ROOT,
        ...{ ttftMs: 1, durationMs: 1, price, cumulative: price, previousReceipt: zero },
        ...{ finishReason: 'stop' as const, tier: 1 },
      };
      const receipt = { ...truth, ...lie(truth) };
      const authorization = await authorize(cheat.signer, receiptSignBytes(chainId, receipt));
      await stream.write(
        encodeFrame({ type: 'receipt', receipt: encode(signedReceiptShape, { receipt, authorization }) }),
      );
      while ((await stream.read()) !== null);
    });
    const offer = anOffer(cheat.account, 'cheat');
    town.offers.push(offer);
    return offer;
  }

  it.each([
    ['a higher price', ({ price }: Receipt) => ({ price: price + 1n, cumulative: price + 1n })],
    ['more tokens than came', () => ({ completionTokens: 4 })],
    ['a longer prompt than it told', () => ({ promptTokens: 4 })],
    ['another request', () => ({ requestHash: new Uint8Array(32).fill(9) })],
  ])('loses its channel for a receipt with %s, and the user pays for what came', async (_, lie) => {
    const town = await aHubTown();
    const offer = await aLiar(town, lie);
    await expect(gather(town.ask('hello', { offer }))).rejects.toMatchObject({
      code: 'PROVIDER_BROKE_PROTOCOL',
    });
    await town.quiet();
    expect(town.payer.channels()[0]!.disputed).toBe(true);
    const [channel] = town.payee.channels();
    expect(channel!.record.outstanding.map(({ receipt }) => receipt.completionTokens)).toEqual([3]);
    // The hub's word on it is accepted with the next answer, of an honest provider.
    await gather(town.ask(words(9)));
    await town.quiet();
    expect(town.user.payer.channels()[0]!.settled).toBe(town.payee.channels()[0]!.record.settled);
    expect(town.user.payer.channels()[0]!.disputed).toBe(false);
  });

  it('is found out by the user when it signs another text than came', async () => {
    const town = await aHubTown();
    const offer = await aLiar(town, () => ({ responseHash: new Uint8Array(32).fill(5) }));
    await expect(gather(town.ask('hello', { offer }))).rejects.toMatchObject({ code: 'RECEIPT_REFUSED' });
  });
});
