import { formatAmount } from '@cairn/core';
import { type Task, taskTextToItems } from '@cairn/protocol';
import { noteOf, privacyOf } from '../api/format.ts';
import type { ApiRequest } from '../api/parse-request.ts';
import { parsePreferences } from '../api/preferences.ts';
import type { CompletionJob } from '../completions.ts';
import { type ModelChoice, serveFirst } from '../route/model-choice.ts';
import type { Wanted } from '../route/works.ts';
import { type EndpointContext, type Exchange, endpointOf, type KeptReply } from './endpoint.ts';
import { type Gathered, gatherAnswer } from './gather.ts';

/** Work of a model that is not generated text, asked and paid like any answer. */
export interface TaskQuestion {
  readonly model: string | null;
  readonly wanted: Wanted;
  readonly task: Task;
  /** OpenRouter's `provider` object. */
  readonly provider?: unknown;
  /** Cairn's own preferences beside it. */
  readonly cairn?: unknown;
  readonly priority?: 'batch';
}

export interface TaskAnswer extends Gathered {
  readonly modelName: string;
  readonly items: readonly string[];
}

/** The request of a task, as routers and providers read it. */
function taskToRequest(
  { task, provider, cairn, priority }: TaskQuestion,
  model: string,
  sort: ModelChoice['sort'],
): ApiRequest {
  const preferences = parsePreferences(provider, cairn);
  return {
    endpoint: 'task',
    model,
    models: [],
    prompt: { kind: 'text', text: '' },
    params: { maxTokens: null, temperature: 0, topP: 1, seed: null, stop: [], topLogprobs: 0 },
    wantsLogprobs: false,
    stream: false,
    includeUsage: false,
    preferences: sort === null ? preferences : { ...preferences, sort },
    task,
    ...(priority === undefined ? {} : { priority }),
  };
}

/** @throws GatewayError `model_kind_not_served`, and as `answer` does */
export async function runTask(
  context: EndpointContext,
  question: TaskQuestion,
  who: Pick<CompletionJob, 'caller' | 'requestId' | 'endpoint' | 'onSpent'>,
  signal: AbortSignal,
): Promise<TaskAnswer> {
  await context.checkWallet();
  const ask = async (name: string | null, sort: ModelChoice['sort']) => {
    const listed = await context.findModel(name, question.wanted);
    const request = taskToRequest(question, listed.name, sort);
    const job = { listed, request, idleTimeoutMs: context.idleTimeoutMs, ...who };
    const gathered = await gatherAnswer(context.completions, job, signal);
    return { ...gathered, modelName: listed.name, items: taskTextToItems(gathered.text) };
  };
  if (question.model === null) return ask(null, null);
  return serveFirst([question.model], ({ name, sort }) => ask(name, sort));
}

/** Serves a task over HTTP. */
export async function serveTask(
  context: EndpointContext,
  exchange: Exchange,
  question: TaskQuestion,
  describe: (answer: TaskAnswer) => { readonly body: string | Buffer; readonly contentType: string },
  onSpent?: () => void,
): Promise<KeptReply | null> {
  const { response, caller, requestId } = exchange;
  const spending = onSpent === undefined ? {} : { onSpent };
  const who = { caller, requestId, endpoint: endpointOf(exchange.path), ...spending };
  const controller = new AbortController();
  const leave = () => controller.abort();
  if (onSpent === undefined) response.once('close', leave);
  try {
    const answer = await runTask(context, question, who, controller.signal);
    const { body, contentType } = describe(answer);
    const { receipt, receiptId, provider, attempts } = answer;
    const headers = {
      ...exchange.headers,
      ...context.completions.meter.limitHeaders(caller),
      'content-type': contentType,
      'x-cairn-provider': provider,
      'x-cairn-attempts': String(attempts),
      'x-cairn-receipt': receiptId,
      'x-cairn-cost': formatAmount(receipt.price),
      'x-cairn-privacy': privacyOf(answer).level,
    };
    if (!response.destroyed) {
      response.writeHead(200, { ...headers, 'content-length': Buffer.byteLength(body) });
      response.end(body);
    }
    return typeof body === 'string' ? { status: 200, headers, body } : null;
  } finally {
    response.off('close', leave);
  }
}

export function jsonOf(body: object): { readonly body: string; readonly contentType: string } {
  return { body: JSON.stringify(body), contentType: 'application/json; charset=utf-8' };
}

export function noteOfTask(answer: TaskAnswer): object {
  return noteOf(answer);
}

export function usageOfTask({ receipt: { promptTokens } }: TaskAnswer): object {
  return { prompt_tokens: promptTokens, total_tokens: promptTokens };
}
