import { type GenerateEvent, toolCallHead, withoutToolMarks } from '@cairn/protocol';
import { CALL_END, CALL_START } from './tool-prompt.ts';

/** Turns the calls in a model's text into the marks that answers carry. */
export interface ToolCallFilter {
  push(text: string): string;
  /** What was held back: a call that was cut off is plain text. */
  flush(): string;
}

export function createToolCallFilter(): ToolCallFilter {
  let held = '';
  let hasCalled = false;

  function take(): string {
    let shown = '';
    for (;;) {
      const start = held.indexOf(CALL_START);
      if (start < 0) {
        const safe = held.length - lengthOfPossibleStart(held);
        shown += plain(held.slice(0, safe));
        held = held.slice(safe);
        return shown;
      }
      const end = held.indexOf(CALL_END, start);
      shown += plain(held.slice(0, start));
      if (end < 0) {
        held = held.slice(start);
        return shown;
      }
      const call = callToText(held.slice(start + CALL_START.length, end));
      shown += call ?? plain(held.slice(start, end + CALL_END.length));
      hasCalled ||= call !== null;
      held = held.slice(end + CALL_END.length);
    }
  }

  /** What stands between two calls belongs to neither: only the space there is dropped. */
  function plain(text: string): string {
    return hasCalled ? '' : withoutToolMarks(text);
  }

  return {
    push(text) {
      held += text;
      return take();
    },
    flush() {
      const rest = hasCalled ? '' : withoutToolMarks(held);
      held = '';
      return rest;
    },
  };
}

function callToText(body: string): string | null {
  let call: unknown;
  try {
    call = JSON.parse(body);
  } catch {
    return null;
  }
  if (typeof call !== 'object' || call === null) return null;
  const { name, arguments: given } = call as { name?: unknown; arguments?: unknown };
  if (typeof name !== 'string' || name === '') return null;
  return toolCallHead(name) + (typeof given === 'object' && given !== null ? JSON.stringify(given) : '{}');
}

function lengthOfPossibleStart(text: string): number {
  for (let length = Math.min(CALL_START.length - 1, text.length); length > 0; length -= 1) {
    if (text.endsWith(CALL_START.slice(0, length))) return length;
  }
  return 0;
}

/** The events of an answer with its calls marked. */
export async function* markToolCalls(
  events: AsyncIterable<GenerateEvent>,
): AsyncGenerator<GenerateEvent, void> {
  const filter = createToolCallFilter();
  for await (const event of events) {
    if (event.type === 'delta') {
      yield { ...event, text: filter.push(event.text) };
      continue;
    }
    const rest = filter.flush();
    if (rest !== '') yield { type: 'delta', text: rest, tokenIds: [], logprobs: null };
    yield event;
  }
}
