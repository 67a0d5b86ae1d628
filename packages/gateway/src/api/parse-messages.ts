import type { ChatMessage, ToolCall } from '@cairn/protocol';
import { invalid, isObject, missing, unsupported } from './fields.ts';

const MAX_MESSAGES = 1024;
const MAX_CALLS = 128;

/** @throws GatewayError `missing_required_parameter`, `invalid_value`, `unsupported_parameter` */
export function parseMessages(messages: unknown): ChatMessage[] {
  if (messages === undefined || messages === null) throw missing('messages');
  if (!Array.isArray(messages) || messages.length === 0 || messages.length > MAX_MESSAGES) {
    throw invalid('messages', `a list of 1 to ${MAX_MESSAGES} messages`);
  }
  return messages.map((message: unknown, index) => parseMessage(message, `messages[${index}]`));
}

function parseMessage(message: unknown, place: string): ChatMessage {
  if (!isObject(message)) throw invalid(place, 'an object');
  const { role } = message;
  const toolCalls = parseCalls(message.tool_calls, `${place}.tool_calls`);
  const hasCalls = role === 'assistant' && toolCalls.length > 0;
  const isSilent = hasCalls && (message.content === null || message.content === undefined);
  const content = isSilent ? '' : parseContent(message.content, `${place}.content`);
  switch (role) {
    case 'system':
    case 'developer':
      return { role: 'system', content };
    case 'user':
      return { role, content };
    case 'assistant':
      return { role, content, ...(hasCalls ? { toolCalls } : {}) };
    case 'tool':
      return { role, content, ...parseAnswered(message.tool_call_id, `${place}.tool_call_id`) };
    default:
      throw invalid(`${place}.role`, 'one of system, developer, user, assistant, tool');
  }
}

function parseAnswered(id: unknown, place: string): { toolCallId?: string } {
  if (id === undefined || id === null) return {};
  return { toolCallId: shortText(id, place, 128) };
}

function parseCalls(calls: unknown, place: string): ToolCall[] {
  if (calls === undefined || calls === null) return [];
  if (!Array.isArray(calls) || calls.length > MAX_CALLS)
    throw invalid(place, `a list of at most ${MAX_CALLS} calls`);
  return calls.map((call: unknown, index) => {
    const at = `${place}[${index}]`;
    if (!isObject(call) || !isObject(call.function)) throw invalid(at, 'a call of a function');
    const given = call.function.arguments ?? '';
    if (typeof given !== 'string') throw invalid(`${at}.function.arguments`, 'a JSON object as text');
    return {
      id: shortText(call.id, `${at}.id`, 128),
      name: shortText(call.function.name, `${at}.function.name`, 64),
      arguments: parseArguments(given, `${at}.function.arguments`),
    };
  });
}

/** A JSON object as text: `{}` for none. @throws GatewayError `invalid_value` */
export function parseArguments(text: string, place: string): string {
  if (text.trim() === '') return '{}';
  try {
    if (isObject(JSON.parse(text)) && text.isWellFormed()) return text;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  throw invalid(place, 'a JSON object as text');
}

export function shortText(value: unknown, place: string, max: number): string {
  if (typeof value !== 'string' || value === '' || value.length > max || !value.isWellFormed())
    throw invalid(place, `a text of 1 to ${max} characters`);
  return value;
}

/** Text, or the texts of parts joined. @throws GatewayError `invalid_value`, `unsupported_parameter` */
export function parseContent(content: unknown, place: string): string {
  const texts = Array.isArray(content)
    ? content.map((part: unknown, index) => parsePart(part, `${place}[${index}]`))
    : [content];
  const text = texts.every((item) => typeof item === 'string') ? texts.join('') : null;
  if (text === null || !text.isWellFormed()) throw invalid(place, 'text or a list of text parts');
  return text;
}

const TEXT_PARTS: readonly unknown[] = ['text', 'input_text', 'output_text'];

function parsePart(part: unknown, place: string): unknown {
  if (!isObject(part)) throw invalid(place, 'an object');
  if (!TEXT_PARTS.includes(part.type)) throw unsupported(`${place}.type`, 'Only text parts are offered.');
  return part.text;
}
