import { EngineError } from '../errors.ts';
import { isObject, parseObject } from './chunk.ts';
import { type HttpLimits, type HttpParts, quoteStranger, readText, sendHttp } from './http.ts';

export type UpstreamKind = 'ollama' | 'vllm' | 'lm-studio' | 'llama-server' | 'openai';

export interface UpstreamModel {
  readonly id: string;
  /** What the server says it holds; null when it does not say. */
  readonly contextTokens: number | null;
}

export interface UpstreamListing {
  readonly kind: UpstreamKind;
  readonly models: readonly UpstreamModel[];
}

const MAX_MODELS = 1024;
const MAX_NAME_LENGTH = 256;

/**
 * The models a server offers: Ollama by its own list, others by `/v1/models`.
 *
 * @throws EngineError `UPSTREAM_UNREACHABLE`, `UPSTREAM_TIMED_OUT`, `UPSTREAM_FAILED`, `STREAM_CUT`
 */
export async function listUpstreamModels(
  parts: HttpParts,
  server: { readonly baseUrl: string; readonly kind: UpstreamKind; readonly apiKey?: string },
  limits: HttpLimits,
): Promise<UpstreamListing> {
  const { baseUrl, kind, apiKey } = server;
  const url = `${baseUrl}${kind === 'ollama' ? '/api/tags' : '/v1/models'}`;
  const headers = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
  const answer = await sendHttp(parts, { url, method: 'GET', headers }, limits);
  const text = await readText(answer);
  if (answer.status !== 200) throw failed(url, answer.status, quoteStranger(text));
  const body = parseObject(text);
  const list = body?.[kind === 'ollama' ? 'models' : 'data'];
  if (!Array.isArray(list))
    throw failed(url, answer.status, 'it answers with something other than a list of models');
  const entries = list.slice(0, MAX_MODELS).filter(isObject);
  const models = entries.flatMap((entry) => {
    const id = entry[kind === 'ollama' ? 'name' : 'id'];
    return isModelName(id) ? [{ id, contextTokens: contextOf(entry) }] : [];
  });
  return { kind: kind === 'openai' ? kindOf(entries) : kind, models };
}

function isModelName(value: unknown): value is string {
  return (
    typeof value === 'string' && value !== '' && value.length <= MAX_NAME_LENGTH && !/[\p{C}\s]/u.test(value)
  );
}

function contextOf(entry: Readonly<Record<string, unknown>>): number | null {
  const meta = isObject(entry.meta) ? entry.meta : {};
  const told = entry.max_model_len ?? meta.n_ctx ?? meta.n_ctx_train;
  return Number.isSafeInteger(told) && (told as number) > 0 ? (told as number) : null;
}

function kindOf(entries: readonly Readonly<Record<string, unknown>>[]): UpstreamKind {
  const owners = new Set(entries.map((entry) => entry.owned_by));
  if (owners.has('vllm')) return 'vllm';
  if (owners.has('llamacpp')) return 'llama-server';
  if (owners.has('organization_owner')) return 'lm-studio';
  return 'openai';
}

function failed(url: string, status: number, reason: string): EngineError {
  return new EngineError(
    { code: 'UPSTREAM_FAILED', url, status, reason },
    `${url} answered with status ${status}: ${reason}. Check that it is an OpenAI-compatible server.`,
  );
}
