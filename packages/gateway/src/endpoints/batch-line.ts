import { bytesToHex } from '@cairn/core';
import { type Fields, isObject } from '../api/fields.ts';
import { noteOf } from '../api/format.ts';
import { type CompletionJob, identify } from '../completions.ts';
import { GatewayError } from '../errors.ts';
import { errorToApi } from '../http/api-error.ts';
import { serveFirst } from '../route/model-choice.ts';
import { parseEmbeddings } from './embeddings.ts';
import { type EndpointContext, endpointOf } from './endpoint.ts';
import { gatherAnswer } from './gather.ts';
import { parseResponses } from './parse-responses.ts';
import { responseForm } from './responses.ts';
import { runTask } from './tasks.ts';
import { parseChat, parseCompletion, sortedBy, type TextQuestion } from './text.ts';
import { parseJson, parseModerations, parseRerank } from './work.ts';

/** One line of a batch, checked as far as it can be without asking anybody. */
export interface BatchLine {
  readonly customId: string;
  readonly body: Fields;
}

export interface LineFault {
  readonly code: string;
  readonly message: string;
  readonly line: number;
}

const MOST_LINES = 10_000;
export const BATCH_ENDPOINTS = [
  '/v1/chat/completions',
  '/v1/completions',
  '/v1/responses',
  '/v1/embeddings',
  '/v1/moderations',
  '/v1/rerank',
] as const;
export type BatchEndpoint = (typeof BATCH_ENDPOINTS)[number];

/** The lines of an input file, or what is wrong with it. */
export function parseLines(
  text: string,
  endpoint: string,
): { readonly lines: readonly BatchLine[]; readonly faults: readonly LineFault[] } {
  const lines: BatchLine[] = [];
  const faults: LineFault[] = [];
  const seen = new Set<string>();
  for (const [index, row] of text.split('\n').entries()) {
    if (row.trim() === '') continue;
    const fault = (code: string, message: string) => faults.push({ code, message, line: index + 1 });
    if (lines.length >= MOST_LINES) {
      fault('too_many_lines', `A batch has at most ${MOST_LINES} lines.`);
      break;
    }
    if (faults.length >= 50) break;
    const value = parseJson(row);
    if (!isObject(value)) fault('invalid_json_line', 'This line is not a JSON object.');
    else if (typeof value.custom_id !== 'string' || value.custom_id === '' || value.custom_id.length > 512)
      fault('invalid_custom_id', 'custom_id must be a text of 1 to 512 characters.');
    else if (seen.has(value.custom_id))
      fault('duplicate_custom_id', 'This custom_id stands in an earlier line.');
    else if (value.method !== 'POST') fault('invalid_method', 'method must be POST.');
    else if (value.url !== endpoint)
      fault('mismatched_endpoint', `url must be ${endpoint}, as the batch says.`);
    else if (!isObject(value.body)) fault('invalid_body', 'body must be an object.');
    else {
      seen.add(value.custom_id);
      lines.push({ customId: value.custom_id, body: value.body });
    }
  }
  if (lines.length === 0 && faults.length === 0) {
    faults.push({ code: 'empty_file', message: 'The file has no lines.', line: 1 });
  }
  return { lines, faults };
}

export interface LineResult {
  readonly status: number;
  readonly body: object;
  /** Whether it may go better later. */
  readonly isPassing: boolean;
}

/** Who asks, under which number, and what of. */
type Asker = Pick<CompletionJob, 'caller' | 'requestId' | 'endpoint'>;

/** Runs one line on idle capacity. Never throws: a failure is the line's own result. */
export async function runLine(
  context: EndpointContext,
  endpoint: BatchEndpoint,
  { body }: BatchLine,
  caller: string,
  signal: AbortSignal,
): Promise<LineResult> {
  const requestId = `req_${bytesToHex(context.random.bytes(16))}`;
  try {
    if (body.stream === true) {
      throw new GatewayError(
        { code: 'unsupported_parameter', param: 'stream' },
        'stream is not supported in a batch. Leave it out.',
      );
    }
    const answered = await runBody(
      context,
      endpoint,
      body,
      { caller, requestId, endpoint: endpointOf(endpoint) },
      signal,
    );
    return { status: 200, body: answered, isPassing: false };
  } catch (error) {
    const { status, body: told } = errorToApi(error);
    return { status, body: told, isPassing: status === 429 || status >= 500 };
  }
}

async function runBody(
  context: EndpointContext,
  endpoint: BatchEndpoint,
  body: Fields,
  who: Asker,
  signal: AbortSignal,
): Promise<object> {
  switch (endpoint) {
    case '/v1/chat/completions':
      return runText(context, parseChat(body), who, signal);
    case '/v1/completions':
      return runText(context, parseCompletion(body), who, signal);
    case '/v1/responses': {
      const question = parseResponses(body, who.caller, context.responses);
      const form = responseForm(context, who.caller, question);
      return runText(context, { request: question.request, form }, who, signal);
    }
    default: {
      const parsers = {
        '/v1/embeddings': parseEmbeddings,
        '/v1/moderations': parseModerations,
        '/v1/rerank': parseRerank,
      };
      const { question, describe } = parsers[endpoint](body);
      return describe(await runTask(context, { ...question, priority: 'batch' }, who, signal));
    }
  }
}

async function runText(
  context: EndpointContext,
  { request, form }: TextQuestion,
  who: Asker,
  signal: AbortSignal,
): Promise<object> {
  if ((request.count ?? 1) > 1) {
    throw new GatewayError(
      { code: 'unsupported_parameter', param: 'n' },
      'n is not supported in a batch. Write a line for each answer.',
    );
  }
  await context.checkWallet();
  const { completions, idleTimeoutMs } = context;
  return serveFirst([request.model, ...request.models], async (choice, index, readers) => {
    const job = {
      ...who,
      readers,
      listed: await context.findModel(choice.name, 'text'),
      request: { ...sortedBy(request, choice), priority: 'batch' as const },
      requestId: index === 0 ? who.requestId : `${who.requestId}.${index}`,
      form,
      idleTimeoutMs,
    };
    const answered = await gatherAnswer(completions, job, signal);
    const { text, logprobs, receipt } = answered;
    return form.whole(identify(completions, job), text, logprobs, receipt, noteOf(answered));
  });
}
