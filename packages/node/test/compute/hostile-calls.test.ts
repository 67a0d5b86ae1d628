import { encode } from '@cairn/core';
import { voucherShape } from '@cairn/ledger';
import {
  CALL_PROTOCOL,
  type CallServerFrame,
  decodeCallFrame,
  decodeClientFrame,
  encodeCallAnswer,
  encodeCallBody,
  encodeCallFrame,
  encodeFrame,
  type Timer,
} from '@cairn/protocol';
import { callFunction, SdkError } from '@cairn/sdk';
import { describe, expect, it } from 'vitest';
import { aComputeTown } from './parts.ts';

type Town = Awaited<ReturnType<typeof aComputeTown>>;

/** What a provider answers to these frames, until it closes. */
async function send(town: Town, frames: readonly Uint8Array[]): Promise<CallServerFrame[]> {
  const stream = await town.payerTransport.dial('compute', CALL_PROTOCOL);
  for (const frame of frames) await stream.write(frame);
  await stream.closeWrite();
  const got: CallServerFrame[] = [];
  for (;;) {
    const bytes = await stream.read();
    if (bytes === null) return got;
    got.push(decodeCallFrame(bytes));
  }
}

const failed = (what: Promise<unknown>): Promise<SdkError> =>
  what.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: unknown) => {
      if (error instanceof SdkError) return error;
      throw error;
    },
  );

describe('a hostile caller', () => {
  it('gets a refusal in words for garbage', async () => {
    await using town = await aComputeTown();
    for (const frame of [
      Uint8Array.of(1, 2, 3),
      encodeFrame({ type: 'cancel' }),
      new Uint8Array(2000).fill(0xff),
    ])
      expect(await send(town, [frame])).toMatchObject([{ type: 'error', code: 'REQUEST_MALFORMED' }]);
  });

  it('is served nothing without a channel, or with the voucher of another', async () => {
    await using town = await aComputeTown();
    const body = encodeCallBody({
      deployment: town.place.deployment,
      input: new Uint8Array(0),
      maxWork: 5,
      salt: new Uint8Array(16),
    });
    const voucher = encode(voucherShape, {
      channel: new Uint8Array(32),
      cumulative: 0n,
      totals: [],
      lastReceipt: new Uint8Array(32),
    });
    const open = { type: 'open', authorization: new Uint8Array(8), idempotencyKey: 'k', body } as const;
    expect(await send(town, [encodeFrame({ ...open, voucher })])).toMatchObject([
      { code: 'VOUCHER_MALFORMED' },
    ]);
    expect(town.pool.state.calls).toBe(0);
  });

  it('is told when a function does not run here', async () => {
    await using town = await aComputeTown();
    const place = { ...town.place, deployment: new Uint8Array(32) };
    const request = { place, input: new Uint8Array(0), maxWork: 5, idempotencyKey: 'x' };
    const error = await failed(callFunction(town.callParts, request));
    expect(error.problem).toMatchObject({ code: 'PROVIDER_REFUSED', refusal: 'DEPLOYMENT_UNKNOWN' });
  });

  it('is not served the same request twice', async () => {
    await using town = await aComputeTown();
    const request = {
      place: town.place,
      input: new TextEncoder().encode('{"n":1}'),
      maxWork: 100,
      idempotencyKey: 'x',
    };
    await callFunction(town.callParts, request);
    const error = await failed(callFunction(town.callParts, request));
    expect(error.problem).toMatchObject({ refusal: 'REQUEST_REPLAYED' });
  });

  it('pays for the work of a call that it stops, and no more than it allowed', async () => {
    await using town = await aComputeTown({ source: 'export const handle = () => { for (;;); }' });
    const { answer, receipt } = await town.call(1, 40);
    expect(answer).toMatchObject({ fault: 'WORK_EXCEEDED', work: 40 });
    expect(receipt.receipt.completionTokens).toBe(40);
    expect(town.pool.state).toMatchObject({ busy: 0, queued: 0 });
  });

  it('holds nothing when it goes away in the middle', async () => {
    await using town = await aComputeTown({ source: 'export const handle = () => { for (;;); }' });
    const controller = new AbortController();
    const request = {
      place: town.place,
      input: new Uint8Array(0),
      maxWork: 1_000_000,
      idempotencyKey: 'x',
      signal: controller.signal,
    };
    const running = callFunction(town.callParts, request).catch((error: unknown) => error);
    await expect.poll(() => town.pool.state.busy, { timeout: 20_000 }).toBe(1);
    controller.abort();
    await running;
    await expect.poll(() => town.pool.state.busy, { timeout: 5_000 }).toBe(0);
  });
});

