import { authorize, createEd25519Signer, decode, encode } from '@cairn/core';
import { priceOf } from '@cairn/ledger';
import {
  type AcceptedFrame,
  decodeClientFrame,
  decodeInferBody,
  encodeFrame,
  hashInferParams,
  INFER_PROTOCOL,
  NO_ROOT,
  type Receipt,
  receiptSignBytes,
  responseHashOf,
  type ServerFrame,
  type Stream,
  signedReceiptShape,
  signedVoucherShape,
  tokenIdsRoot,
} from '@cairn/protocol';
import { infer } from '@cairn/sdk';
import { describe, expect, it } from 'vitest';
import { anOffer, aPrice, aSigner, aTown, chainId, crypto, model } from './parts.ts';

const text = 'one two three';
const tokenIds = [1, 2, 3];
const terms: AcceptedFrame = {
  type: 'accepted',
  promptTokens: 3,
  trancheTokens: 0,
  prepayTokens: 8,
  missed: [],
};
const good: ServerFrame = { type: 'delta', text, tokens: 3, tokenIds, logprobs: null };

const usage: ServerFrame = { type: 'usage', promptTokens: 3, cachedTokens: 0, completionTokens: 3 };

/** What a provider that tells the truth would put on its receipt. */
type Lie = (truth: Receipt) => Partial<Receipt>;

interface HostileOptions {
  readonly frames?: readonly (ServerFrame | Uint8Array)[];
  readonly lie?: Lie;
  readonly signer?: ReturnType<typeof createEd25519Signer>;
}

/** A provider that follows a script, and the payer's view of asking it. */
async function askHostile({ frames = [terms, good], lie, signer }: HostileOptions) {
  const town = await aTown();
  const cheat = aSigner('cheat');
  const transport = town.network.join('cheat');
  transport.listen(INFER_PROTOCOL, async (stream: Stream) => {
    const opening = decodeClientFrame((await stream.read()) ?? new Uint8Array());
    if (opening.type !== 'open') throw new Error('no opening');
    for (const frame of frames) await stream.write(frame instanceof Uint8Array ? frame : encodeFrame(frame));
    if (lie !== undefined) {
      const body = decodeInferBody(opening.body);
      const truth: Receipt = {
        channel: decode(signedVoucherShape, opening.voucher).voucher.channel,
        payer: town.payer.account,
        provider: cheat.account,
        requestHash: crypto.sha256(opening.body),
        responseHash: responseHashOf(crypto, body.salt, new TextEncoder().encode(text)),
        artifact: body.artifact,
        model,
        paramsHash: hashInferParams(crypto, body.params),
        samplerSeed: null,
        engineClass: NO_ROOT,
        promptTokens: 3,
        cachedTokens: 0,
        completionTokens: 3,
        tokenIdsRoot: tokenIdsRoot(crypto, body.salt, tokenIds),
        logprobRoot: NO_ROOT,
        ttftMs: 1,
        durationMs: 1,
        price: priceOf(aPrice, 3, 0, 3),
        cumulative: priceOf(aPrice, 3, 0, 3),
        previousReceipt: new Uint8Array(32),
        finishReason: 'stop',
        tier: 1,
      };
      const receipt = { ...truth, ...lie(truth) };
      const authorization = await authorize(signer ?? cheat.signer, receiptSignBytes(chainId, receipt));
      await stream.write(
        encodeFrame({ type: 'receipt', receipt: encode(signedReceiptShape, { receipt, authorization }) }),
      );
    }
    while ((await stream.read()) !== null);
  });
  const asking = (async () => {
    let came = '';
    const events = infer(town.inferParts(), {
      offer: anOffer(cheat.account, 'cheat'),
      body: {
        endpoint: 'chat',
        prompt: { kind: 'chat', messages: [{ role: 'user', content: 'x' }] },
        params: { maxTokens: 10, temperature: 0, topP: 1, seed: null, stop: [], topLogprobs: 0 },
      },
      idempotencyKey: 'k',
    });
    for await (const event of events) if (event.type === 'delta') came += event.text;
    return came;
  })();
  return { town, asking };
}

