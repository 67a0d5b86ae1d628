import type { CancelSignal } from '@cairn/core';
import { type Task, taskItems } from '@cairn/protocol';
import { EngineError } from '../errors.ts';
import { vectorToBase64 } from '../tasks/by-vectors.ts';
import { isObject, parseObject } from './chunk.ts';
import { type HttpParts, quoteStranger, readBytes, sendHttp } from './http.ts';
import type { UpstreamTarget } from './upstream-stream.ts';

/**
 * Asks an OpenAI-compatible server for something other than text.
 *
 * @throws EngineError `UPSTREAM_UNREACHABLE`, `UPSTREAM_TIMED_OUT`, `UPSTREAM_FAILED`, `STREAM_CUT`
 */
export async function runUpstreamTask(
  parts: HttpParts,
  target: Omit<UpstreamTarget, 'logprobs'>,
  task: Task,
  signal?: CancelSignal,
): Promise<readonly string[]> {
  const { path, body } = toRequest(target.model, task);
  const url = `${target.baseUrl}${path}`;
  const headers = target.apiKey === undefined ? {} : { authorization: `Bearer ${target.apiKey}` };
  const sent = { url, method: 'POST' as const, headers, body, ...(signal === undefined ? {} : { signal }) };
  const answer = await sendHttp(parts, sent, target.limits);
  const bytes = await readBytes(answer);
  if (answer.status !== 200) {
    throw failed(url, answer.status, quoteStranger(new TextDecoder().decode(bytes.subarray(0, 1000))));
  }
  if (task.kind === 'speech') return [Buffer.from(bytes).toString('base64')];
  const fields = parseObject(new TextDecoder().decode(bytes));
  const items = fields === null ? null : readItems(task, fields);
  if (items?.length !== taskItems(task)) {
    throw failed(url, answer.status, `it does not answer as a server that does the task ${task.kind}`);
  }
  return items;
}

function toRequest(model: string, task: Task): { path: string; body: object } {
  switch (task.kind) {
    case 'embed':
      return {
        path: '/v1/embeddings',
        body: {
          model,
          input: task.texts,
          encoding_format: 'float',
          ...(task.dimensions === null ? {} : { dimensions: task.dimensions }),
        },
      };
    case 'rank':
      return { path: '/v1/rerank', body: { model, query: task.query, documents: task.documents } };
    case 'moderate':
      return { path: '/v1/moderations', body: { model, input: task.texts } };
    case 'image':
      return {
        path: '/v1/images/generations',
        body: {
          model,
          prompt: task.text,
          n: task.count,
          response_format: 'b64_json',
          ...(task.size === null ? {} : { size: task.size }),
        },
      };
    case 'speech':
      return {
        path: '/v1/audio/speech',
        body: { model, input: task.text, voice: task.voice, response_format: task.format, speed: task.speed },
      };
    default: {
      const form = new FormData();
      form.set('model', model);
      form.set('file', new Blob([Uint8Array.from(task.audio)]), `audio.${task.format}`);
      form.set('response_format', 'verbose_json');
      if (task.language !== null) form.set('language', task.language);
      if (task.hint !== null) form.set('prompt', task.hint);
      return {
        path: `/v1/audio/${task.kind === 'transcribe' ? 'transcriptions' : 'translations'}`,
        body: form,
      };
    }
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** The items in order; null when they are not what was asked for. */
function readItems(task: Task, fields: Fields): readonly string[] | null {
  switch (task.kind) {
    case 'embed':
      return byIndex(fields.data, ({ embedding }) =>
        Array.isArray(embedding) && embedding.every((value) => Number.isFinite(value))
          ? vectorToBase64(Float32Array.from(embedding as number[]))
          : null,
      );
    case 'rank':
      return byIndex(fields.results, ({ relevance_score: score }) =>
        Number.isFinite(score) ? String(score) : null,
      );
    case 'moderate':
      return listOf(fields.results, (result) => JSON.stringify(result));
    case 'image':
      return listOf(fields.data, ({ b64_json: image }) => (typeof image === 'string' ? image : null));
    default: {
      const { text, language, duration, segments } = fields;
      return typeof text === 'string' ? [JSON.stringify({ text, language, duration, segments })] : null;
    }
  }
}

function listOf(value: unknown, read: (entry: Fields) => string | null): readonly string[] | null {
  if (!Array.isArray(value)) return null;
  const items = value.map((entry) => (isObject(entry) ? read(entry) : null));
  return items.every((item) => item !== null) ? items : null;
}

/** Servers may answer in an order of their own. */
function byIndex(value: unknown, read: (entry: Fields) => string | null): readonly string[] | null {
  if (!Array.isArray(value)) return null;
  const items = new Array<string | null>(value.length).fill(null);
  for (const [place, entry] of value.entries()) {
    if (!isObject(entry)) return null;
    const index = entry.index ?? place;
    if (typeof index === 'number' && index in items) items[index] = read(entry);
  }
  return items.every((item) => item !== null) ? items : null;
}

export function base64ToVector(text: string): Float32Array {
  const bytes = Buffer.from(text, 'base64');
  return Float32Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(4 * index));
}

function failed(url: string, status: number, reason: string): EngineError {
  return new EngineError(
    { code: 'UPSTREAM_FAILED', url, status, reason },
    `${url} could not answer (status ${status}): ${reason}. Look at the log of that server.`,
  );
}
