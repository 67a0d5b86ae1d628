import { randomUUID } from 'node:crypto';
import type { AnswerShape, ChatMessage, ToolCall } from '@cairn/protocol';
import { type ContentPiece, createContentReader } from '../api/content.ts';

/** An item of a response's output. */
type OutputItem =
  | { type: 'message'; id: string; text: string }
  | { type: 'function_call'; id: string; call_id: string; name: string; arguments: string };

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

/** An event of a stream, without its number. */
export type OutputEvent = { readonly type: string } & Readonly<Record<string, unknown>>;

/** Puts an answer together as items, and tells each step. */
export interface ResponseOutput {
  push(text: string): readonly OutputEvent[];
  end(status: ItemStatus): readonly OutputEvent[];
  items(status: ItemStatus): readonly object[];
  /** The answer as messages, by the ids of its items. */
  messages(): ReadonlyMap<string, ChatMessage>;
}

export function createResponseOutput(shape: AnswerShape | undefined): ResponseOutput {
  const reader = createContentReader(shape ?? { tools: [] });
  const items: OutputItem[] = [];
  const newId = (prefix: string) => `${prefix}_${randomUUID().replaceAll('-', '')}`;

  function describe(item: OutputItem, status: ItemStatus): object {
    if (item.type === 'function_call') return { ...item, status };
    const { id, text } = item;
    const content = status === 'in_progress' ? [] : [partOf(text)];
    return { type: 'message', id, status, role: 'assistant', content };
  }

  function open(item: OutputItem): OutputEvent[] {
    items.push(item);
    const place = { output_index: items.length - 1 };
    const added = { type: 'response.output_item.added', ...place, item: describe(item, 'in_progress') };
    if (item.type === 'function_call') return [added];
    const part = partOf('');
    return [
      added,
      { type: 'response.content_part.added', ...place, item_id: item.id, content_index: 0, part },
    ];
  }

  /** The events that complete the last item. */
  function close(status: ItemStatus): OutputEvent[] {
    const item = items.at(-1);
    if (item === undefined) return [];
    const place = { output_index: items.length - 1, item_id: item.id };
    const done = {
      type: 'response.output_item.done',
      output_index: items.length - 1,
      item: describe(item, status),
    };
    if (item.type === 'function_call') {
      const { name, arguments: text } = item;
      return [{ type: 'response.function_call_arguments.done', ...place, name, arguments: text }, done];
    }
    const inside = { ...place, content_index: 0 };
    return [
      { type: 'response.output_text.done', ...inside, text: item.text, logprobs: [] },
      { type: 'response.content_part.done', ...inside, part: partOf(item.text) },
      done,
    ];
  }

  function take(piece: ContentPiece): OutputEvent[] {
    const last = items.at(-1);
    if (piece.type === 'call') {
      const call = { type: 'function_call' as const, id: newId('fc'), call_id: piece.id, name: piece.name };
      return [...close('completed'), ...open({ ...call, arguments: '' })];
    }
    if (piece.type === 'arguments') {
      if (last?.type !== 'function_call') return [];
      last.arguments += piece.text;
      const place = { output_index: items.length - 1, item_id: last.id };
      return [{ type: 'response.function_call_arguments.delta', ...place, delta: piece.text }];
    }
    const events =
      last?.type === 'message'
        ? []
        : [...close('completed'), ...open({ type: 'message', id: newId('msg'), text: '' })];
    const message = items.at(-1) as Extract<OutputItem, { type: 'message' }>;
    message.text += piece.text;
    const place = { output_index: items.length - 1, item_id: message.id, content_index: 0 };
    return [...events, { type: 'response.output_text.delta', ...place, delta: piece.text, logprobs: [] }];
  }

  return {
    push: (text) => reader.push(text).flatMap(take),
    end(status) {
      const rest = reader.end().flatMap(take);
      const opened = items.length === 0 ? open({ type: 'message', id: newId('msg'), text: '' }) : [];
      return [...rest, ...opened, ...close(status)];
    },
    items: (status) =>
      items.map((item, index) => describe(item, index < items.length - 1 ? 'completed' : status)),
    messages: () => new Map(items.map((item) => [item.id, messageOf(item)])),
  };
}

function partOf(text: string): object {
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}

function messageOf(item: OutputItem): ChatMessage {
  if (item.type === 'message') return { role: 'assistant', content: item.text };
  const call: ToolCall = { id: item.call_id, name: item.name, arguments: item.arguments };
  return { role: 'assistant', content: '', toolCalls: [call] };
}
