import { createManualTime } from '@cairn/chain';
import { accountIdToAddress, authorize, bytesToHex, encode, type Signer } from '@cairn/core';
import { offerTermsShape, type Voucher, voucherSignBytes } from '@cairn/ledger';
import type { ServiceTask, SilenceClaim } from '@cairn/mechanisms';
import { createMemoryNetwork } from '@cairn/network';
import {
  COUNTERSIGNED_PROTOCOL,
  type CountersignedReceipt,
  countersignedReceiptShape,
  decodeCountersignedFrame,
  encodeCountersignedFrame,
  encodeInferBody,
  type LedgerReader,
  type Receipt,
  receiptId,
  receiptSignBytes,
  type Stream,
} from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { createRefutedFinder } from '../../src/evidence/find-refuted.ts';
import { createCountersignedReceipts, PAYEE_COUNTERSIGNED } from '../../src/miner/countersigned.ts';
import { serveCountersigned } from '../../src/miner/countersigned-server.ts';
import type { MinerParts } from '../../src/miner/miner-parts.ts';
import { serviceRequestToBody, taskBodySalt } from '../../src/validator/service-body.ts';
import { aRecordStore } from '../data/parts.ts';
import { accountOf, aLog, aSigner, crypto } from '../rpc/parts.ts';

const chainId = new Uint8Array(32).fill(9);
const artifact = new Uint8Array(32).fill(2);
const salt = new Uint8Array(32).fill(4);
const keys = { miner: aSigner('miner'), validator: aSigner('validator'), other: aSigner('other') };
const miner = accountOf(keys.miner);
const validator = accountOf(keys.validator);

const task = (index: number) =>
  ({
    index,
    request: { messages: [{ role: 'user', content: `task ${index}` }], maxTokens: 32 },
  }) as unknown as ServiceTask;
const claimOf = (index: number): SilenceClaim => ({
  netuid: 1,
  epoch: 7n,
  validator,
  uid: 5,
  miner,
  task: task(index),
});

function requestOf(claim: SilenceClaim): Uint8Array {
  const place = { ...claim, taskIndex: claim.task.index };
  const body = {
    ...serviceRequestToBody(claim.task.request),
    artifact,
    salt: taskBodySalt(crypto, salt, place),
  };
  return crypto.sha256(encodeInferBody(body));
}

interface Forgery {
  readonly receipt?: Partial<Receipt>;
  readonly voucher?: Partial<Voucher>;
  readonly provider?: Signer;
  readonly payer?: Signer;
  readonly chain?: Uint8Array;
}

async function aProof(claim: SilenceClaim, forgery: Forgery = {}): Promise<CountersignedReceipt> {
  const zero = new Uint8Array(32);
  const receipt: Receipt = {
    channel: zero,
    payer: validator,
    provider: miner,
    requestHash: requestOf(claim),
    responseHash: zero,
    artifact,
    model: zero,
    paramsHash: zero,
    samplerSeed: null,
    engineClass: new Uint8Array(32),
    promptTokens: 1,
    cachedTokens: 0,
    completionTokens: 1,
    tokenIdsRoot: zero,
    logprobRoot: zero,
    ttftMs: 1,
    durationMs: 1,
    price: 1n,
    cumulative: 1n,
    previousReceipt: zero,
    finishReason: 'stop',
    tier: 1,
    ...forgery.receipt,
  };
  const voucher: Voucher = {
    channel: receipt.channel,
    cumulative: 1n,
    totals: [],
    lastReceipt: receiptId(crypto, receipt),
    ...forgery.voucher,
  };
  const { chain = chainId, provider = keys.miner, payer = keys.validator } = forgery;
  return {
    signed: { receipt, authorization: await authorize(provider, receiptSignBytes(chain, receipt)) },
    voucher: { voucher, authorization: await authorize(payer, voucherSignBytes(chain, voucher)) },
  };
}