describe('a hostile provider', () => {
  /** A provider that answers with these frames whatever it is asked. */
  async function against(frames: readonly CallServerFrame[]) {
    const town = await aComputeTown();
    const liar = town.network.join('liar');
    const vouchers: number[] = [];
    liar.listen(CALL_PROTOCOL, async (stream) => {
      await stream.read();
      for (const frame of frames) await stream.write(encodeCallFrame(frame));
      for (let bytes = await stream.read(); bytes !== null; bytes = await stream.read())
        vouchers.push(decodeClientFrame(bytes).type === 'voucher' ? 1 : 0);
    });
    const request = {
      place: { ...town.place, peer: 'liar' },
      input: new Uint8Array(10),
      maxWork: 50,
      idempotencyKey: 'x',
    };
    // No time passes, however busy the machine is.
    const clock = { nowMs: () => 0 };
    const error = await failed(callFunction({ ...town.callParts, clock }, request));
    await town[Symbol.asyncDispose]();
    return error.problem;
  }

  it('that sends its answer byte by byte without end is given up', async () => {
    await using town = await aComputeTown();
    let nowMs = 0;
    let due: { readonly atMs: number; readonly action: () => void }[] = [];
    const timer: Timer = {
      schedule(delayMs, action) {
        const entry = { atMs: nowMs + delayMs, action };
        due.push(entry);
        return () => {
          due = due.filter((one) => one !== entry);
        };
      },
    };
    const pass = (ms: number) => {
      nowMs += ms;
      for (const { action } of due.filter(({ atMs }) => atMs <= nowMs)) action();
    };
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    town.network.join('slow').listen(CALL_PROTOCOL, async (stream) => {
      await stream.read();
      await stream.write(encodeCallFrame(terms));
      for (let sent = 0; sent < 100; sent += 1) {
        await stream.write(encodeCallFrame({ type: 'part', bytes: new Uint8Array(1) }));
        for (let turns = 0; turns < 5; turns += 1) await turn();
        pass(59_000);
      }
    });
    const request = {
      place: { ...town.place, peer: 'slow', timeMs: 20_000 },
      input: new Uint8Array(10),
      maxWork: 50,
      idempotencyKey: 'x',
    };
    const clock = { nowMs: () => nowMs };
    const error = await failed(callFunction({ ...town.callParts, clock, timer }, request));
    expect(error.problem).toMatchObject({ code: 'PROVIDER_TIMED_OUT', afterMs: 320_000 });
    expect(nowMs).toBeLessThan(400_000);
    expect(due).toEqual([]);
  });

  const terms = { type: 'accepted', inputUnits: 1, trancheWork: 0, prepayWork: 8, missed: [] } as const;
  const answer = encodeCallAnswer({
    fault: null,
    message: '',
    output: new Uint8Array(1),
    work: 45,
    queuedMs: 0,
    coldStartMs: 0,
  });

  it.each<[string, readonly CallServerFrame[], object]>([
    ['asks for too much ahead', [{ ...terms, prepayWork: 1_000 }], { code: 'TERMS_REFUSED' }],
    ['counts more input than was sent', [{ ...terms, inputUnits: 9 }], { code: 'TERMS_REFUSED' }],
    ['sends its terms twice', [terms, terms], { code: 'PROVIDER_BROKE_PROTOCOL' }],
    ['works without terms', [{ type: 'work', work: 1 }], { code: 'PROVIDER_BROKE_PROTOCOL' }],
    [
      'counts more than was allowed',
      [terms, { type: 'work', work: 51 }],
      { code: 'PROVIDER_BROKE_PROTOCOL' },
    ],
    [
      'counts more time than passed',
      [
        terms,
        { type: 'work', work: 45 },
        { type: 'part', bytes: answer },
        { type: 'receipt', receipt: new Uint8Array(9) },
      ],
      { code: 'PROVIDER_BROKE_PROTOCOL' },
    ],
    [
      'is paid for more time than passed, and never answers',
      [
        terms,
        { type: 'work', work: 20 },
        { type: 'work', work: 20 },
        { type: 'error', code: 'ENGINE_FAILED', message: '' },
      ],
      { code: 'PROVIDER_BROKE_PROTOCOL', reason: expect.stringContaining('0 ms passed') },
    ],
    [
      'shows a receipt that is none',
      [terms, { type: 'receipt', receipt: new Uint8Array(9) }],
      { code: 'RECEIPT_REFUSED' },
    ],
    [
      'answers without end',
      [
        terms,
        ...Array.from({ length: 6 }, () => ({ type: 'part', bytes: new Uint8Array(256 * 1024) }) as const),
      ],
      { code: 'PROVIDER_BROKE_PROTOCOL' },
    ],
  ])('that %s is given up', async (_, frames, problem) => {
    expect(await against(frames)).toMatchObject(problem);
  });
});
