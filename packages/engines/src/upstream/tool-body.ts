import { type AnswerShape, type ChatMessage, toolCallHead, withoutToolMarks } from '@cairn/protocol';
import type { ToolCallPiece } from './chunk.ts';

/** Messages as OpenAI's API takes them. */
export function messagesToBody(messages: readonly ChatMessage[]): readonly object[] {
  return messages.map(({ role, content, toolCalls, toolCallId }) => ({
    role,
    content,
    ...(toolCalls === undefined
      ? {}
      : {
          tool_calls: toolCalls.map(({ id, name, arguments: text }) => ({
            id,
            type: 'function',
            function: { name, arguments: text },
          })),
        }),
    ...(toolCallId === undefined ? {} : { tool_call_id: toolCallId }),
  }));
}

/** Tools and form as OpenAI's API takes them. Schemas were checked to be JSON where they came in. */
export function shapeToBody({ tools, choice, only, parallel, format }: AnswerShape): object {
  const called = only === null ? choice : { type: 'function', function: { name: only } };
  const described = tools.map(({ name, description, parameters }) => ({
    type: 'function',
    function: { name, description, parameters: JSON.parse(parameters) as unknown },
  }));
  return {
    ...(tools.length === 0
      ? {}
      : { tools: described, tool_choice: called, ...(parallel ? {} : { parallel_tool_calls: false }) }),
    ...(format.type === 'json' ? { response_format: { type: 'json_object' } } : {}),
    ...(format.schema === null
      ? {}
      : {
          response_format: {
            type: 'json_schema',
            json_schema: { name: 'answer', strict: true, schema: JSON.parse(format.schema) as unknown },
          },
        }),
  };
}

/**
 * Turns pieces of calls into the marks that answers carry. Null for pieces of a call that another one has followed,
 * which cannot be told in order.
 */
export function createCallMarker(): (pieces: readonly ToolCallPiece[]) => string | null {
  let current = -1;
  return (pieces) => {
    let text = '';
    for (const { index, name, arguments: piece } of pieces) {
      if (index < current) return null;
      if (index > current) text += toolCallHead(name.slice(0, 64));
      current = index;
      text += withoutToolMarks(piece);
    }
    return text;
  };
}
