import type { Fields } from '../api/fields.ts';
import { type AnswerForm, completionForm } from '../api/format.ts';
import { type ApiRequest, parseChatRequest, parseCompletionRequest } from '../api/parse-request.ts';
import { serveCompletion } from '../completions.ts';
import { parseJsonObject, readBody } from '../http/read-body.ts';
import { type ModelChoice, serveFirst } from '../route/model-choice.ts';
import { serveChoices } from './choices.ts';
import { type Endpoint, type EndpointContext, type Exchange, endpointOf } from './endpoint.ts';

/** A request for text, and how its answer is told. */
export interface TextQuestion {
  readonly request: ApiRequest;
  readonly form: AnswerForm;
}

/** Answers with text: one answer, or several choices. */
export async function serveText(
  context: EndpointContext,
  exchange: Exchange,
  parse: (fields: Fields) => TextQuestion | Promise<TextQuestion>,
): Promise<void> {
  const { requestId, caller, headers, response, startMs } = exchange;
  const body = await readBody(exchange.request, context.mostBodyBytes);
  const { request, form } = await parse(parseJsonObject(body));
  const { idleTimeoutMs } = context;
  const endpoint = endpointOf(exchange.path);
  await context.once(exchange, body, async (onSpent) => {
    await context.checkWallet();
    const spending = onSpent === undefined ? {} : { onSpent };
    const shared = { form, caller, headers, idleTimeoutMs, endpoint, startMs, ...spending };
    return serveFirst([request.model, ...request.models], async (choice, index, readers) => {
      const job = {
        ...shared,
        readers,
        listed: await context.findModel(choice.name, 'text'),
        request: sortedBy(request, choice),
        requestId: index === 0 ? requestId : `${requestId}.${index}`,
      };
      if ((request.count ?? 1) > 1) return serveChoices(context.completions, job, response);
      return serveCompletion(context.completions, job, response);
    });
  });
}

/** A request with its providers in the order that the name of the model asks for. */
export function sortedBy(request: ApiRequest, { sort }: ModelChoice): ApiRequest {
  return sort === null ? request : { ...request, preferences: { ...request.preferences, sort } };
}

export function parseChat(fields: Fields): TextQuestion {
  return { request: parseChatRequest(fields), form: completionForm('chat') };
}

export function parseCompletion(fields: Fields): TextQuestion {
  return { request: parseCompletionRequest(fields), form: completionForm('completions') };
}

export const textEndpoints: readonly Endpoint[] = [
  {
    method: 'POST',
    path: '/v1/chat/completions',
    serve: (context, exchange) => serveText(context, exchange, parseChat),
  },
  {
    method: 'POST',
    path: '/v1/completions',
    serve: (context, exchange) => serveText(context, exchange, parseCompletion),
  },
];
