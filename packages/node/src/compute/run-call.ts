import { areBytesEqual, bytesToHex, CairnError, utf8ToBytes } from '@cairn/core';
import {
  type CallBody,
  type CallServerFrame,
  decodeClientFrame,
  encodeCallAnswer,
  encodeCallFrame,
  hashCallParams,
  inputUnits,
  logprobRoot,
  MAX_CALL_BYTES,
  MAX_CALL_PART_BYTES,
  type ReceiptFinishReason,
  responseHashOf,
  type Stream,
  tokenIdsRoot,
} from '@cairn/protocol';
import type { Earning, PayeeChannel, ReceiptDraft } from '../miner/earning.ts';
import { CallRefusal, errorToCallRefusal, tellCaller } from './call-refusal.ts';
import type { ComputeParts, HostedFunction } from './compute-parts.ts';
import type { PooledResult } from './function-pool.ts';

export interface CallLimits {
  /** Units of work a trusted caller may owe. */
  readonly trancheWork: number;
  /** Units of work a new caller pays ahead. */
  readonly prepayWork: number;
  /** Longest wait for a frame that is due, in milliseconds. */
  readonly payTimeoutMs: number;
}

export interface RunCallParts extends Pick<ComputeParts, 'crypto' | 'clock' | 'timer'> {
  readonly stream: Stream;
  readonly channel: PayeeChannel;
  readonly earning: Earning;
  readonly hosted: HostedFunction;
  readonly limits: CallLimits;
}

interface Interruption {
  readonly reason: 'cancelled' | 'unpaid' | 'failed';
  readonly refusal: CallRefusal | null;
  /** The caller is gone. */
  readonly isCut: boolean;
}

/**
 * Runs one call and is paid for it: work is announced and covered before it is done, the answer is shown after all of
 * it is covered, and a receipt ends it.
 */
