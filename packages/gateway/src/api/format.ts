import { formatAmount, utf8ToBytes } from '@cairn/core';
import {
  PRIVACY_TEXTS,
  type PrivacyLevel,
  privacyLevelOf,
  type SealSuite,
  type TokenLogprob,
} from '@cairn/protocol';
import type { AnswerSum, HowSealed } from '../answer-sum.ts';
import type { AnswerPart } from '../attempt.ts';
import type { ApiError } from '../http/api-error.ts';
import { type ContentPiece, createContentReader, readContent, type SaidCall } from './content.ts';
import type { ApiRequest } from './parse-request.ts';

/** What every chunk or body of one answer shares. */
export interface AnswerIdentity {
  readonly id: string;
  readonly created: number;
  readonly model: string;
  readonly request: ApiRequest;
  /** Which of several answers this is. @default 0 */
  readonly index?: number;
}

/** Texts of an answer as a body: OpenAI's chat completion or text completion. */
function formatAnswer(
  identity: AnswerIdentity,
  text: string,
  logprobs: readonly TokenLogprob[] | null,
  receipt: AnswerSum,
  cairn: CairnNote,
): object {
  const { id, created, model, request, index = 0 } = identity;
  if (request.endpoint === 'chat') {
    const said = readContent(request, text);
    const finish_reason = finishReasonOf(receipt, said.calls.length > 0);
    const message = {
      role: 'assistant',
      content: said.text === '' && said.calls.length > 0 ? null : said.text,
      refusal: null,
      ...(said.calls.length === 0 ? {} : { tool_calls: said.calls.map(formatCall) }),
    };
    const choice = { index, message, logprobs: formatLogprobs(request, logprobs), finish_reason };
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
  const finish_reason = finishReasonOf(receipt, false);
  const choice = { index, text, logprobs: formatLogprobs(request, logprobs), finish_reason };
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
  /** Of the last part. */
  readonly receipt: string;
  readonly provider: string;
  /** Of all parts. */
  readonly cost: string;
  readonly privacy: PrivacyNote;
  /**
   * Whether an answer of several parts is token for token what one provider would have given: `exact`, or `valid` for
   * a continuation of what was shown. Left out for an answer of one part.
   */
  readonly continuation?: 'exact' | 'valid';
  /** Who did how much of the answer, in order. A receipt is null until it has come. */
  readonly receipts: readonly {
    readonly receipt: string | null;
    readonly provider: string;
    readonly completion_tokens: number;
    readonly cost: string;
  }[];
}

/** Who can read the answer and its question. */
export interface PrivacyNote {
  readonly level: PrivacyLevel;
  readonly name: string;
  readonly readers: string;
  /** Null: some of it went in clear. */
  readonly sealed: SealSuite | null;
}

/** What a note tells of a whole answer. */
export interface NotedAnswer extends HowSealed {
  readonly receiptId: string;
  readonly provider: string;
  readonly receipt: AnswerSum;
  readonly parts: readonly AnswerPart[];
}

export function noteOf({ receiptId, provider, receipt, parts, ...how }: NotedAnswer): CairnNote {
  const receipts = parts.map((part) => ({
    receipt: part.receiptId,
    provider: part.provider,
    completion_tokens: part.completionTokens,
    cost: formatAmount(part.price),
  }));
  const cost = formatAmount(receipt.price);
  const privacy = privacyOf(how);
  return { receipt: receiptId, provider, cost, privacy, ...continuationOf(parts), receipts };
}

export function privacyOf({ sealed, attested }: HowSealed): PrivacyNote {
  const { level, name, readers } = PRIVACY_TEXTS[privacyLevelOf(sealed, attested)];
  return { level, name, readers, sealed: sealed ?? null };
}

function continuationOf(parts: readonly AnswerPart[]): Pick<CairnNote, 'continuation'> {
  const [first, ...rest] = parts;
  if (first === undefined || rest.length === 0) return {};
  const isExact =
    first.engineClass !== null && rest.every(({ engineClass }) => engineClass === first.engineClass);
  return { continuation: isExact ? 'exact' : 'valid' };
}

function formatCall({ id, name, arguments: text }: SaidCall): object {
  return { id, type: 'function', function: { name, arguments: text } };
}

export function formatUsage({
  promptTokens,
  cachedTokens,
  completionTokens,
}: Pick<AnswerSum, 'promptTokens' | 'cachedTokens' | 'completionTokens'>) {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: cachedTokens },
  };
}

