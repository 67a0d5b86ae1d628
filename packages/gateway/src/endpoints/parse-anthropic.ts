import type { ChatMessage, ToolCall } from '@cairn/protocol';
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
import { parseContent, shortText } from '../api/parse-messages.ts';
import type { ApiRequest } from '../api/parse-request.ts';
import { parseTools, shapeOf } from '../api/parse-shape.ts';
import { parsePreferences } from '../api/preferences.ts';

const MOST_MESSAGES = 1024;
const MOST_STOPS = 16;

/**
 * A request for a message as Anthropic's API has it.
 *
 * @throws GatewayError `invalid_value`, `missing_required_parameter`, `unsupported_parameter`
 */
export function parseAnthropic(fields: Fields): ApiRequest {
  const { model } = fields;
  if (model === undefined || model === null) throw missing('model');
  const tools = parseTools(fields.tools, functionTool, 'tools', 'input_schema');
  const { choice, only, parallel } = parseChoice(fields.tool_choice, tools);
  const shape = shapeOf(tools, { choice, only }, parallel, { type: 'text', schema: null });
  const maxTokens = readWhole(fields, 'max_tokens', 1, 0xffff_ffff);
  const topP = readNumber(fields, 'top_p', 0, 1) ?? 1;
  return {
    endpoint: 'chat',
    model: shortText(model, 'model', 200),
    models: [],
    prompt: { kind: 'chat', messages: [...parseSystem(fields.system), ...parseTurns(fields.messages)] },
    params: {
      maxTokens,
      temperature: readNumber(fields, 'temperature', 0, 1) ?? 0,
      topP: topP === 0 ? 1e-6 : topP,
      seed: null,
      stop: parseStops(fields.stop_sequences),
      topLogprobs: 0,
    },
    wantsLogprobs: false,
    stream: readFlag(fields, 'stream'),
    includeUsage: false,
    preferences: parsePreferences(fields.provider, fields.cairn),
    ...(shape === null ? {} : { shape }),
  };
}

/** Tools of the server itself are named by another type. */
function functionTool(tool: Fields): unknown {
  const type = tool.type ?? 'custom';
  if (type !== 'custom') throw unsupported('tools', 'Only tools of the caller are offered.');
  return tool;
}

function parseChoice(value: unknown, tools: readonly { readonly name: string }[]) {
  if (value === undefined || value === null) return { choice: 'auto', only: null, parallel: true } as const;
  if (!isObject(value)) throw invalid('tool_choice', 'an object');
  const parallel = !readFlag(value, 'disable_parallel_tool_use');
  switch (value.type) {
    case 'auto':
    case 'none':
      return { choice: value.type, only: null, parallel };
    case 'any':
      if (tools.length === 0) throw invalid('tool_choice', 'left out when there are no tools');
      return { choice: 'required', only: null, parallel } as const;
    case 'tool': {
      const only = shortText(value.name, 'tool_choice.name', 64);
      if (!tools.some(({ name }) => name === only)) throw invalid('tool_choice.name', 'one of the tools');
      return { choice: 'required', only, parallel } as const;
    }
    default:
      throw invalid('tool_choice.type', 'auto, any, tool or none');
  }
}

function parseStops(value: unknown): readonly string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || value.length > MOST_STOPS)
    throw invalid('stop_sequences', `a list of at most ${MOST_STOPS} texts`);
  return value.map((text, index) => shortText(text, `stop_sequences[${index}]`, 256));
}

function parseSystem(value: unknown): ChatMessage[] {
  if (value === undefined || value === null || value === '') return [];
  return [{ role: 'system', content: parseContent(value, 'system') }];
}

function parseTurns(value: unknown): ChatMessage[] {
  if (value === undefined || value === null) throw missing('messages');
  if (!Array.isArray(value) || value.length === 0 || value.length > MOST_MESSAGES)
    throw invalid('messages', `a list of 1 to ${MOST_MESSAGES} messages`);
  return value.flatMap((turn: unknown, index) => parseTurn(turn, `messages[${index}]`));
}

function parseTurn(turn: unknown, place: string): ChatMessage[] {
  if (!isObject(turn)) throw invalid(place, 'an object');
  const { role, content } = turn;
  if (role !== 'user' && role !== 'assistant') throw invalid(`${place}.role`, 'user or assistant');
  if (typeof content === 'string') return [{ role, content: parseContent(content, `${place}.content`) }];
  if (!Array.isArray(content)) throw invalid(`${place}.content`, 'text or a list of blocks');
  const texts: string[] = [];
  const toolCalls: ToolCall[] = [];
  const results: ChatMessage[] = [];
  for (const [index, block] of content.entries()) {
    const at = `${place}.content[${index}]`;
    if (!isObject(block)) throw invalid(at, 'an object');
    if (block.type === 'text') texts.push(parseContent(block.text, `${at}.text`));
    else if (block.type === 'tool_use' && role === 'assistant') toolCalls.push(parseUse(block, at));
    else if (block.type === 'tool_result' && role === 'user') results.push(parseResult(block, at));
    // What a model thought before is not shown to it again.
    else if (block.type !== 'thinking' && block.type !== 'redacted_thinking')
      throw unsupported(`${at}.type`, 'Text, tool_use and tool_result blocks are offered.');
  }
  const said = texts.join('');
  if (role === 'user')
    return said === '' && results.length > 0 ? results : [...results, { role, content: said }];
  return [{ role, content: said, ...(toolCalls.length === 0 ? {} : { toolCalls }) }];
}

function parseUse(block: Fields, place: string): ToolCall {
  const input = block.input ?? {};
  if (!isObject(input)) throw invalid(`${place}.input`, 'an object');
  return {
    id: shortText(block.id, `${place}.id`, 128),
    name: shortText(block.name, `${place}.name`, 64),
    arguments: JSON.stringify(input).toWellFormed(),
  };
}

function parseResult(block: Fields, place: string): ChatMessage {
  const content = block.content === undefined || block.content === null ? '' : block.content;
  return {
    role: 'tool',
    content: parseContent(content, `${place}.content`),
    toolCallId: shortText(block.tool_use_id, `${place}.tool_use_id`, 128),
  };
}
