import type { AnswerFormat, ChatMessage } from '@cairn/protocol';
import { type Fields, invalid, isObject, missing, readFlag, readWhole, unsupported } from '../api/fields.ts';
import { parseArguments, parseContent, shortText } from '../api/parse-messages.ts';
import { type ApiRequest, parseCommon } from '../api/parse-request.ts';
import { parseFormat, parseTools, readChoice, shapeOf } from '../api/parse-shape.ts';
import { GatewayError } from '../errors.ts';
import type { ResponseBook } from './response-book.ts';

/** A request for a response. */
export interface ResponsesQuestion {
  readonly request: ApiRequest;
  /** As the client sent it, to be told again. */
  readonly fields: Fields;
  readonly messages: readonly ChatMessage[];
  readonly isStored: boolean;
  readonly format: AnswerFormat;
}

const MOST_ITEMS = 1024;

/** @throws GatewayError `invalid_value`, `missing_required_parameter`, `unsupported_parameter`, `response_not_found` */
export function parseResponses(fields: Fields, caller: string, book: ResponseBook): ResponsesQuestion {
  if (readFlag(fields, 'background'))
    throw unsupported('background', 'Use /v1/batches for work that can wait.');
  if (fields.conversation != null)
    throw unsupported('conversation', 'Use previous_response_id or send the items.');
  const tools = parseTools(fields.tools, (tool) => tool, 'tools');
  const text = fields.text ?? {};
  if (!isObject(text)) throw invalid('text', 'an object');
  const format = parseFormat(text.format, 'text.format', (given) => given);
  const parallel = fields.parallel_tool_calls == null || readFlag(fields, 'parallel_tool_calls');
  const shape = shapeOf(tools, readChoice(fields.tool_choice, tools, 'tool_choice'), parallel, format);
  const before = findBefore(fields.previous_response_id, caller, book);
  const messages = [...before, ...parseInput(fields.input, caller, book)];
  if (messages.length === 0) throw invalid('input', 'a text or a list with a message');
  const told = parseInstructions(fields.instructions);
  const maxTokens = readWhole(fields, 'max_output_tokens', 1, 0xffff_ffff);
  const common = parseCommon({ ...fields, n: undefined, stream_options: undefined }, maxTokens, 0);
  return {
    request: {
      endpoint: 'chat',
      prompt: { kind: 'chat', messages: [...told, ...messages] },
      ...common,
      wantsLogprobs: false,
      ...(shape === null ? {} : { shape }),
    },
    fields,
    messages,
    isStored: fields.store == null || readFlag(fields, 'store'),
    format,
  };
}

function parseInstructions(value: unknown): ChatMessage[] {
  if (value === undefined || value === null || value === '') return [];
  return [{ role: 'system', content: parseContent(value, 'instructions') }];
}

function findBefore(id: unknown, caller: string, book: ResponseBook): readonly ChatMessage[] {
  if (id === undefined || id === null) return [];
  const name = shortText(id, 'previous_response_id', 128);
  const found = book.find(caller, name);
  if (found !== null) return found.messages;
  throw new GatewayError(
    { code: 'response_not_found' },
    `This gateway does not hold response ${name}. It keeps the latest in memory until it restarts: send the earlier items as input.`,
  );
}

function parseInput(input: unknown, caller: string, book: ResponseBook): ChatMessage[] {
  if (input === undefined || input === null) throw missing('input');
  if (typeof input === 'string') return [{ role: 'user', content: parseContent(input, 'input') }];
  if (!Array.isArray(input) || input.length > MOST_ITEMS)
    throw invalid('input', `a text or a list of at most ${MOST_ITEMS} items`);
  return joinCalls(input.flatMap((item: unknown, index) => parseItem(item, `input[${index}]`, caller, book)));
}

function parseItem(item: unknown, place: string, caller: string, book: ResponseBook): ChatMessage[] {
  if (!isObject(item)) throw invalid(place, 'an object');
  switch (item.type ?? 'message') {
    case 'message':
      return [parseMessage(item, place)];
    case 'function_call': {
      const call = {
        id: shortText(item.call_id, `${place}.call_id`, 128),
        name: shortText(item.name, `${place}.name`, 64),
        arguments: parseArguments(String(item.arguments ?? ''), `${place}.arguments`),
      };
      return [{ role: 'assistant', content: '', toolCalls: [call] }];
    }
    case 'function_call_output':
      return [
        {
          role: 'tool',
          content: parseContent(item.output, `${place}.output`),
          toolCallId: shortText(item.call_id, `${place}.call_id`, 128),
        },
      ];
    case 'reasoning':
      // What a model thought before is not shown to it again.
      return [];
    case 'item_reference': {
      const id = shortText(item.id, `${place}.id`, 128);
      const found = book.findItem(caller, id);
      if (found !== null) return [found];
      throw new GatewayError(
        { code: 'response_not_found' },
        `This gateway does not hold item ${id}. It keeps the latest in memory until it restarts: send the item itself.`,
      );
    }
    default:
      throw unsupported(`${place}.type`, 'Messages, function calls and their outputs are offered.');
  }
}

function parseMessage(item: Fields, place: string): ChatMessage {
  const content = parseContent(item.content, `${place}.content`);
  switch (item.role) {
    case 'system':
    case 'developer':
      return { role: 'system', content };
    case 'user':
    case 'assistant':
      return { role: item.role, content };
    default:
      throw invalid(`${place}.role`, 'one of system, developer, user, assistant');
  }
}

/** Calls come as items of their own, and belong to the assistant's message before them. */
function joinCalls(messages: readonly ChatMessage[]): ChatMessage[] {
  const joined: ChatMessage[] = [];
  for (const message of messages) {
    const last = joined.at(-1);
    if (message.role === 'assistant' && message.toolCalls !== undefined && last?.role === 'assistant') {
      joined[joined.length - 1] = { ...last, toolCalls: [...(last.toolCalls ?? []), ...message.toolCalls] };
    } else joined.push(message);
  }
  return joined;
}