function finishReasonOf({ finishReason }: AnswerSum, hasCalls: boolean): 'stop' | 'length' | 'tool_calls' {
  if (finishReason === 'length') return 'length';
  return hasCalls ? 'tool_calls' : 'stop';
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

/** How answers are told: of one endpoint. */
export interface AnswerForm {
  readonly idPrefix: string;
  whole(
    identity: AnswerIdentity,
    text: string,
    logprobs: readonly TokenLogprob[] | null,
    receipt: AnswerSum,
    cairn: CairnNote,
  ): object;
  writer(identity: AnswerIdentity): ChunkWriter;
  /** The last event of a stream that broke. */
  broken(error: ApiError): string;
  /** A failure before anything was sent. @default OpenAI's */
  error?(error: ApiError): object;
}

/** Chat completions and completions. */
export function completionForm(endpoint: ApiRequest['endpoint']): AnswerForm {
  return {
    idPrefix: endpoint === 'chat' ? 'chatcmpl-' : 'cmpl-',
    whole: formatAnswer,
    writer: createChunkWriter,
    broken: ({ body }) => `data: ${JSON.stringify(body)}\n\n`,
  };
}

/** Writes the events of a stream. What chunks share is serialised once; a token costs one string. */
export interface ChunkWriter {
  first(): string;
  delta(text: string, logprobs: readonly TokenLogprob[] | null): string;
  /** What was held back and the finish reason. */
  finish(receipt: AnswerSum): string;
  /** That, usage when asked for, Cairn's comment and `[DONE]`. */
  last(receipt: AnswerSum, note: CairnNote): string;
}

function createChunkWriter(identity: AnswerIdentity): ChunkWriter {
  const { request, id, created, model, index = 0 } = identity;
  const content = request.shape === undefined ? null : createContentReader(request.shape);
  const isChat = request.endpoint === 'chat';
  const object = isChat ? 'chat.completion.chunk' : 'text_completion';
  const shared = JSON.stringify({ id, object, created, model }).slice(0, -1);
  // With include_usage every chunk has the field, null until the last.
  const tail = `}]${request.includeUsage ? ',"usage":null' : ''}}\n\n`;
  const head = `data: ${shared},"choices":[{"index":${index},${isChat ? '"delta":{"content":' : '"text":'}`;
  const close = isChat ? '}' : '';
  const callHead = `data: ${shared},"choices":[{"index":${index},"delta":{"tool_calls":[`;
  const callTail = `]},"logprobs":null,"finish_reason":null${tail}`;

  function writePieces(pieces: readonly ContentPiece[], probabilities: string): string {
    let out = '';
    for (const piece of pieces) {
      if (piece.type === 'text') {
        out += `${head}${JSON.stringify(piece.text)}${close},"logprobs":${probabilities},"finish_reason":null${tail}`;
      } else if (piece.type === 'call') {
        const told = { name: piece.name, arguments: '' };
        out += `${callHead}${JSON.stringify({ index: piece.index, id: piece.id, type: 'function', function: told })}${callTail}`;
      } else {
        out += `${callHead}${JSON.stringify({ index: piece.index, function: { arguments: piece.text } })}${callTail}`;
      }
    }
    return out;
  }

  function finish(receipt: AnswerSum): string {
    const rest = content === null ? '' : writePieces(content.end(), 'null');
    const end = isChat ? '"delta":{}' : '"text":""';
    const reason = finishReasonOf(receipt, content?.hasCalls === true);
    return `${rest}data: ${shared},"choices":[{"index":${index},${end},"logprobs":null,"finish_reason":"${reason}"${tail}`;
  }

  return {
    first: () =>
      isChat
        ? `data: ${shared},"choices":[{"index":${index},"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null${tail}`
        : '',
    delta(text, logprobs) {
      const told = formatLogprobs(request, logprobs);
      const probabilities = told === null ? 'null' : JSON.stringify(told);
      if (content !== null) return writePieces(content.push(text), probabilities);
      return `${head}${JSON.stringify(text)}${close},"logprobs":${probabilities},"finish_reason":null${tail}`;
    },
    finish,
    last(receipt, note) {
      const usage = request.includeUsage
        ? `data: ${shared},"choices":[],"usage":${JSON.stringify(formatUsage(receipt))}}\n\n`
        : '';
      return `${finish(receipt)}${usage}: cairn ${JSON.stringify(note)}\n\ndata: [DONE]\n\n`;
    },
  };
}
