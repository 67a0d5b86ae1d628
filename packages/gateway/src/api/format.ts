import { formatAmount, utf8ToBytes } from '@cairn/core';
import {
  PRIVACY_TEXTS,
  type PrivacyLevel,
  privacyLevelOf,
  type Receipt,
  type SealSuite,
  type TokenLogprob,
} from '@cairn/protocol';
import type { ApiRequest } from './parse-request.ts';

/** What every chunk or body of one answer shares. */
export interface AnswerIdentity {
  readonly id: string;
  readonly created: number;
  readonly model: string;
  readonly request: ApiRequest;
}

/** Texts of an answer as a body: OpenAI's chat completion or text completion. */
export function formatAnswer(
  identity: AnswerIdentity,
  text: string,
  logprobs: readonly TokenLogprob[] | null,
  receipt: Receipt,
  cairn: CairnNote,
): object {
  const finish_reason = finishReasonOf(receipt);
  const { id, created, model, request } = identity;
  if (request.endpoint === 'chat') {
    const message = { role: 'assistant', content: text, refusal: null };
    const choice = { index: 0, message, logprobs: formatLogprobs(request, logprobs), finish_reason };
    return {
      id,
      object: 'chat.completion',
      created,
      model,
      choices: [choice],
      usage: formatUsage(receipt),
      cairn,
    };
  }
  const choice = { index: 0, text, logprobs: formatLogprobs(request, logprobs), finish_reason };
  return {
    id,
    object: 'text_completion',
    created,
    model,
    choices: [choice],
    usage: formatUsage(receipt),
    cairn,
  };
}

/** What Cairn adds to an answer: amounts are decimal CAIRN. */
export interface CairnNote {
  readonly receipt: string;
  readonly provider: string;
  readonly cost: string;
  readonly privacy: PrivacyNote;
}

/** Who can read the answer and its question. */
export interface PrivacyNote {
  readonly level: PrivacyLevel;
  readonly name: string;
  readonly readers: string;
  /** Null: it went in clear. */
  readonly sealed: SealSuite | null;
}

export function noteOf(receiptId: string, provider: string, receipt: Receipt, sealed?: SealSuite): CairnNote {
  const { level, name, readers } = PRIVACY_TEXTS[privacyLevelOf(sealed)];
  const privacy = { level, name, readers, sealed: sealed ?? null };
  return { receipt: receiptId, provider, cost: formatAmount(receipt.price), privacy };
}

function formatUsage({ promptTokens, cachedTokens, completionTokens }: Receipt) {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: cachedTokens },
  };
}

function finishReasonOf({ finishReason }: Receipt): 'stop' | 'length' {
  return finishReason === 'length' ? 'length' : 'stop';
}

/** Log probabilities in the form of the endpoint; null when none were asked for. */
function formatLogprobs(request: ApiRequest, logprobs: readonly TokenLogprob[] | null): object | null {
  if (!request.wantsLogprobs || logprobs === null) return null;
  const one = ({ text, logprob }: { text: string; logprob: number }) => ({
    token: text,
    logprob,
    bytes: [...utf8ToBytes(text)],
  });
  if (request.endpoint === 'chat') {
    return {
      content: logprobs.map((entry) => ({ ...one(entry), top_logprobs: entry.top.map(one) })),
      refusal: null,
    };
  }
  return {
    tokens: logprobs.map(({ text }) => text),
    token_logprobs: logprobs.map(({ logprob }) => logprob),
    top_logprobs: logprobs.map(({ top }) =>
      Object.fromEntries(top.map(({ text, logprob }) => [text, logprob])),
    ),
    text_offset: offsetsOf(logprobs),
  };
}

function offsetsOf(logprobs: readonly TokenLogprob[]): number[] {
  let offset = 0;
  return logprobs.map(({ text }) => {
    const mine = offset;
    offset += text.length;
    return mine;
  });
}

/** Writes the events of a stream. What chunks share is serialised once; a token costs one string. */
export interface ChunkWriter {
  first(): string;
  delta(text: string, logprobs: readonly TokenLogprob[] | null): string;
  /** Finish reason, usage when asked for, Cairn's comment and `[DONE]`. */
  last(receipt: Receipt, note: CairnNote): string;
}

export function createChunkWriter(identity: AnswerIdentity): ChunkWriter {
  const { request, id, created, model } = identity;
  const isChat = request.endpoint === 'chat';
  const object = isChat ? 'chat.completion.chunk' : 'text_completion';
  const shared = JSON.stringify({ id, object, created, model }).slice(0, -1);
  // With include_usage every chunk has the field, null until the last.
  const tail = `}]${request.includeUsage ? ',"usage":null' : ''}}\n\n`;
  const head = `data: ${shared},"choices":[{"index":0,${isChat ? '"delta":{"content":' : '"text":'}`;
  const close = isChat ? '}' : '';
  return {
    first: () =>
      isChat
        ? `data: ${shared},"choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null${tail}`
        : '',
    delta(text, logprobs) {
      const told = formatLogprobs(request, logprobs);
      const probabilities = told === null ? 'null' : JSON.stringify(told);
      return `${head}${JSON.stringify(text)}${close},"logprobs":${probabilities},"finish_reason":null${tail}`;
    },
    last(receipt, note) {
      const end = isChat ? '"delta":{}' : '"text":""';
      const reason = `data: ${shared},"choices":[{"index":0,${end},"logprobs":null,"finish_reason":"${finishReasonOf(receipt)}"${tail}`;
      const usage = request.includeUsage
        ? `data: ${shared},"choices":[],"usage":${JSON.stringify(formatUsage(receipt))}}\n\n`
        : '';
      return `${reason}${usage}: cairn ${JSON.stringify(note)}\n\ndata: [DONE]\n\n`;
    },
  };
}
