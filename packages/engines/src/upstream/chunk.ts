import type { TokenLogprob } from '@cairn/protocol';

/** What one event of an OpenAI-style stream says. */
export interface UpstreamChunk {
  readonly text: string;
  readonly finishReason: string | null;
  readonly usage: {
    readonly promptTokens: number;
    readonly cachedTokens: number;
    readonly completionTokens: number;
  } | null;
  /** Null when the upstream gave none, or none that name token ids. */
  readonly logprobs: readonly TokenLogprob[] | null;
  /** Pieces of calls of tools. */
  readonly toolCalls: readonly ToolCallPiece[];
  /** The words of an error event. */
  readonly error: string | null;
}

export interface ToolCallPiece {
  readonly index: number;
  /** Empty after the first piece of a call. */
  readonly name: string;
  readonly arguments: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** Reads one event; null when it is not what such a stream may hold. */
export function parseUpstreamChunk(data: string): UpstreamChunk | null {
  const body = parseObject(data);
  if (body === null) return null;
  if (body.error !== undefined && body.error !== null) {
    const error = body.error;
    const message = isObject(error) ? error.message : error;
    return { ...EMPTY, error: typeof message === 'string' ? message : 'no reason given' };
  }
  const choices = body.choices;
  const choice = Array.isArray(choices) && isObject(choices[0]) ? choices[0] : {};
  const delta = isObject(choice.delta) ? choice.delta : {};
  const text = delta.content ?? choice.text ?? '';
  const finishReason = choice.finish_reason;
  return {
    text: typeof text === 'string' ? text : '',
    finishReason: typeof finishReason === 'string' ? finishReason : null,
    usage: parseUsage(body.usage),
    logprobs: parseLogprobs(choice.logprobs),
    toolCalls: Array.isArray(delta.tool_calls) ? delta.tool_calls.map(parseCallPiece) : [],
    error: null,
  };
}

/** A JSON object, or null. */
export function parseObject(text: string): Fields | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const EMPTY = { text: '', finishReason: null, usage: null, logprobs: null, toolCalls: [] };

function parseCallPiece(value: unknown, place: number): ToolCallPiece {
  const piece = isObject(value) ? value : {};
  const told = isObject(piece.function) ? piece.function : {};
  return {
    // Ollama leaves the index out and sends whole calls.
    index: isCount(piece.index) ? piece.index : place,
    name: typeof told.name === 'string' ? told.name : '',
    arguments: typeof told.arguments === 'string' ? told.arguments : '',
  };
}

function parseUsage(value: unknown): UpstreamChunk['usage'] {
  if (!isObject(value)) return null;
  const { prompt_tokens: prompt, completion_tokens: completion, prompt_tokens_details: details } = value;
  if (!isCount(prompt) || !isCount(completion)) return null;
  const cached = isObject(details) ? details.cached_tokens : 0;
  return { promptTokens: prompt, completionTokens: completion, cachedTokens: isCount(cached) ? cached : 0 };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function parseLogprobs(value: unknown): readonly TokenLogprob[] | null {
  const content = isObject(value) ? value.content : null;
  if (!Array.isArray(content) || content.length === 0) return null;
  const entries = content.map((entry) => {
    const own = parseLogprob(entry);
    const top =
      isObject(entry) && Array.isArray(entry.top_logprobs) ? entry.top_logprobs.map(parseLogprob) : [];
    return own === null || top.some((other) => other === null)
      ? null
      : { ...own, top: top.map((other) => other!) };
  });
  return entries.some((entry) => entry === null) ? null : entries.map((entry) => entry!);
}

function parseLogprob(value: unknown): { tokenId: number; text: string; logprob: number } | null {
  if (!isObject(value)) return null;
  const { id, token, logprob } = value;
  if (!isCount(id) || typeof token !== 'string' || typeof logprob !== 'number') return null;
  return { tokenId: id, text: token, logprob };
}
