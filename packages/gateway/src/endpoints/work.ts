import { MAX_IMAGES, MAX_TASK_TEXTS } from '@cairn/protocol';
import {
  type Fields,
  invalid,
  isObject,
  missing,
  readFlag,
  readNumber,
  readWhole,
  unsupported,
} from '../api/fields.ts';
import { shortText } from '../api/parse-messages.ts';
import { jsonTask, readInputs, readModel } from './embeddings.ts';
import type { Endpoint } from './endpoint.ts';
import { noteOfTask, type TaskAnswer, type TaskQuestion, usageOfTask } from './tasks.ts';

const SIZE = /^[1-9][0-9]{1,4}x[1-9][0-9]{1,4}$/;

export function parseRerank(fields: Fields) {
  const model = readModel(fields);
  const query = shortText(fields.query, 'query', 64 * 1024);
  const documents = readDocuments(fields.documents);
  const most = readWhole(fields, 'top_n', 1, MAX_TASK_TEXTS) ?? documents.length;
  const showsDocuments = fields.return_documents == null || readFlag(fields, 'return_documents');
  const question: TaskQuestion = {
    model,
    wanted: 'rank',
    task: { kind: 'rank', query, documents },
    provider: fields.provider,
    cairn: fields.cairn,
  };
  const describe = (answer: TaskAnswer) => ({
    id: answer.receiptId,
    object: 'list',
    model: answer.modelName,
    results: answer.items
      .map((item, index) => ({
        index,
        relevance_score: Number(item),
        ...(showsDocuments ? { document: { text: documents[index] } } : {}),
      }))
      .sort((one, other) => other.relevance_score - one.relevance_score || one.index - other.index)
      .slice(0, most),
    usage: usageOfTask(answer),
    cairn: noteOfTask(answer),
  });
  return { question, describe };
}

function readDocuments(value: unknown): readonly string[] {
  if (!Array.isArray(value))
    throw value == null ? missing('documents') : invalid('documents', 'a list of texts');
  return readInputs(
    value.map((one: unknown) => (isObject(one) ? one.text : one)),
    'documents',
  );
}

export function parseModerations(fields: Fields) {
  const parts = Array.isArray(fields.input) ? fields.input : [fields.input];
  const texts = parts.every((part) => isObject(part) && part.type === 'text')
    ? parts.map((part) => (part as Fields).text)
    : fields.input;
  const question: TaskQuestion = {
    model: fields.model == null ? null : readModel(fields),
    wanted: 'moderate',
    task: { kind: 'moderate', texts: readInputs(texts, 'input') },
    provider: fields.provider,
    cairn: fields.cairn,
  };
  const describe = (answer: TaskAnswer) => ({
    id: `modr-${answer.receiptId.slice(0, 32)}`,
    model: answer.modelName,
    results: answer.items.map(readJudgement),
    cairn: noteOfTask(answer),
  });
  return { question, describe };
}

/** What a provider judged: only what such a judgement has. */
function readJudgement(item: string): object {
  const told: unknown = parseJson(item);
  const fields = isObject(told) ? told : {};
  const categories = isObject(fields.categories) ? fields.categories : {};
  const scores = isObject(fields.category_scores) ? fields.category_scores : {};
  return { flagged: fields.flagged === true, categories, category_scores: scores };
}

function parseImages(fields: Fields, nowSeconds: () => number) {
  if (fields.prompt === undefined || fields.prompt === null) throw missing('prompt');
  const form = fields.response_format ?? 'b64_json';
  if (form !== 'b64_json')
    throw unsupported('response_format', 'Only b64_json is offered: nobody keeps images here.');
  if (readFlag(fields, 'stream')) throw unsupported('stream', 'Images come whole.');
  const size = fields.size == null || fields.size === 'auto' ? null : shortText(fields.size, 'size', 16);
  if (size !== null && !SIZE.test(size)) throw invalid('size', 'width and height, as in 1024x1024');
  const question: TaskQuestion = {
    model: fields.model == null ? null : readModel(fields),
    wanted: 'image',
    task: {
      kind: 'image',
      text: shortText(fields.prompt, 'prompt', 32_000),
      count: readWhole(fields, 'n', 1, MAX_IMAGES) ?? 1,
      size,
    },
    provider: fields.provider,
    cairn: fields.cairn,
  };
  const describe = (answer: TaskAnswer) => ({
    created: nowSeconds(),
    data: answer.items.map((item) => ({ b64_json: item })),
    usage: {
      input_tokens: answer.receipt.promptTokens,
      input_tokens_details: { text_tokens: answer.receipt.promptTokens, image_tokens: 0 },
      output_tokens: answer.receipt.completionTokens,
      total_tokens: answer.receipt.promptTokens + answer.receipt.completionTokens,
    },
    cairn: noteOfTask(answer),
  });
  return { question, describe };
}

const SPEECH_TYPES: Readonly<Record<string, string>> = {
  mp3: 'audio/mpeg',
  opus: 'audio/ogg',
  aac: 'audio/aac',
  flac: 'audio/flac',
  wav: 'audio/wav',
  pcm: 'audio/pcm',
};

export function parseSpeech(fields: Fields): { question: TaskQuestion; contentType: string } {
  const format =
    fields.response_format == null ? 'mp3' : shortText(fields.response_format, 'response_format', 16);
  const contentType = SPEECH_TYPES[format];
  if (contentType === undefined) throw invalid('response_format', Object.keys(SPEECH_TYPES).join(', '));
  const question: TaskQuestion = {
    model: readModel(fields),
    wanted: 'speech',
    task: {
      kind: 'speech',
      text: shortText(fields.input, 'input', 4096),
      voice: fields.voice == null ? 'alloy' : shortText(fields.voice, 'voice', 64),
      format,
      speed: readNumber(fields, 'speed', 0.25, 4) ?? 1,
    },
    provider: fields.provider,
    cairn: fields.cairn,
  };
  return { question, contentType };
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Ranking, judging and drawing. */
export const workEndpoints: readonly Endpoint[] = [
  { method: 'POST', path: '/v1/rerank', serve: jsonTask(parseRerank) },
  { method: 'POST', path: '/v1/moderations', serve: jsonTask(parseModerations) },
  {
    method: 'POST',
    path: '/v1/images/generations',
    serve: (context, exchange) =>
      jsonTask((fields) => parseImages(fields, () => Math.floor(context.clock.nowMs() / 1000)))(
        context,
        exchange,
      ),
  },
];
