import { mostBodyTokens } from '@cairn/protocol';
import type { AnswerSum } from '../answer-sum.ts';
import { createContentReader, readContent } from '../api/content.ts';
import type { AnswerForm, ChunkWriter } from '../api/format.ts';
import type { ApiRequest } from '../api/parse-request.ts';
import type { ApiError } from '../http/api-error.ts';
import { parseJsonObject, readBody } from '../http/read-body.ts';
import { replyJson } from '../http/reply.ts';
import type { Endpoint } from './endpoint.ts';
import { parseAnthropic } from './parse-anthropic.ts';
import { serveText } from './text.ts';

const ERROR_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
};

/** A failure as Anthropic's clients read it. */
function anthropicError({ status, body }: ApiError): object {
  const type = ERROR_TYPES[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error');
  return { type: 'error', error: { type, message: body.error.message, code: body.error.code } };
}

/** Anthropic's messages. */
export const messageEndpoints: readonly Endpoint[] = [
  {
    method: 'POST',
    path: '/v1/messages',
    errorBody: anthropicError,
    serve: (context, exchange) =>
      serveText(context, exchange, (fields) => ({ request: parseAnthropic(fields), form: messageForm })),
  },
  {
    method: 'POST',
    path: '/v1/messages/count_tokens',
    errorBody: anthropicError,
    async serve({ mostBodyBytes }, { request, response, headers }) {
      const parsed = parseAnthropic(parseJsonObject(await readBody(request, mostBodyBytes)));
      // The tokenizer is the provider's: this is the most that it may count.
      const counted = { input_tokens: mostBodyTokens(parsed), cairn: { exact: false } };
      replyJson(response, 200, JSON.stringify(counted), headers);
    },
  },
];

const messageForm: AnswerForm = {
  idPrefix: 'msg_',
  whole({ id, model, request }, text, _logprobs, receipt, cairn) {
    const said = readContent(request, text);
    const content = [
      ...(said.text === '' && said.calls.length > 0 ? [] : [{ type: 'text', text: said.text }]),
      ...said.calls.map((call) => ({
        type: 'tool_use',
        id: call.id,
        name: call.name,
        input: inputOf(call.arguments),
      })),
    ];
    return {
      id,
      type: 'message',
      role: 'assistant',
      model,
      content,
      stop_reason: stopReasonOf(receipt, said.calls.length > 0),
      stop_sequence: null,
      usage: usageOf(receipt),
      cairn,
    };
  },
  writer: ({ id, model, request }) => createMessageWriter(id, model, request),
  broken: (error) => `event: error\ndata: ${JSON.stringify(anthropicError(error))}\n\n`,
};

function createMessageWriter(id: string, model: string, request: ApiRequest): ChunkWriter {
  const reader = createContentReader(request.shape ?? { tools: [] });
  let index = -1;
  let open: 'text' | 'tool' | null = null;
  const tell = (type: string, fields: object) =>
    `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
  const close = () => (open === null ? '' : tell('content_block_stop', { index }));

  function start(kind: 'text' | 'tool', block: object): string {
    const closed = close();
    open = kind;
    index += 1;
    return closed + tell('content_block_start', { index, content_block: block });
  }

  function write(pieces: ReturnType<typeof reader.push>): string {
    let out = '';
    for (const piece of pieces) {
      if (piece.type === 'call') {
        out += start('tool', { type: 'tool_use', id: piece.id, name: piece.name, input: {} });
      } else if (piece.type === 'arguments') {
        const delta = { type: 'input_json_delta', partial_json: piece.text };
        out += tell('content_block_delta', { index, delta });
      } else {
        if (open !== 'text') out += start('text', { type: 'text', text: '' });
        out += tell('content_block_delta', { index, delta: { type: 'text_delta', text: piece.text } });
      }
    }
    return out;
  }

  function finish(receipt: AnswerSum): string {
    const rest = write(reader.end());
    const block = open === null ? start('text', { type: 'text', text: '' }) : '';
    const delta = { stop_reason: stopReasonOf(receipt, reader.hasCalls), stop_sequence: null };
    return `${rest}${block}${close()}${tell('message_delta', { delta, usage: usageOf(receipt) })}`;
  }

  return {
    first() {
      const message = {
        id,
        type: 'message',
        role: 'assistant',
        model,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        // Counted at the end: the tokenizer is the provider's.
        usage: { input_tokens: 0, output_tokens: 0 },
      };
      return tell('message_start', { message });
    },
    delta: (text) => write(reader.push(text)),
    finish,
    last: (receipt, note) =>
      `${finish(receipt)}${tell('message_stop', {})}: cairn ${JSON.stringify(note)}\n\n`,
  };
}

function stopReasonOf({ finishReason }: AnswerSum, hasCalls: boolean): string {
  if (finishReason === 'length') return 'max_tokens';
  return hasCalls ? 'tool_use' : 'end_turn';
}

function usageOf({ promptTokens, cachedTokens, completionTokens }: AnswerSum): object {
  return {
    input_tokens: promptTokens - cachedTokens,
    cache_read_input_tokens: cachedTokens,
    cache_creation_input_tokens: 0,
    output_tokens: completionTokens,
  };
}

/** Arguments that a model wrote badly are shown as they are. */
function inputOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { arguments: text };
  }
}
