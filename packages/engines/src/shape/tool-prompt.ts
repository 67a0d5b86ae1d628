import type { AnswerShape, ChatMessage, ToolSpec } from '@cairn/protocol';
import { createJsonGrammar, type JsonGrammar, literal } from './json-grammar.ts';

/** Marks around a call in the text of a model. The form that most open models were trained on. */
export const CALL_START = '<tool_call>';
export const CALL_END = '</tool_call>';

/**
 * The conversation as a model without tools of its own reads it: tools and the wanted form stand in the system
 * message, calls and results in the text of messages.
 */
export function describeShape(messages: readonly ChatMessage[], shape: AnswerShape): readonly ChatMessage[] {
  const words = [...describeTools(shape), ...describeFormat(shape)].join('\n\n');
  const told = messages.map(flatten);
  if (words === '') return told;
  const [first, ...rest] = told;
  return first?.role === 'system'
    ? [{ role: 'system', content: `${first.content}\n\n${words}` }, ...rest]
    : [{ role: 'system', content: words }, ...told];
}

function flatten({ role, content, toolCalls }: ChatMessage): ChatMessage {
  if (role === 'tool') return { role: 'user', content: `<tool_response>\n${content}\n</tool_response>` };
  const calls = (toolCalls ?? []).map(
    ({ name, arguments: text }) =>
      `${CALL_START}\n{"name": ${JSON.stringify(name)}, "arguments": ${text}}\n${CALL_END}`,
  );
  return { role, content: [content, ...calls].filter((text) => text !== '').join('\n') };
}

function describeTools({ tools, choice, only }: AnswerShape): string[] {
  if (tools.length === 0 || choice === 'none') return [];
  const lines = tools.map(
    ({ name, description, parameters }) =>
      `{"type": "function", "function": {"name": ${JSON.stringify(name)}, "description": ${JSON.stringify(description)}, "parameters": ${parameters}}}`,
  );
  const must =
    choice === 'required' ? ` You must call ${only === null ? 'one of them' : JSON.stringify(only)}.` : '';
  return [
    `You may call functions.${must} Their signatures:\n<tools>\n${lines.join('\n')}\n</tools>\nTo call one, write a JSON object with its name and arguments:\n${CALL_START}\n{"name": "…", "arguments": {…}}\n${CALL_END}`,
  ];
}

function describeFormat({ format }: AnswerShape): string[] {
  if (format.type === 'text') return [];
  return [
    format.schema === null
      ? 'Answer with one JSON object and nothing else.'
      : `Answer with JSON that fits this JSON Schema, and nothing else:\n${format.schema}`,
  ];
}

/** What an answer is held to: from its first token, or from the first mark of a call. */
export interface ShapeGrammars {
  /** Null: free text. */
  readonly whole: string | null;
  /** What may follow a first `CALL_START`. Null: there are no calls, or `whole` has them. */
  readonly afterCallStart: string | null;
}

/** @throws EngineError `REQUEST_MALFORMED` for a schema that cannot be used */
export function grammarsOf({ tools, choice, only, parallel, format }: AnswerShape): ShapeGrammars {
  const usable = choice === 'none' ? [] : tools.filter(({ name }) => only === null || name === only);
  const grammar = createJsonGrammar();
  const calls = usable.length === 0 ? null : callsOf(grammar, usable, parallel);
  if (format.type === 'text') {
    if (calls === null) return { whole: null, afterCallStart: null };
    if (choice === 'required') return { whole: grammar.build(calls.whole), afterCallStart: null };
    return { whole: null, afterCallStart: grammar.build(calls.rest) };
  }
  const answer = format.schema === null ? grammar.anyObject : grammar.schema(format.schema);
  if (calls === null) return { whole: grammar.build(answer), afterCallStart: null };
  const root = choice === 'required' ? calls.whole : `${answer} | ${calls.whole}`;
  return { whole: grammar.build(root), afterCallStart: null };
}

function callsOf(grammar: JsonGrammar, tools: readonly ToolSpec[], parallel: boolean) {
  const bodies = tools.map(
    ({ name, parameters }) =>
      `("{\\"name\\": " ${literal(JSON.stringify(name))} ", \\"arguments\\": " ${grammar.schema(parameters)} "}")`,
  );
  const inside = `"\\n"? (${bodies.join(' | ')}) "\\n${CALL_END}"`;
  const start = literal(CALL_START);
  const more = parallel ? ` ("\\n" ${start} ${inside}){0,15}` : '';
  return { whole: `${start} ${inside}${more}`, rest: `${inside}${more}` };
}
