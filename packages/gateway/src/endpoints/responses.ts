import type { ChatMessage } from '@cairn/protocol';
import type { AnswerSum } from '../answer-sum.ts';
import type { AnswerForm, AnswerIdentity, CairnNote } from '../api/format.ts';
import { GatewayError } from '../errors.ts';
import { replyJson } from '../http/reply.ts';
import type { Endpoint, EndpointContext } from './endpoint.ts';
import { parseResponses, type ResponsesQuestion } from './parse-responses.ts';
import { createResponseOutput, type OutputEvent, type ResponseOutput } from './response-output.ts';
import { serveText } from './text.ts';

/** OpenAI's responses: items in and out, by events with numbers where they are streamed. */
export const responseEndpoints: readonly Endpoint[] = [
  {
    method: 'POST',
    path: '/v1/responses',
    serve: (context, exchange) =>
      serveText(context, exchange, (fields) => {
        const question = parseResponses(fields, exchange.caller, context.responses);
        return { request: question.request, form: responseForm(context, exchange.caller, question) };
      }),
  },
  {
    method: 'GET',
    path: '/v1/responses/',
    async serve({ responses }, { response, headers, rest, caller }) {
      const found = responses.find(caller, rest);
      if (found === null) throw notFound(rest);
      replyJson(response, 200, JSON.stringify(found.body), headers);
    },
  },
  {
    method: 'DELETE',
    path: '/v1/responses/',
    async serve({ responses }, { response, headers, rest, caller }) {
      if (!responses.drop(caller, rest)) throw notFound(rest);
      replyJson(response, 200, JSON.stringify({ id: rest, object: 'response', deleted: true }), headers);
    },
  },
];

function notFound(id: string): GatewayError {
  return new GatewayError(
    { code: 'response_not_found' },
    `This gateway does not hold response ${id.slice(0, 100)}. It keeps the latest in memory until it restarts.`,
  );
}

/** How a response is told, and kept where the client did not forbid it. */
export function responseForm(
  { responses }: Pick<EndpointContext, 'responses'>,
  caller: string,
  question: ResponsesQuestion,
): AnswerForm {
  function finish(
    identity: AnswerIdentity,
    output: ResponseOutput,
    receipt: AnswerSum,
    cairn: CairnNote,
  ): object {
    const body = describe(identity, question, output, receipt, cairn);
    if (question.isStored) {
      const items = output.messages();
      const messages = [...question.messages, ...mergeCalls([...items.values()])];
      responses.keep(caller, identity.id, { messages, items, body });
    }
    return body;
  }

  return {
    idPrefix: 'resp_',
    whole(identity, text, _logprobs, receipt, cairn) {
      const output = createResponseOutput(question.request.shape);
      output.push(text);
      output.end(statusOf(receipt));
      return finish(identity, output, receipt, cairn);
    },
    writer(identity) {
      const output = createResponseOutput(question.request.shape);
      let number = 0;
      const tell = (event: OutputEvent) => {
        const numbered = JSON.stringify({ ...event, sequence_number: number });
        number += 1;
        return `event: ${event.type}\ndata: ${numbered}\n\n`;
      };
      const last = (receipt: AnswerSum, note: CairnNote) => {
        const status = statusOf(receipt);
        const events = output.end(status).map(tell).join('');
        const response = finish(identity, output, receipt, note);
        const type = status === 'incomplete' ? 'response.incomplete' : 'response.completed';
        return `${events}${tell({ type, response })}: cairn ${JSON.stringify(note)}\n\n`;
      };
      return {
        first() {
          const response = describe(identity, question, output, null, null);
          return (
            tell({ type: 'response.created', response }) + tell({ type: 'response.in_progress', response })
          );
        },
        delta: (text) => output.push(text).map(tell).join(''),
        finish: () => '',
        last,
      };
    },
    broken({ body: { error } }) {
      const event = { type: 'error', code: error.code, message: error.message, param: error.param, error };
      return `event: error\ndata: ${JSON.stringify(event)}\n\n`;
    },
  };
}

/** Messages as they go into a next question: the calls of one answer are one message. */
function mergeCalls(messages: readonly ChatMessage[]) {
  const calls = messages.flatMap(({ toolCalls }) => toolCalls ?? []);
  const content = messages.map(({ content: text }) => text).join('');
  return [{ role: 'assistant' as const, content, ...(calls.length === 0 ? {} : { toolCalls: calls }) }];
}

function statusOf({ finishReason }: AnswerSum): 'completed' | 'incomplete' {
  return finishReason === 'length' ? 'incomplete' : 'completed';
}

/** Without a receipt the response is under way. */
function describe(
  { id, created, model }: AnswerIdentity,
  { fields, request, format, isStored }: ResponsesQuestion,
  output: ResponseOutput,
  receipt: AnswerSum | null,
  cairn: CairnNote | null,
): object {
  const status = receipt === null ? 'in_progress' : statusOf(receipt);
  const { temperature, topP } = request.params;
  return {
    id,
    object: 'response',
    created_at: created,
    status,
    background: false,
    error: null,
    incomplete_details: status === 'incomplete' ? { reason: 'max_output_tokens' } : null,
    instructions: fields.instructions ?? null,
    max_output_tokens: fields.max_output_tokens ?? null,
    model,
    output: receipt === null ? [] : output.items(statusOf(receipt)),
    parallel_tool_calls: request.shape?.parallel ?? true,
    previous_response_id: fields.previous_response_id ?? null,
    reasoning: { effort: null, summary: null },
    store: isStored,
    temperature,
    text: { format: format.type === 'text' ? { type: 'text' } : (fields.text as { format: unknown }).format },
    tool_choice: fields.tool_choice ?? 'auto',
    tools: fields.tools ?? [],
    top_p: topP,
    truncation: 'disabled',
    usage: receipt === null ? null : usageOf(receipt),
    user: null,
    metadata: fields.metadata ?? {},
    ...(cairn === null ? {} : { cairn }),
  };
}

function usageOf({ promptTokens, cachedTokens, completionTokens }: AnswerSum): object {
  return {
    input_tokens: promptTokens,
    input_tokens_details: { cached_tokens: cachedTokens },
    output_tokens: completionTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: promptTokens + completionTokens,
  };
}
