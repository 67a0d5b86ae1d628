import type { Fields } from '../api/fields.ts';
import { type AnswerForm, completionForm } from '../api/format.ts';
import { type ApiRequest, parseChatRequest, parseCompletionRequest } from '../api/parse-request.ts';
import { serveCompletion } from '../completions.ts';
import { parseJsonObject, readBody } from '../http/read-body.ts';
import { serveChoices } from './choices.ts';
import type { Endpoint, EndpointContext, Exchange } from './endpoint.ts';

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
  const { requestId, caller, headers, response } = exchange;
  const body = await readBody(exchange.request, context.mostBodyBytes);
  const { request, form } = await parse(parseJsonObject(body));
  await context.once(exchange, body, async () => {
    await context.checkWallet();
    const listed = await context.findModel(request.model, 'text');
    const { idleTimeoutMs } = context;
    const job = { listed, request, form, requestId, caller, headers, idleTimeoutMs };
    if ((request.count ?? 1) > 1) return serveChoices(context.completions, job, response);
    return serveCompletion(context.completions, job, response);
  });
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
