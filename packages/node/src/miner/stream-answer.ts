import { areBytesEqual, CairnError } from '@cairn/core';
import {
  type DeltaFrame,
  decodeClientFrame,
  encodeFrame,
  gatherDeltas,
  type InferBody,
  inferBodyToRequest,
  type ReceiptFinishReason,
  type ServerFrame,
  type Stream,
} from '@cairn/protocol';
import { type Answer, deltaToFrames, lateTokenFrames } from './answer.ts';
import type { Earning, PayeeChannel } from './earning.ts';
import type { MinerParts, ServedModel } from './miner-parts.ts';
import { errorToRefusal, Refusal, tell } from './refusal.ts';
import { runTask, taskEnd } from './run-task.ts';

export interface StreamParts extends Pick<MinerParts, 'timer'> {
  readonly stream: Stream;
  readonly channel: PayeeChannel;
  readonly earning: Earning;
  readonly target: ServedModel;
  /** Called when the engine is free for the next answer, before the receipt of this one. */
  readonly onGenerated: () => void;
  readonly limits: {
    readonly trancheTokens: number;
    readonly prepayTokens: number;
    readonly payTimeoutMs: number;
    readonly gatherMs: number;
  };
}

export interface AnswerJob {
  readonly body: InferBody;
  readonly promptTokens: number | null;
  /** Null for a request without prefill. */
  readonly prefillHash: Uint8Array | null;
  /** Null: unknown. */
  readonly engineClass: Uint8Array | null;
  readonly answer: Answer;
}

/** How a stream ended before its answer did. */
type Interruption = {
  readonly reason: 'cancelled' | 'unpaid' | 'failed';
  readonly refusal: Refusal | null;
  readonly isCut: boolean;
};