async function codeOf(asking: Promise<unknown>): Promise<string> {
  try {
    await asking;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  return 'nothing was thrown';
}

describe('a hostile provider', () => {
  it('is paid when it tells the truth', async () => {
    const { asking, town } = await askHostile({ lie: () => ({}) });
    expect(await asking).toBe(text);
    expect(town.payer.channels()[0]).toMatchObject({ disputed: false, receipts: 1 });
  });

  const lies: readonly [string, Lie][] = [
    ['inflates the tokens of the answer', () => ({ completionTokens: 9 })],
    ['inflates the tokens of the prompt', () => ({ promptTokens: 4 })],
    [
      'asks more than its offer',
      ({ price, cumulative }) => ({ price: price + 1n, cumulative: cumulative + 1n }),
    ],
    ['adds up wrongly', ({ cumulative }) => ({ cumulative: cumulative + 1n })],
    ['names another artifact', () => ({ artifact: new Uint8Array(32) })],
    ['names another model', () => ({ model: new Uint8Array(32) })],
    ['names another request', () => ({ requestHash: new Uint8Array(32) })],
    ['signs for another text', () => ({ responseHash: new Uint8Array(32) })],
    ['signs for other tokens', () => ({ tokenIdsRoot: new Uint8Array(32) })],
    ['names other parameters', () => ({ paramsHash: new Uint8Array(32) })],
    ['names another channel', () => ({ channel: new Uint8Array(32) })],
    ['names another payer', () => ({ payer: new Uint8Array(32) })],
    ['names another engine than it told', () => ({ engineClass: new Uint8Array(32).fill(1) })],
  ];
  it.each(lies)('that %s is refused, and its channel is closed', async (_what, lie) => {
    const { asking, town } = await askHostile({ lie });
    expect(await codeOf(asking)).toBe('RECEIPT_REFUSED');
    const [books] = town.payer.channels();
    expect(books).toMatchObject({ disputed: true, settled: 0n });
    expect(books!.promised <= priceOf(aPrice, 3, 0, 10)).toBe(true);
    expect([...town.ledger.channels.values()][0]?.finalAt).not.toBe(0n);
  });

  it('that has somebody else sign is refused', async () => {
    const signer = createEd25519Signer(new Uint8Array(32).fill(9));
    const { asking } = await askHostile({ lie: () => ({}), signer });
    expect(await codeOf(asking)).toBe('RECEIPT_REFUSED');
  });

  const scripts: readonly [string, string, readonly (ServerFrame | Uint8Array)[]][] = [
    ['sends garbage', 'PROVIDER_BROKE_PROTOCOL', [Uint8Array.of(0xff, 0x00)]],
    ['sends garbage in the middle', 'PROVIDER_BROKE_PROTOCOL', [terms, good, Uint8Array.of(1)]],
    ['answers before its terms', 'PROVIDER_BROKE_PROTOCOL', [good]],
    ['tells its terms twice', 'PROVIDER_BROKE_PROTOCOL', [terms, terms]],
    ['counts more tokens than ids', 'PROVIDER_BROKE_PROTOCOL', [terms, { ...good, tokens: 4 }]],
    [
      'counts many tokens for little text',
      'PROVIDER_BROKE_PROTOCOL',
      [terms, { ...good, tokens: 99, tokenIds: null, text: 'x' }],
    ],
    [
      'sends frames without a token for ever',
      'PROVIDER_BROKE_PROTOCOL',
      [terms, ...Array.from({ length: 20 }, () => ({ ...good, text: '', tokens: 0, tokenIds: [] }))],
    ],
    [
      'floods with text for few tokens',
      'PROVIDER_BROKE_PROTOCOL',
      [terms, { ...good, text: 'x'.repeat(1 << 20) }],
    ],
    [
      'sends more ids than a frame may have',
      'PROVIDER_BROKE_PROTOCOL',
      [terms, { ...good, tokens: 4_097, tokenIds: Array.from({ length: 4_097 }, () => 1) }],
    ],
    ['sends its usage twice', 'PROVIDER_BROKE_PROTOCOL', [terms, good, usage, usage]],
    ['sends tokens behind its usage', 'PROVIDER_BROKE_PROTOCOL', [terms, usage, good]],
    [
      'reads tokens that nobody gave it',
      'PROVIDER_BROKE_PROTOCOL',
      [{ ...terms, prefillHash: new Uint8Array(32) }],
    ],
    ['sends more than was asked for', 'PROVIDER_BROKE_PROTOCOL', [terms, good, good, good, good]],
    ['counts an impossible prompt', 'TERMS_REFUSED', [{ ...terms, promptTokens: 1_000_000 }]],
    ['wants much paid ahead', 'TERMS_REFUSED', [{ ...terms, prepayTokens: 1_000 }]],
    ['says it sends much on trust', 'TERMS_REFUSED', [{ ...terms, prepayTokens: 0, trancheTokens: 257 }]],
    [
      'shows a receipt for an answer that never was',
      'RECEIPT_REFUSED',
      [{ ...terms, missed: [Uint8Array.of(1)] }],
    ],
    ['refuses', 'PROVIDER_REFUSED', [{ type: 'error', code: 'BUSY', message: 'Later.' }]],
  ];
  it.each(scripts)('that %s is told apart: %s', async (_what, code, frames) => {
    const { asking, town } = await askHostile({ frames });
    expect(await codeOf(asking)).toBe(code);
    expect((town.payer.channels()[0]?.promised ?? 0n) <= priceOf(aPrice, 3, 0, 10)).toBe(true);
  });

  it('that goes on after it was told to stop is cut off, and paid no more than a tranche', async () => {
    const town = await aTown();
    const cheat = aSigner('cheat');
    let sent = 0;
    const isOver = Promise.withResolvers<void>();
    town.network.join('cheat').listen(INFER_PROTOCOL, async (stream: Stream) => {
      await stream.read();
      try {
        await stream.write(encodeFrame(terms));
        for (; sent < 4_000; sent += 1) {
          await stream.write(encodeFrame({ ...good, text: 'x', tokens: 1, tokenIds: [sent] }));
        }
      } catch {
        isOver.resolve();
      }
    });
    const events = infer(town.inferParts(), {
      offer: anOffer(cheat.account, 'cheat'),
      body: {
        endpoint: 'chat',
        prompt: { kind: 'chat', messages: [{ role: 'user', content: 'x' }] },
        params: { maxTokens: 4_000, temperature: 0, topP: 1, seed: null, stop: [], topLogprobs: 0 },
      },
      idempotencyKey: 'k',
    });
    for await (const event of events) if (event.type === 'delta') break;
    await isOver.promise;
    expect(sent).toBeLessThan(4_000);
    expect(town.payer.channels()[0]!.promised <= priceOf(aPrice, 3, 0, 1 + 256 + 8)).toBe(true);
  });

  it('that falls silent is left after a while', async () => {
    const { asking, town } = await askHostile({ frames: [terms, good] });
    const code = codeOf(asking);
    for (let i = 0; i < 10; i += 1) await new Promise((resolve) => setImmediate(resolve));
    await town.timer.fire();
    expect(await code).toBe('PROVIDER_TIMED_OUT');
  });

  it('that breaks off and then shows a receipt for more than was asked for gets nothing', async () => {
    const town = await aTown();
    const cheat = aSigner('cheat');
    const onTrust: AcceptedFrame = { ...terms, prepayTokens: 0, trancheTokens: 256 };
    let earlier: { channel: Uint8Array; body: Uint8Array } | null = null;
    town.network.join('cheat').listen(INFER_PROTOCOL, async (stream: Stream) => {
      const opening = decodeClientFrame((await stream.read()) ?? new Uint8Array());
      if (opening.type !== 'open') throw new Error('no opening');
      if (earlier === null) {
        earlier = {
          channel: decode(signedVoucherShape, opening.voucher).voucher.channel,
          body: opening.body,
        };
        await stream.write(encodeFrame(onTrust));
        await stream.write(encodeFrame(good));
        stream.abort('gone');
        return;
      }
      const price = priceOf(aPrice, 3, 0, 200);
      const receipt: Receipt = {
        channel: earlier.channel,
        payer: town.payer.account,
        provider: cheat.account,
        requestHash: crypto.sha256(earlier.body),
        responseHash: new Uint8Array(32),
        artifact: decodeInferBody(earlier.body).artifact,
        model,
        paramsHash: new Uint8Array(32),
        samplerSeed: null,
        engineClass: NO_ROOT,
        promptTokens: 3,
        cachedTokens: 0,
        completionTokens: 200,
        tokenIdsRoot: NO_ROOT,
        logprobRoot: NO_ROOT,
        ttftMs: 1,
        durationMs: 1,
        price,
        cumulative: price,
        previousReceipt: new Uint8Array(32),
        finishReason: 'failed',
        tier: 1,
      };
      const authorization = await authorize(cheat.signer, receiptSignBytes(chainId, receipt));
      const missed = [encode(signedReceiptShape, { receipt, authorization })];
      await stream.write(encodeFrame({ ...onTrust, missed }));
    });
    const askCheat = async (idempotencyKey: string) => {
      const events = infer(town.inferParts(), {
        offer: anOffer(cheat.account, 'cheat'),
        body: {
          endpoint: 'chat',
          prompt: { kind: 'chat', messages: [{ role: 'user', content: 'x' }] },
          params: { maxTokens: 10, temperature: 0, topP: 1, seed: null, stop: [], topLogprobs: 0 },
        },
        idempotencyKey,
      });
      for await (const _ of events);
    };
    expect(await codeOf(askCheat('one'))).toBe('PROVIDER_LOST');
    expect(await codeOf(askCheat('two'))).toBe('RECEIPT_REFUSED');
    expect(town.payer.channels()[0]).toMatchObject({ disputed: true, settled: 0n });
  });
});
