import { MAX_TASK_TEXTS } from '@cairn/protocol';
import { type Fields, invalid, missing, readWhole, unsupported } from '../api/fields.ts';
import { shortText } from '../api/parse-messages.ts';
import { parseJsonObject, readBody } from '../http/read-body.ts';
import type { Endpoint, EndpointContext, Exchange } from './endpoint.ts';
import { jsonOf, noteOfTask, serveTask, type TaskAnswer, type TaskQuestion, usageOfTask } from './tasks.ts';

/** Reads the body as JSON and answers it by one task. */
export function jsonTask(
  parse: (fields: Fields) => {
    readonly question: TaskQuestion;
    readonly describe: (answer: TaskAnswer) => object;
  },
): Endpoint['serve'] {
  return async (context: EndpointContext, exchange: Exchange) => {
    const body = await readBody(exchange.request, context.mostBodyBytes);
    const { question, describe } = parse(parseJsonObject(body));
    await context.once(exchange, body, (onSpent) =>
      serveTask(context, exchange, question, (answer) => jsonOf(describe(answer)), onSpent),
    );
  };
}

export function readModel(fields: Fields): string {
  if (fields.model === undefined || fields.model === null) throw missing('model');
  return shortText(fields.model, 'model', 200);
}

/** One text or a list of them. @throws GatewayError `missing_required_parameter`, `invalid_value` */
export function readInputs(value: unknown, name: string): readonly string[] {
  if (value === undefined || value === null) throw missing(name);
  const texts = typeof value === 'string' ? [value] : value;
  const isFine =
    Array.isArray(texts) &&
    texts.length > 0 &&
    texts.length <= MAX_TASK_TEXTS &&
    texts.every((text) => typeof text === 'string' && text !== '' && text.isWellFormed());
  if (!isFine) throw invalid(name, `a text or a list of 1 to ${MAX_TASK_TEXTS} texts, none of them empty`);
  return texts as readonly string[];
}

export function parseEmbeddings(fields: Fields) {
  const model = readModel(fields);
  const texts = readInputs(fields.input, 'input');
  const encoding = fields.encoding_format ?? 'float';
  if (encoding !== 'float' && encoding !== 'base64')
    throw unsupported('encoding_format', 'Use float or base64.');
  const dimensions = readWhole(fields, 'dimensions', 1, 65_536);
  const question: TaskQuestion = {
    model,
    wanted: 'embed',
    task: { kind: 'embed', texts, dimensions },
    provider: fields.provider,
    cairn: fields.cairn,
  };
  const describe = (answer: TaskAnswer) => ({
    object: 'list',
    data: answer.items.map((item, index) => ({
      object: 'embedding',
      index,
      // The wire carries what base64 asks for: 32-bit floats, little end first.
      embedding: encoding === 'base64' ? item : base64ToNumbers(item),
    })),
    model: answer.modelName,
    usage: usageOfTask(answer),
    cairn: noteOfTask(answer),
  });
  return { question, describe };
}

function base64ToNumbers(text: string): number[] {
  const bytes = Buffer.from(text, 'base64');
  return Array.from({ length: bytes.length >> 2 }, (_, index) => bytes.readFloatLE(4 * index));
}

export const embeddingEndpoints: readonly Endpoint[] = [
  { method: 'POST', path: '/v1/embeddings', serve: jsonTask(parseEmbeddings) },
];