/** Generates, sends and is paid for one answer; ends with a receipt for what was sent. */
export async function streamAnswer(
  parts: StreamParts,
  { body, promptTokens, prefillHash, engineClass, answer }: AnswerJob,
): Promise<void> {
  const { stream, channel, earning, limits, target } = parts;
  const controller = new AbortController();
  let interruption: Interruption | null = null;

  function interrupt(reason: Interruption['reason'], refusal: Refusal | null = null, isCut = false): void {
    interruption ??= { reason, refusal, isCut };
    earning.end();
    controller.abort();
  }

  const send = (frame: ServerFrame) => stream.write(encodeFrame(frame));

  async function listen(): Promise<void> {
    try {
      for (;;) {
        const bytes = await stream.read();
        if (bytes === null) return;
        const frame = decodeClientFrame(bytes);
        if (frame.type === 'voucher') await channel.take(frame.voucher, { isOpening: false });
        else if (frame.type === 'cancel') interrupt('cancelled');
        else throw new Refusal('REQUEST_MALFORMED', 'A request is opened once.');
      }
    } catch (error) {
      const refusal = errorToRefusal(error);
      if (refusal === null) interrupt('failed', null, true);
      else interrupt('unpaid', refusal);
    }
  }

  /** Whether `tokens` in all may be sent; false when the answer was ended while waiting. */
  async function waitForCover(tokens: number): Promise<boolean> {
    const stopClock = parts.timer.schedule(limits.payTimeoutMs, () =>
      interrupt(
        'unpaid',
        new Refusal(
          'UNPAID',
          `No voucher came for ${limits.payTimeoutMs} ms. Send one that covers what was sent.`,
        ),
      ),
    );
    try {
      return await earning.waitForCover(tokens);
    } finally {
      stopClock();
    }
  }

  async function sendPaid(frame: DeltaFrame): Promise<boolean> {
    if (!(await waitForCover(answer.tokens + frame.tokens))) return false;
    earning.sent(answer.tokens + frame.tokens);
    answer.add(frame);
    await send(frame);
    return true;
  }

  async function generate(prepayTokens: number): Promise<void> {
    const mostTokens = prepayTokens > 0 ? (prepayTokens + 1) >> 1 : limits.trancheTokens >> 1;
    if (body.task !== undefined) {
      const frames = runTask(target.model, body.task, mostTokens, controller.signal);
      for await (const frame of frames) if (!(await sendPaid(frame))) return;
      answer.end = taskEnd(body.task, controller.signal.aborted);
      return;
    }
    // Tokens that were shown are read one by one, which costs as much as making them: nobody has that for nothing.
    if (body.prefill !== undefined && !(await waitForCover(1))) return;
    const frames = gatherDeltas(framesOfModel(mostTokens), {
      timer: parts.timer,
      windowMs: limits.gatherMs,
      // Several of them fit what may be owed, so that paying and sending overlap.
      mostTokens: (mostTokens + 1) >> 1,
    });
    for await (const frame of frames) if (!(await sendPaid(frame))) return;
  }

  async function* framesOfModel(mostTokens: number): AsyncGenerator<DeltaFrame, void> {
    const request = inferBodyToRequest(body);
    let made = 0;
    for await (const event of target.model.generate({ ...request, signal: controller.signal })) {
      const frames = event.type === 'delta' ? deltaToFrames(event, mostTokens) : [];
      if (event.type === 'end') {
        answer.end = event;
        if (!target.model.capabilities.tokenIds && event.finishReason !== 'cancelled') {
          frames.push(...lateTokenFrames(event.completionTokens - made, mostTokens));
        }
      }
      for (const frame of frames) {
        made += frame.tokens;
        yield frame;
      }
    }
  }

  async function finish(reason: ReceiptFinishReason): Promise<void> {
    if (answer.tokens === 0 && (reason === 'failed' || reason === 'unpaid')) {
      earning.drop();
      return;
    }
    const draft = answer.draft(reason, answer.tokens);
    const receipt = await earning.finish(draft);
    const { promptTokens, cachedTokens, completionTokens } = draft;
    await send({ type: 'usage', promptTokens, cachedTokens, completionTokens });
    await send({ type: 'receipt', receipt });
  }

  /** The payer is gone: only what it has paid for is put on a receipt, which it learns of next time. */
  async function finishCut(): Promise<void> {
    const covered = earning.coveredTokens();
    if (covered === 0) earning.drop();
    else await earning.finish(answer.draft('failed', covered));
    if (covered < answer.tokens) await channel.distrust();
  }

  /** The last voucher countersigns the receipt; a payer that leaves without it pays ahead next time. */
  async function waitForSettlement(listening: Promise<void>): Promise<void> {
    const receipt = channel.record.lastReceipt;
    const stopClock = parts.timer.schedule(limits.payTimeoutMs, () =>
      stream.abort('no voucher came for the receipt'),
    );
    await listening;
    stopClock();
    const { countersigned, outstanding } = channel.record;
    if (!areBytesEqual(countersigned, receipt) && outstanding.length > 0) await channel.distrust();
  }

  const { isTrusted } = earning;
  const prepayTokens = isTrusted ? 0 : limits.prepayTokens;
  const trancheTokens = isTrusted ? limits.trancheTokens : 0;
  const listening = listen();
  let failure: Refusal | null = null;
  try {
    await send({
      type: 'accepted',
      promptTokens,
      trancheTokens,
      prepayTokens,
      missed: channel.missed(),
      ...(prefillHash === null ? {} : { prefillHash }),
      ...(engineClass === null ? {} : { engineClass }),
    });
    await generate(prepayTokens);
  } catch (error) {
    failure = errorToRefusal(error);
    if (failure === null) interrupt('failed', null, true);
  }
  parts.onGenerated();
  const ended = interruption as Interruption | null;
  if (ended?.isCut === true) {
    await finishCut();
    return;
  }
  try {
    await finish(failure === null ? (ended?.reason ?? reasonOf(answer)) : 'failed');
    const refusal = failure ?? ended?.refusal ?? null;
    if (refusal !== null) await tell(stream, refusal);
    else await stream.closeWrite();
  } catch (error) {
    if (!(error instanceof CairnError)) throw error;
  }
  await waitForSettlement(listening);
}

function reasonOf({ end }: Answer): ReceiptFinishReason {
  return end?.finishReason ?? 'failed';
}
