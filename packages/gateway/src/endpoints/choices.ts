import type { ServerResponse } from 'node:http';
import { formatAmount } from '@cairn/core';
import { answer } from '../answer.ts';
import { sealedAs } from '../answer-sum.ts';
import { type AnswerIdentity, formatUsage, noteOf, privacyOf } from '../api/format.ts';
import type { ApiRequest } from '../api/parse-request.ts';
import { type CompletionJob, type CompletionParts, identify, reserveFor } from '../completions.ts';
import { errorToApi, isUnexpected } from '../http/api-error.ts';
import { replyJson, writeWithBackpressure } from '../http/reply.ts';
import type { KeptReply } from './endpoint.ts';
import { type Gathered, gatherAnswer } from './gather.ts';

/** Several answers to one question. Each passes the meter, is paid and has its receipt. */
export async function serveChoices(
  parts: CompletionParts,
  job: CompletionJob,
  response: ServerResponse,
): Promise<KeptReply | null> {
  const controller = new AbortController();
  const leave = () => controller.abort();
  if (job.onSpent === undefined) response.once('close', leave);
  try {
    if (!job.request.stream) return await replyWhole(parts, job, response, controller);
    await replyStream(parts, job, response, controller.signal);
    return null;
  } finally {
    response.off('close', leave);
  }
}

/** The question for one of the choices: the same seed would give the same answer. */
function choiceOf(job: CompletionJob, index: number): CompletionJob {
  const { params } = job.request;
  const seed = params.seed === null ? null : (params.seed + index) >>> 0;
  const request: ApiRequest = { ...job.request, params: { ...params, seed } };
  return { ...job, request, requestId: `${job.requestId}-c${index}` };
}

function sumReceipts(answers: readonly Gathered[]) {
  const add = (pick: (receipt: Gathered['receipt']) => number) =>
    answers.reduce((sum, { receipt }) => sum + pick(receipt), 0);
  return {
    usage: formatUsage({
      promptTokens: add(({ promptTokens }) => promptTokens),
      cachedTokens: add(({ cachedTokens }) => cachedTokens),
      completionTokens: add(({ completionTokens }) => completionTokens),
    }),
    privacy: privacyOf(sealedAs(answers)),
    cost: formatAmount(answers.reduce((sum, { receipt }) => sum + receipt.price, 0n)),
  };
}

async function replyWhole(
  parts: CompletionParts,
  job: CompletionJob,
  response: ServerResponse,
  controller: AbortController,
): Promise<KeptReply> {
  const count = job.request.count ?? 1;
  const asked = Array.from({ length: count }, (_, index) =>
    gatherAnswer(parts, choiceOf(job, index), controller.signal),
  );
  const settled = await Promise.allSettled(asked);
  const failed = settled.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  const answers = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const identity = identify(parts, job);
  const wholes = answers.map((told, index) =>
    job.form.whole({ ...identity, index }, told.text, told.logprobs, told.receipt, noteOf(told)),
  ) as { choices: readonly object[] }[];
  const { usage, cost, privacy } = sumReceipts(answers);
  const cairn = { receipts: answers.map(({ receiptId }) => receiptId), cost, privacy };
  const choices = wholes.flatMap((whole) => whole.choices);
  const body = JSON.stringify({ ...wholes[0], choices, usage, cairn });
  const headers = {
    ...job.headers,
    ...parts.meter.limitHeaders(job.caller),
    'x-cairn-cost': cost,
    'x-cairn-privacy': privacy.level,
  };
  replyJson(response, 200, body, headers);
  return { status: 200, headers: { ...headers, 'content-type': 'application/json; charset=utf-8' }, body };
}

/** One choice after the other: a slow reader holds up one provider, not all. */
async function replyStream(
  parts: CompletionParts,
  job: CompletionJob,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const identity = identify(parts, job);
  const answers: Gathered[] = [];
  try {
    for (let index = 0; index < (job.request.count ?? 1); index += 1) {
      answers.push(await streamChoice(parts, choiceOf(job, index), { ...identity, index }, response, signal));
    }
  } catch (error) {
    if (!response.headersSent) throw error;
    if (isUnexpected(error)) parts.log.error('a stream failed', { reason: String(error) });
    response.end(job.form.broken(errorToApi(error)));
    return;
  }
  const { usage, cost, privacy } = sumReceipts(answers);
  const { id, created, model } = identity;
  const object = job.request.endpoint === 'chat' ? 'chat.completion.chunk' : 'text_completion';
  const told = { id, object, created, model, choices: [], usage };
  const last = job.request.includeUsage ? `data: ${JSON.stringify(told)}\n\n` : '';
  const note = { receipts: answers.map(({ receiptId }) => receiptId), cost, privacy };
  response.end(`${last}: cairn ${JSON.stringify(note)}\n\ndata: [DONE]\n\n`);
}

async function streamChoice(
  parts: CompletionParts,
  job: CompletionJob,
  identity: AnswerIdentity,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<Gathered> {
  const writer = job.form.writer(identity);
  const reservation = reserveFor(parts, job);
  let hasStarted = false;
  try {
    for await (const event of answer(parts, { ...job, signal, reservation })) {
      if (!response.headersSent && !response.destroyed) {
        response.writeHead(200, {
          ...job.headers,
          ...parts.meter.limitHeaders(job.caller),
          'content-type': 'text/event-stream; charset=utf-8',
          'cache-control': 'no-cache, no-transform',
        });
      }
      if (!hasStarted) await writeWithBackpressure(response, writer.first());
      hasStarted = true;
      if (event.type === 'delta') {
        await writeWithBackpressure(response, writer.delta(event.delta.text, event.delta.logprobs));
        continue;
      }
      await writeWithBackpressure(response, writer.finish(event.receipt));
      return { text: '', logprobs: [], ...event };
    }
  } finally {
    reservation.release();
    if ((reservation.cost ?? 0n) > 0n) job.onSpent?.();
  }
  throw new Error('an answer ended without its end');
}