/** A ledger on which one miner has an offer, and a judge that asks it. */
function aJudge(peer = 'miner') {
  const time = createManualTime(0);
  const network = createMemoryNetwork({});
  const log = aLog();
  const terms = offerTermsShape.toJson({
    netuid: 1,
    model: new Uint8Array(32),
    artifact,
    price: {
      inputPerMillion: 0n,
      cachedInputPerMillion: 0n,
      outputPerMillion: 0n,
      perRequest: 0n,
      perImage: 0n,
      perAudioSecond: 0n,
    },
    maxConcurrency: 1,
    contextTokens: 1,
    capabilities: [],
    tier: 1,
    retainsData: false,
    trainsOnData: false,
    expirySlot: 1n,
    regions: [],
    peer,
  });
  const offer = { id: bytesToHex(miner), provider: accountIdToAddress(miner), ...(terms as object) };
  const ledger = {
    chainId: bytesToHex(chainId),
    query: async (name: string, { after }: { after?: unknown }) => {
      if (name === 'accounts_keys') return { key: accountIdToAddress(validator) };
      return after === undefined || after === null ? [offer] : [];
    },
  } as unknown as LedgerReader;
  const find = createRefutedFinder({
    crypto,
    ledger,
    timer: time.timer,
    transport: network.join('judge'),
    log,
  });
  const ask = (claims: readonly SilenceClaim[]) => find({ salt, claims, artifactOf: () => null });
  return { time, network, log, ask };
}

/** What a judge makes of one answer of the miner. */
async function judged(bytes: Uint8Array): Promise<readonly SilenceClaim[]> {
  const { network, ask } = aJudge();
  network.join('miner').listen(COUNTERSIGNED_PROTOCOL, async (stream: Stream) => {
    await stream.read();
    await stream.write(bytes);
  });
  return ask([claimOf(0), claimOf(1)]);
}

const shown = (proof: CountersignedReceipt) =>
  encodeCountersignedFrame({ type: 'countersigned', bytes: encode(countersignedReceiptShape, proof) });

const wait = async () => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
};

describe('a claim of silence', () => {
  it('is refuted by a receipt that miner and validator signed', async () => {
    expect(await judged(shown(await aProof(claimOf(1))))).toEqual([claimOf(1)]);
  });

  const zero = new Uint8Array(32);
  it.each<[string, Forgery]>([
    ['a voucher that names another receipt', { voucher: { lastReceipt: zero } }],
    ['a voucher of another channel', { voucher: { channel: zero.with(0, 1) } }],
    ['a voucher that another key signed', { payer: keys.other }],
    ['a voucher that the miner signed itself', { payer: keys.miner }],
    ['a receipt that another key signed', { provider: keys.other }],
    ['a receipt of another miner', { receipt: { provider: accountOf(keys.other) }, provider: keys.other }],
    ['a receipt to another payer', { receipt: { payer: accountOf(keys.other) } }],
    ['a receipt for another request', { receipt: { requestHash: zero } }],
    ['signatures for another chain', { chain: zero }],
  ])('is not refuted by %s', async (_, forgery) => {
    expect(await judged(shown(await aProof(claimOf(0), forgery)))).toEqual([]);
  });

  it.each<[string, Uint8Array]>([
    ['nothing', encodeCountersignedFrame({ type: 'absent' })],
    ['no frame', Uint8Array.of(1, 2, 3)],
    ['no receipt', encodeCountersignedFrame({ type: 'countersigned', bytes: Uint8Array.of(1) })],
    ['more than fits', new Uint8Array(100_000)],
  ])('is not refuted by %s', async (_, bytes) => {
    expect(await judged(bytes)).toEqual([]);
  });

  it('stands when the miner cannot be reached, hangs or cuts the stream', async () => {
    expect(await aJudge('nobody').ask([claimOf(0)])).toEqual([]);
    const cut = aJudge();
    cut.network.join('miner').listen(COUNTERSIGNED_PROTOCOL, async (stream) => stream.abort('no'));
    expect(await cut.ask([claimOf(0)])).toEqual([]);
    const hung = aJudge();
    hung.network.join('miner').listen(COUNTERSIGNED_PROTOCOL, () => new Promise(() => undefined));
    const asking = hung.ask([claimOf(0)]);
    await wait();
    await hung.time.advance(5_000);
    expect(await asking).toEqual([]);
  });

  it('is asked about in one bounded question, however many rows there are', async () => {
    const { network, ask } = aJudge();
    const sizes: number[] = [];
    network.join('miner').listen(COUNTERSIGNED_PROTOCOL, async (stream) => {
      sizes.push((await stream.read())!.length);
      await stream.write(encodeCountersignedFrame({ type: 'absent' }));
    });
    const strangers = Array.from({ length: 400 }, (_, index) => ({
      ...claimOf(0),
      miner: crypto.sha256(Uint8Array.of(index & 255, index >> 8)),
    }));
    const many = Array.from({ length: 5_000 }, (_, index) => claimOf(index));
    expect(await ask([...many, ...strangers])).toEqual([]);
    expect(sizes.length).toBe(1);
    expect(sizes[0]).toBeLessThan(18_000);
  });
});

