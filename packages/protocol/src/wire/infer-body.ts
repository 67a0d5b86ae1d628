import type { Crypto } from '@cairn/core';
import { ProtocolError } from '../errors.ts';
import type { AnswerShape } from '../ports/answer-shape.ts';
import type { ChatMessage, GenerateRequest, Prompt } from '../ports/inference-engine.ts';
import { type Task, taskPromptTokens } from '../ports/task.ts';
import {
  bytesUpTo,
  fromCbor,
  listUpTo,
  nullable,
  numberWithin,
  oneOf,
  type Reader,
  record,
  recordWith,
  tagged,
  textUpTo,
  toCbor,
  wholeUpTo,
} from './cbor.ts';
import { MAX_INFER_BODY_BYTES } from './infer-limits.ts';
import { shapeReader, taskReader, taskToWire, toolCallReader } from './shape-readers.ts';
import {
  formatTraceparent,
  parseTraceparent,
  TRACEPARENT_CHARACTERS,
  type TraceContext,
} from './trace-context.ts';

/** Most tokens of an answer that another provider goes on behind. */
const MAX_PREFILL_TOKENS = 1 << 18;

/** The parameters of sampling, as receipts commit to them. */
export interface InferParams {
  readonly maxTokens: number;
  readonly temperature: number;
  readonly topP: number;
  readonly seed: number | null;
  readonly stop: readonly string[];
  readonly topLogprobs: number;
}

/** What a payer asks of a miner. Travels as one byte string, so that it can be hashed and sealed whole. */
export interface InferBody {
  /** SHA-256 of the model's artifact. */
  readonly artifact: Uint8Array;
  readonly endpoint: 'chat' | 'completions' | 'task';
  /** An empty text for a task. */
  readonly prompt: Prompt;
  /**
   * Tokens of the answer that another provider of the same artifact has sent already: this one goes on behind
   * them. They count as tokens of the prompt, and `maxTokens` counts what comes after them. Absent: none.
   */
  readonly prefill?: readonly number[];
  readonly params: InferParams;
  /** 16 random bytes: equal questions have different hashes, so a receipt does not give a short prompt or answer away. */
  readonly salt: Uint8Array;
  /** Tools and form of a chat answer. */
  readonly shape?: AnswerShape;
  /** What to do, where it is not text that is generated. Its `maxTokens` are the units it may bring. */
  readonly task?: Task;
  /** Work that may wait for idle capacity, at the discount that the offer states. */
  readonly priority?: 'batch';
  /**
   * A hub pays for it: counts, terms and receipt of a sealed answer stand beside the seal, where the hub reads them.
   * What is asked and answered stays under the seal.
   */
  readonly through?: 'hub';
  /**
   * Where the work stands in a trace, as a `traceparent`. Payers put one into each sealed request, a new one where
   * nobody traces, so that its absence tells nothing; never into one in clear, which relays read.
   */
  readonly trace?: TraceContext;
}

const messageReader = recordWith(
  {
    role: oneOf('system', 'user', 'assistant', 'tool'),
    content: textUpTo(MAX_INFER_BODY_BYTES),
  },
  { toolCalls: listUpTo(toolCallReader, 128), toolCallId: textUpTo(128) },
);

const promptReader: Reader<Prompt> = (value, place) => {
  const kinded = tagged({
    chat: record({ type: oneOf('chat'), messages: listUpTo(messageReader, 1024, 1) }),
    text: record({ type: oneOf('text'), text: textUpTo(MAX_INFER_BODY_BYTES) }),
    tokens: record({ type: oneOf('tokens'), tokenIds: listUpTo(wholeUpTo(0xffff_ffff), 1 << 18, 1) }),
  })(value, place);
  switch (kinded.type) {
    case 'chat':
      return { kind: 'chat', messages: kinded.messages };
    case 'text':
      return { kind: 'text', text: kinded.text };
    case 'tokens':
      return { kind: 'tokens', tokenIds: kinded.tokenIds };
  }
};

const paramsReader: Reader<InferParams> = record({
  maxTokens: wholeUpTo(0xffff_ffff, 1),
  temperature: numberWithin(0, 100),
  topP: numberWithin(0, 1),
  seed: nullable(wholeUpTo(0xffff_ffff)),
  stop: listUpTo(textUpTo(256), 16),
  topLogprobs: wholeUpTo(20),
});