export async function runCall(parts: RunCallParts, body: CallBody, requestHash: Uint8Array): Promise<void> {
  const { crypto, clock, timer, stream, channel, earning, hosted, limits } = parts;
  const controller = new AbortController();
  const startMs = clock.nowMs();
  const { isTrusted } = earning;
  const step = isTrusted ? limits.trancheWork >> 1 : (limits.prepayWork + 1) >> 1;
  let interruption: Interruption | null = null;
  let announced = 0;
  let answer: Uint8Array = new Uint8Array(0);

  function interrupt(
    reason: Interruption['reason'],
    refusal: CallRefusal | null = null,
    isCut = false,
  ): void {
    interruption ??= { reason, refusal, isCut };
    earning.end();
    controller.abort();
  }

  const send = (frame: CallServerFrame) => stream.write(encodeCallFrame(frame));

  async function listen(): Promise<void> {
    try {
      for (;;) {
        const bytes = await stream.read();
        if (bytes === null) return;
        const frame = decodeClientFrame(bytes);
        if (frame.type === 'voucher') await channel.take(frame.voucher, { isOpening: false });
        else if (frame.type === 'cancel') interrupt('cancelled');
        else throw new CallRefusal('REQUEST_MALFORMED', 'A call is opened once.');
      }
    } catch (error) {
      const refusal = errorToCallRefusal(error);
      if (refusal === null) interrupt('failed', null, true);
      else interrupt('unpaid', refusal);
    }
  }

  /** Announces work and waits until it is paid for; false when it will not be. */
  async function announce(work: number): Promise<boolean> {
    const stopClock = timer.schedule(limits.payTimeoutMs, () => {
      const message = `No voucher came for ${limits.payTimeoutMs} ms. Send one that covers the work.`;
      interrupt('unpaid', new CallRefusal('UNPAID', message));
    });
    try {
      if (!(await earning.waitForCover(announced + work))) return false;
    } finally {
      stopClock();
    }
    announced += work;
    earning.sent(announced);
    await send({ type: 'work', work });
    return true;
  }

  async function announceUpTo(work: number): Promise<boolean> {
    while (announced < work) if (!(await announce(Math.min(step, body.maxWork - announced)))) return false;
    return true;
  }

  async function work(): Promise<PooledResult | null> {
    if (!(await announceUpTo(1))) return null;
    const { spec, pool } = hosted;
    return pool.run({
      input: body.input,
      timeMs: spec.resources.timeMs,
      maxWork: body.maxWork,
      maxOutputBytes: MAX_CALL_BYTES,
      granted: announced,
      grant: async (used) => ((await announceUpTo(Math.min(used, body.maxWork))) ? announced : null),
      signal: controller.signal,
    });
  }

  async function sendAnswer({ fault, message, output, queuedMs, coldStartMs }: PooledResult, billed: number) {
    if (!(await announceUpTo(billed))) return;
    answer = encodeCallAnswer({ fault, message, output, work: billed, queuedMs, coldStartMs });
    for (let at = 0; at < answer.length; at += MAX_CALL_PART_BYTES)
      await send({ type: 'part', bytes: answer.subarray(at, at + MAX_CALL_PART_BYTES) });
  }

  function draft(finishReason: ReceiptFinishReason, completionTokens: number): ReceiptDraft {
    const nowMs = clock.nowMs();
    return {
      requestHash,
      responseHash: responseHashOf(crypto, body.salt, utf8ToBytes(bytesToHex(crypto.sha256(answer)))),
      artifact: hosted.spec.code,
      model: hosted.deployment,
      paramsHash: hashCallParams(crypto, body),
      samplerSeed: null,
      promptTokens: inputUnits(body.input),
      cachedTokens: 0,
      completionTokens,
      tokenIdsRoot: tokenIdsRoot(crypto, body.salt, null),
      logprobRoot: logprobRoot(crypto, body.salt, null),
      ttftMs: nowMs - startMs,
      durationMs: nowMs - startMs,
      finishReason,
      tier: 0,
    };
  }

  /** The caller is gone: only what it has paid for is put on a receipt, which it learns of next time. */
  async function finishCut(): Promise<void> {
    answer = new Uint8Array(0);
    const covered = earning.coveredTokens();
    if (covered === 0) earning.drop();
    else await earning.finish(draft('failed', covered));
    if (covered < announced) await channel.distrust();
  }

  async function waitForSettlement(listening: Promise<void>): Promise<void> {
    const receipt = channel.record.lastReceipt;
    const stopClock = timer.schedule(limits.payTimeoutMs, () =>
      stream.abort('no voucher came for the receipt'),
    );
    await listening;
    stopClock();
    const { countersigned, outstanding } = channel.record;
    if (!areBytesEqual(countersigned, receipt) && outstanding.length > 0) await channel.distrust();
  }

  const listening = listen();
  let failure: CallRefusal | null = null;
  let billed = 0;
  try {
    await send({
      type: 'accepted',
      inputUnits: inputUnits(body.input),
      trancheWork: isTrusted ? limits.trancheWork : 0,
      prepayWork: isTrusted ? 0 : limits.prepayWork,
      missed: channel.missed(),
    });
    const result = await work();
    if (result !== null) {
      billed = Math.min(result.work, body.maxWork);
      if (interruption === null) await sendAnswer(result, billed);
    }
  } catch (error) {
    failure = errorToCallRefusal(error);
    if (failure === null) interrupt('failed', null, true);
  }
  const ended = interruption as Interruption | null;
  if (ended?.isCut === true) {
    await finishCut();
    return;
  }
  try {
    const reason = failure === null ? (ended?.reason ?? 'stop') : 'failed';
    const done = Math.min(billed, announced);
    if (done === 0) earning.drop();
    else await send({ type: 'receipt', receipt: await earning.finish(draft(reason, done)) });
    const refusal = failure ?? ended?.refusal ?? null;
    if (refusal !== null) await tellCaller(stream, refusal);
    else await stream.closeWrite();
  } catch (error) {
    if (!(error instanceof CairnError)) throw error;
  }
  await waitForSettlement(listening);
}