describe('countersigned receipts of a miner', () => {
  it('are found by payer and request, also after a restart, and never for another payer', async () => {
    const records = aRecordStore();
    const receipts = createCountersignedReceipts(records);
    const { signed, voucher } = await aProof(claimOf(0));
    await receipts.keep(signed, voucher);
    for (const held of [receipts, createCountersignedReceipts(records)]) {
      expect(held.find(validator, [new Uint8Array(32), requestOf(claimOf(0))])).toEqual({ signed, voucher });
      expect(held.find(miner, [requestOf(claimOf(0))])).toBeNull();
      expect(held.find(validator, [requestOf(claimOf(1))])).toBeNull();
    }
  });

  it('are bounded for one payer and in all, and one payer does not push out another', async () => {
    const records = aRecordStore();
    const receipts = createCountersignedReceipts(records);
    const { signed, voucher } = await aProof(claimOf(0));
    const keep = (payer: Uint8Array, request: Uint8Array) =>
      receipts.keep({ ...signed, receipt: { ...signed.receipt, payer, requestHash: request } }, voucher);
    await keep(validator, requestOf(claimOf(0)));
    const flood = accountOf(keys.other);
    const requests = Array.from({ length: 300 }, (_, index) =>
      crypto.sha256(Uint8Array.of(index & 255, index >> 8)),
    );
    for (const request of requests) await keep(flood, request);
    expect([...records.keys(PAYEE_COUNTERSIGNED)].length).toBe(257);
    expect(receipts.find(flood, [requests[0]!])).toBeNull();
    expect(receipts.find(flood, [requests[299]!])).not.toBeNull();
    expect(receipts.find(validator, [requestOf(claimOf(0))])).not.toBeNull();
    for (const payer of requests) await keep(payer, requests[0]!);
    expect([...records.keys(PAYEE_COUNTERSIGNED)].length).toBe(256);
  });

  it('are served to some at a time, and garbage is refused', async () => {
    const time = createManualTime(0);
    const network = createMemoryNetwork({});
    const log = aLog();
    const payee = { countersigned: () => null };
    const parts = {
      transport: network.join('miner'),
      timer: time.timer,
      log,
      payee,
    } as unknown as MinerParts;
    const server = serveCountersigned(parts);
    const asker = network.join('asker');
    const dial = () => asker.dial('miner', COUNTERSIGNED_PROTOCOL);
    const flood = await Promise.all(Array.from({ length: 10 }, dial));
    await wait();
    for (const stream of flood.slice(4))
      await expect(stream.read()).rejects.toMatchObject({ code: 'STREAM_ABORTED' });
    await flood[0]!.write(Uint8Array.of(255));
    await expect(flood[0]!.read()).rejects.toMatchObject({ code: 'STREAM_ABORTED' });
    const question = { type: 'want', payer: validator, requests: [requestOf(claimOf(0))] } as const;
    await flood[1]!.write(encodeCountersignedFrame(question));
    expect(decodeCountersignedFrame((await flood[1]!.read())!)).toEqual({ type: 'absent' });
    // Those that say nothing lose their place.
    await time.advance(10_000);
    await wait();
    await expect(flood[2]!.read()).rejects.toMatchObject({ code: 'STREAM_ABORTED' });
    const again = await dial();
    await again.write(encodeCountersignedFrame(question));
    expect(decodeCountersignedFrame((await again.read())!)).toEqual({ type: 'absent' });
    server[Symbol.dispose]();
  });
});
