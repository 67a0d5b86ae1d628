import type { AnswerShape, InferParams, Prompt, Task } from '@cairn/protocol';
import {
  type Fields,
  invalid,
  isObject,
  missing,
  readFlag,
  readNumber,
  readTexts,
  readWhole,
  unsupported,
} from './fields.ts';
import { parseMessages } from './parse-messages.ts';
import { parseShape } from './parse-shape.ts';
import { type Preferences, parsePreferences } from './preferences.ts';

/** A request of either endpoint, checked. */
export interface ApiRequest {
  readonly endpoint: 'chat' | 'completions' | 'task';
  readonly model: string;
  /** Models to ask when that one cannot answer, in order. */
  readonly models: readonly string[];
  readonly prompt: Prompt;
  /** `maxTokens` null: as many as the context holds. */
  readonly params: Omit<InferParams, 'maxTokens'> & { readonly maxTokens: number | null };
  readonly wantsLogprobs: boolean;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly preferences: Preferences;
  /** Answers to give, each of its own. @default 1 */
  readonly count?: number;
  readonly shape?: AnswerShape;
  readonly task?: Task;
  readonly priority?: 'batch';
}

/** What goes to the provider besides prompt and parameters. */
export function extrasOf({
  shape,
  task,
  priority,
}: ApiRequest): Pick<ApiRequest, 'shape' | 'task' | 'priority'> {
  return {
    ...(shape === undefined ? {} : { shape }),
    ...(task === undefined ? {} : { task }),
    ...(priority === undefined ? {} : { priority }),
  };
}

/** Each of them is an answer of its own and is paid as one. */
const MAX_CHOICES = 16;
const MAX_STOPS = 4;
const MAX_MODELS = 8;
const LEGACY_MAX_TOKENS = 16;

/** @throws GatewayError `invalid_value`, `missing_required_parameter`, `unsupported_parameter` */
export function parseChatRequest(fields: Fields): ApiRequest {
  refuseModalities(fields);
  const shape = parseShape(fields);
  const wantsLogprobs = readFlag(fields, 'logprobs');
  const top = readWhole(fields, 'top_logprobs', 0, 20);
  if (top !== null && top > 0 && !wantsLogprobs)
    throw invalid('top_logprobs', 'left out unless logprobs is true');
  const maxTokens =
    readWhole(fields, 'max_completion_tokens', 1, 0xffff_ffff) ??
    readWhole(fields, 'max_tokens', 1, 0xffff_ffff);
  return {
    endpoint: 'chat',
    prompt: { kind: 'chat', messages: parseMessages(fields.messages) },
    // One candidate per position is the least an engine reports for the chosen token.
    ...parseCommon(fields, maxTokens, wantsLogprobs ? larger(top ?? 0, 1) : 0),
    wantsLogprobs,
    ...(shape === null ? {} : { shape }),
  };
}

/** @throws GatewayError `invalid_value`, `missing_required_parameter`, `unsupported_parameter` */
export function parseCompletionRequest(fields: Fields): ApiRequest {
  for (const name of ['suffix', 'echo'] as const) {
    if (fields[name]) throw unsupported(name, 'Leave it out.');
  }
  const bestOf = readWhole(fields, 'best_of', 1, 20) ?? 1;
  if (bestOf !== 1) throw unsupported('best_of', 'Only 1 is offered.');
  const logprobs = readWhole(fields, 'logprobs', 0, 5);
  const { prompt } = fields;
  const text = Array.isArray(prompt) && prompt.length === 1 ? (prompt[0] as unknown) : prompt;
  if (text === undefined || text === null) throw missing('prompt');
  if (typeof text !== 'string' || !text.isWellFormed())
    throw invalid('prompt', 'one text; token ids and batches are not supported');
  return {
    endpoint: 'completions',
    prompt: { kind: 'text', text },
    ...parseCommon(
      fields,
      readWhole(fields, 'max_tokens', 1, 0xffff_ffff) ?? LEGACY_MAX_TOKENS,
      logprobs === null ? 0 : larger(logprobs, 1),
    ),
    wantsLogprobs: logprobs !== null,
  };
}

export function parseCommon(fields: Fields, maxTokens: number | null, topLogprobs: number) {
  const [model = '', ...models] = parseModels(fields);
  const count = readWhole(fields, 'n', 1, MAX_CHOICES) ?? 1;
  for (const name of ['frequency_penalty', 'presence_penalty'] as const) {
    if ((readNumber(fields, name, -2, 2) ?? 0) !== 0) throw unsupported(name, 'Leave it out or set it to 0.');
  }
  if (isObject(fields.logit_bias) && Object.keys(fields.logit_bias).length > 0) {
    throw unsupported('logit_bias', 'Leave it out.');
  }
  const stream = readFlag(fields, 'stream');
  const options = fields.stream_options ?? null;
  if (options !== null && !isObject(options)) throw invalid('stream_options', 'an object');
  if (options !== null && !stream) throw invalid('stream_options', 'left out unless stream is true');
  const topP = readNumber(fields, 'top_p', 0, 1) ?? 1;
  return {
    model,
    models,
    params: {
      maxTokens,
      // Greedy unless asked otherwise: an answer that anyone can check again.
      temperature: readNumber(fields, 'temperature', 0, 2) ?? 0,
      // Zero keeps only the likeliest token, which is what greedy does.
      topP: topP === 0 ? 1e-6 : topP,
      seed: readSeed(fields),
      stop: parseStop(fields.stop),
      topLogprobs,
    },
    stream,
    includeUsage: options !== null && readFlag(options, 'include_usage'),
    preferences: parsePreferences(fields.provider, fields.cairn, 1 + models.length),
    ...(count === 1 ? {} : { count }),
  };
}

/** The model asked for, and those to ask after it. */
function parseModels({ model, models }: Fields): readonly string[] {
  const others = readTexts(models, 'models', MAX_MODELS);
  if ((model === undefined || model === null) && others.length === 0) throw missing('model');
  if (model !== undefined && model !== null && typeof model !== 'string')
    throw invalid('model', 'the name of a model');
  const names = [...new Set([...(typeof model === 'string' ? [model] : []), ...others])];
  if (names.some((name) => name === '' || name.length > 200)) throw invalid('model', 'the name of a model');
  return names;
}

function readSeed(fields: Fields): number | null {
  const seed = readWhole(fields, 'seed', Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  // Samplers take 32 bits; clients send 64.
  return seed === null ? null : Number(BigInt.asUintN(32, BigInt(seed)));
}

function parseStop(stop: unknown): readonly string[] {
  const stops = typeof stop === 'string' ? [stop] : (stop ?? []);
  const isFine =
    Array.isArray(stops) &&
    stops.length <= MAX_STOPS &&
    stops.every(
      (text) => typeof text === 'string' && text !== '' && text.length <= 256 && text.isWellFormed(),
    );
  if (!isFine) throw invalid('stop', `a text or at most ${MAX_STOPS} texts of 1 to 256 characters`);
  return stops as readonly string[];
}

function refuseModalities(fields: Fields): void {
  const modalities = fields.modalities ?? ['text'];
  if (
    !Array.isArray(modalities) ||
    modalities.some((modality) => modality !== 'text') ||
    isObject(fields.audio)
  ) {
    throw unsupported('modalities', 'Only text is offered.');
  }
}

function larger(one: number, other: number): number {
  return one > other ? one : other;
}