const traceReader: Reader<TraceContext> = (value, place) => {
  const text = textUpTo(TRACEPARENT_CHARACTERS)(value, place);
  const context = parseTraceparent(text);
  // One way to write each: other versions and flags are for those who ask, not for the wire.
  if (context !== null && formatTraceparent(context) === text) return context;
  const reason = `${place} is no traceparent`;
  throw new ProtocolError({ code: 'FRAME_MALFORMED', reason }, `A frame is malformed: ${reason}.`);
};

const bodyReader: Reader<InferBody> = recordWith(
  {
    artifact: bytesUpTo(32, 32),
    endpoint: oneOf('chat', 'completions', 'task'),
    prompt: promptReader,
    params: paramsReader,
    salt: bytesUpTo(16, 16),
  },
  {
    prefill: listUpTo(wholeUpTo(0xffff_ffff), MAX_PREFILL_TOKENS, 1),
    shape: shapeReader,
    task: taskReader,
    priority: oneOf('batch'),
    through: oneOf('hub'),
    trace: traceReader,
  },
);

export function encodeInferBody(body: InferBody): Uint8Array {
  const { kind: type, ...prompt } = body.prompt;
  const { task, trace, ...rest } = body;
  return toCbor({
    ...rest,
    prompt: { type, ...prompt },
    ...(task === undefined ? {} : { task: taskToWire(task) }),
    ...(trace === undefined ? {} : { trace: formatTraceparent(trace) }),
  });
}

/** @throws ProtocolError `FRAME_TOO_LARGE`, `FRAME_MALFORMED` */
export function decodeInferBody(bytes: Uint8Array): InferBody {
  const body = fromCbor(bytes, MAX_INFER_BODY_BYTES, bodyReader);
  const isTask = body.endpoint === 'task';
  if ((body.task !== undefined) !== isTask || (body.shape !== undefined && body.endpoint !== 'chat')) {
    const reason = 'tasks come with the endpoint task, tools and forms with chat, and only there';
    throw new ProtocolError({ code: 'FRAME_MALFORMED', reason }, `A frame is malformed: ${reason}.`);
  }
  if (body.prefill !== undefined && (isTask || body.shape !== undefined)) {
    const reason = 'nobody goes on behind given tokens in tasks, tools and forms';
    throw new ProtocolError({ code: 'FRAME_MALFORMED', reason }, `A frame is malformed: ${reason}.`);
  }
  return body;
}

/** Hash of the parameters, as it stands on the receipt. */
export function hashInferParams(crypto: Crypto, params: InferParams): Uint8Array {
  return crypto.sha256(toCbor(params));
}

/** The request as an engine takes it, without its signal. */
export function inferBodyToRequest({ prompt, prefill, params, shape }: InferBody): GenerateRequest {
  const { seed, ...rest } = params;
  return {
    prompt,
    ...rest,
    ...(seed === null ? {} : { seed }),
    ...(shape === undefined ? {} : { shape }),
    ...(prefill === undefined ? {} : { prefill }),
  };
}

/**
 * Most tokens this prompt can have: every token covers at least one byte, and a chat template adds a few per
 * message. A payer refuses a larger count.
 */
export function mostPromptTokens(prompt: Prompt): number {
  if (prompt.kind === 'tokens') return prompt.tokenIds.length;
  if (prompt.kind === 'text') return 3 * prompt.text.length + 16;
  return prompt.messages.reduce(
    (sum, message) => sum + 3 * message.content.length + 32 + callTokens(message),
    64,
  );
}

function callTokens({ toolCalls, toolCallId }: ChatMessage): number {
  const answered = toolCallId === undefined ? 0 : 3 * toolCallId.length + 32;
  return (toolCalls ?? []).reduce(
    (sum, { id, name, arguments: text }) => sum + 3 * (id.length + name.length + text.length) + 64,
    answered,
  );
}

/** What engines write around tools and forms in the prompt, at most. */
const SHAPE_TOKENS = 1024;

/**
 * Most tokens that the prompt of a whole request can have: what describes tools and forms counts, and a task has
 * exactly those that `taskPromptTokens` counts.
 */
export function mostBodyTokens({
  prompt,
  shape,
  task,
}: Pick<InferBody, 'prompt' | 'shape' | 'task'>): number {
  if (task !== undefined) return taskPromptTokens(task);
  if (shape === undefined) return mostPromptTokens(prompt);
  const described = shape.tools.reduce(
    (sum, { name, description, parameters }) =>
      sum + 3 * (name.length + description.length + parameters.length) + 64,
    3 * (shape.format.schema?.length ?? 0) + SHAPE_TOKENS,
  );
  return mostPromptTokens(prompt) + described;
}
