import { formatAmount } from '@cairn/core';
import { type Task, taskTextToItems } from '@cairn/protocol';
import { noteOf } from '../api/format.ts';
import type { ApiRequest } from '../api/parse-request.ts';
import { parsePreferences } from '../api/preferences.ts';
import type { Wanted } from '../route/works.ts';
import type { EndpointContext, Exchange, KeptReply } from './endpoint.ts';
import { type Gathered, gatherAnswer } from './gather.ts';

/** Work of a model that is not generated text, asked and paid like any answer. */
export interface TaskQuestion {
  readonly model: string | null;
  readonly wanted: Wanted;
  readonly task: Task;
  /** OpenRouter's `provider` object. */
  readonly provider?: unknown;
  readonly priority?: 'batch';
}

export interface TaskAnswer extends Gathered {
  readonly modelName: string;
  readonly items: readonly string[];
}

/** The request of a task, as routers and providers read it. */
function taskToRequest({ task, provider, priority }: TaskQuestion, model: string): ApiRequest {
  return {
    endpoint: 'task',
    model,
    prompt: { kind: 'text', text: '' },
    params: { maxTokens: null, temperature: 0, topP: 1, seed: null, stop: [], topLogprobs: 0 },
    wantsLogprobs: false,
    stream: false,
    includeUsage: false,
    preferences: parsePreferences(provider),
    task,
    ...(priority === undefined ? {} : { priority }),
  };
}

/** @throws GatewayError `model_kind_not_served`, and as `answer` does */
export async function runTask(
  context: EndpointContext,
  question: TaskQuestion,
  { caller, requestId }: Pick<Exchange, 'caller' | 'requestId'>,
  signal: AbortSignal,
): Promise<TaskAnswer> {
  await context.checkWallet();
  const listed = await context.findModel(question.model, question.wanted);
  const request = taskToRequest(question, listed.name);
  const job = { listed, request, caller, requestId, idleTimeoutMs: context.idleTimeoutMs };
  const gathered = await gatherAnswer(context.completions, job, signal);
  return { ...gathered, modelName: listed.name, items: taskTextToItems(gathered.text) };
}

/** Serves a task over HTTP. */
export async function serveTask(
  context: EndpointContext,
  exchange: Exchange,
  question: TaskQuestion,
  describe: (answer: TaskAnswer) => { readonly body: string | Buffer; readonly contentType: string },
): Promise<KeptReply | null> {
  const { response } = exchange;
  const controller = new AbortController();
  const leave = () => controller.abort();
  response.once('close', leave);
  try {
    const answer = await runTask(context, question, exchange, controller.signal);
    const { body, contentType } = describe(answer);
    const { receipt, receiptId, provider, attempts } = answer;
    const headers = {
      ...exchange.headers,
      'content-type': contentType,
      'x-cairn-provider': provider,
      'x-cairn-attempts': String(attempts),
      'x-cairn-receipt': receiptId,
      'x-cairn-cost': formatAmount(receipt.price),
    };
    if (response.destroyed) return null;
    response.writeHead(200, { ...headers, 'content-length': Buffer.byteLength(body) });
    response.end(body);
    return typeof body === 'string' ? { status: 200, headers, body } : null;
  } finally {
    response.off('close', leave);
  }
}

export function jsonOf(body: object): { readonly body: string; readonly contentType: string } {
  return { body: JSON.stringify(body), contentType: 'application/json; charset=utf-8' };
}

export function noteOfTask({ receiptId, provider, receipt }: TaskAnswer): object {
  return noteOf(receiptId, provider, receipt);
}

export function usageOfTask({ receipt: { promptTokens } }: TaskAnswer): object {
  return { prompt_tokens: promptTokens, total_tokens: promptTokens };
}
