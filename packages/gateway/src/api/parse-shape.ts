import {
  type AnswerFormat,
  type AnswerShape,
  MAX_SCHEMA_CHARACTERS,
  MAX_TOOLS,
  type ToolSpec,
} from '@cairn/protocol';
import { type Fields, invalid, isObject, readFlag, unsupported } from './fields.ts';

const TOOL_NAME = /^[a-zA-Z0-9_-]{1,64}$/;
const MAX_DESCRIPTION = 16 * 1024;
const NO_PARAMETERS = { type: 'object', properties: {} };
const PLAIN: AnswerFormat = { type: 'text', schema: null };

/**
 * Tools and form of a chat request; null when it asks for plain text without tools.
 *
 * @throws GatewayError `invalid_value`, `unsupported_parameter`
 */
export function parseShape(fields: Fields): AnswerShape | null {
  if (Array.isArray(fields.functions) && fields.functions.length > 0)
    throw unsupported('functions', 'Use tools, which replaced it.');
  const tools = parseTools(fields.tools, (tool) => tool.function, 'tools');
  const parallel = fields.parallel_tool_calls == null || readFlag(fields, 'parallel_tool_calls');
  const format = parseFormat(fields.response_format, 'response_format', (given) => given.json_schema);
  return shapeOf(tools, readChoice(fields.tool_choice, tools, 'tool_choice'), parallel, format);
}

/** A shape, or null when nothing is asked for. */
export function shapeOf(
  tools: readonly ToolSpec[],
  choice: Pick<AnswerShape, 'choice' | 'only'>,
  parallel: boolean,
  format: AnswerFormat,
): AnswerShape | null {
  if (tools.length === 0 && format.type === 'text') return null;
  return { tools, ...choice, parallel, format };
}

/** Function tools; `specOf` finds the function in an entry. */
export function parseTools(
  value: unknown,
  specOf: (tool: Fields) => unknown,
  place: string,
  schemaName = 'parameters',
): readonly ToolSpec[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || value.length > MAX_TOOLS)
    throw invalid(place, `a list of at most ${MAX_TOOLS} tools`);
  return value.map((tool: unknown, index) => {
    const at = `${place}[${index}]`;
    if (!isObject(tool)) throw invalid(at, 'an object');
    if (schemaName === 'parameters' && tool.type !== 'function')
      throw unsupported(`${at}.type`, 'Only function is offered.');
    const spec = specOf(tool);
    if (!isObject(spec)) throw invalid(at, 'a function');
    const { name, description } = spec;
    if (typeof name !== 'string' || !TOOL_NAME.test(name))
      throw invalid(`${at}.name`, '1 to 64 letters, digits, _ or -');
    const told = description ?? '';
    if (typeof told !== 'string' || told.length > MAX_DESCRIPTION || !told.isWellFormed())
      throw invalid(`${at}.description`, `text of at most ${MAX_DESCRIPTION} characters`);
    const parameters = schemaText(spec[schemaName] ?? NO_PARAMETERS, `${at}.${schemaName}`);
    return { name, description: told, parameters };
  });
}

/** Which tool must, may or must not be called, in the forms of chat completions and of responses. */
export function readChoice(
  value: unknown,
  tools: readonly ToolSpec[],
  place: string,
): Pick<AnswerShape, 'choice' | 'only'> {
  if (value === undefined || value === null || value === 'auto') return { choice: 'auto', only: null };
  if (value === 'none') return { choice: 'none', only: null };
  if (value === 'required' || value === 'any') {
    if (tools.length === 0) throw invalid(place, 'left out when there are no tools');
    return { choice: 'required', only: null };
  }
  const named = isObject(value) ? (isObject(value.function) ? value.function.name : value.name) : null;
  if (typeof named !== 'string') throw invalid(place, 'auto, none, required or a function');
  if (!tools.some(({ name }) => name === named)) throw invalid(place, 'the name of one of the tools');
  return { choice: 'required', only: named };
}

/** `specOf` finds the object that holds the schema: another place in each API. */
export function parseFormat(
  value: unknown,
  place: string,
  specOf: (format: Fields) => unknown,
): AnswerFormat {
  if (value === undefined || value === null) return PLAIN;
  if (!isObject(value)) throw invalid(place, 'an object');
  switch (value.type) {
    case 'text':
      return PLAIN;
    case 'json_object':
      return { type: 'json', schema: null };
    case 'json_schema': {
      const spec = specOf(value);
      if (!isObject(spec) || !isObject(spec.schema)) throw invalid(`${place}.schema`, 'a JSON Schema');
      return { type: 'schema', schema: schemaText(spec.schema, `${place}.schema`) };
    }
    default:
      throw invalid(`${place}.type`, 'text, json_object or json_schema');
  }
}

function schemaText(schema: unknown, place: string): string {
  if (!isObject(schema)) throw invalid(place, 'a JSON Schema');
  const text = JSON.stringify(schema);
  if (text.length > MAX_SCHEMA_CHARACTERS)
    throw invalid(place, `a JSON Schema of at most ${MAX_SCHEMA_CHARACTERS} characters`);
  // A lone surrogate would be escaped by JSON, and stays so.
  return text;
}
