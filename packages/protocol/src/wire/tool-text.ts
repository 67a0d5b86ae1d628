/** Starts a call of a tool in the text of an answer: its name follows, then `TOOL_NAME_END`, then its arguments. */
const TOOL_CALL_START = '\u001e';
const TOOL_NAME_END = '\u001f';

/** What the text of an answer with tools says, in order. */
export type ToolTextPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'call'; readonly name: string }
  | { readonly type: 'arguments'; readonly text: string };

/** Longest name that is read as one. */
const MAX_NAME = 64;

/** Plain text may not hold the marks. */
export function withoutToolMarks(text: string): string {
  return text.replaceAll(TOOL_CALL_START, '').replaceAll(TOOL_NAME_END, '');
}

/** The head of a call: its arguments follow as plain text. */
export function toolCallHead(name: string): string {
  return `${TOOL_CALL_START}${withoutToolMarks(name)}${TOOL_NAME_END}`;
}

/**
 * Reads the text of an answer to a request with tools, in pieces of any length. Calls are part of the text, so that
 * receipts commit to them like to any other answer.
 */
export function createToolTextReader(): (text: string) => readonly ToolTextPart[] {
  let place: 'text' | 'name' | 'arguments' = 'text';
  let name = '';
  return (text) => {
    const parts: ToolTextPart[] = [];
    const say = (piece: string) => {
      if (piece !== '') parts.push({ type: place === 'text' ? 'text' : 'arguments', text: piece });
    };
    let rest = text;
    while (rest !== '') {
      const mark = place === 'name' ? TOOL_NAME_END : TOOL_CALL_START;
      const at = rest.indexOf(mark);
      const piece = at < 0 ? rest : rest.slice(0, at);
      rest = at < 0 ? '' : rest.slice(at + 1);
      if (place === 'name') name = (name + piece).slice(0, MAX_NAME);
      else say(piece);
      if (at < 0) break;
      if (place === 'name') {
        parts.push({ type: 'call', name });
        place = 'arguments';
      } else {
        name = '';
        place = 'name';
      }
    }
    return parts;
  };
}

/** An item of a task's result starts with this. */
export const TASK_ITEM_START = TOOL_CALL_START;

/** The items of the whole text of a task's answer. */
export function taskTextToItems(text: string): readonly string[] {
  return text.split(TASK_ITEM_START).slice(1);
}
