import { randomUUID } from 'node:crypto';
import { type AnswerShape, createToolTextReader } from '@cairn/protocol';

/** A call of a tool in an answer. */
export interface SaidCall {
  readonly id: string;
  readonly name: string;
  /** A JSON object as text, `{}` where the model gave none. */
  readonly arguments: string;
}

export type ContentPiece =
  | { readonly type: 'text'; readonly text: string }
  /** The head of a call; its arguments follow. */
  | { readonly type: 'call'; readonly index: number; readonly id: string; readonly name: string }
  | { readonly type: 'arguments'; readonly index: number; readonly text: string };

export interface ContentReader {
  readonly hasCalls: boolean;
  push(text: string): readonly ContentPiece[];
  /** What was still missing at the end: arguments that a model left empty. */
  end(): readonly ContentPiece[];
}

const MOST_CALLS = 128;

/** Reads text and calls of an answer as they come. */
export function createContentReader({ tools }: Pick<AnswerShape, 'tools'>): ContentReader {
  const read = tools.length === 0 ? null : createToolTextReader();
  let calls = 0;
  let hasArguments = true;

  const complete = (pieces: ContentPiece[]) => {
    if (!hasArguments) pieces.push({ type: 'arguments', index: calls - 1, text: '{}' });
    hasArguments = true;
  };

  return {
    get hasCalls() {
      return calls > 0;
    },
    push(text) {
      if (read === null) return text === '' ? [] : [{ type: 'text', text }];
      const pieces: ContentPiece[] = [];
      for (const part of read(text)) {
        if (part.type === 'text') pieces.push(part);
        else if (part.type === 'arguments') {
          hasArguments = true;
          pieces.push({ ...part, index: calls - 1 });
        } else if (calls < MOST_CALLS) {
          complete(pieces);
          hasArguments = false;
          calls += 1;
          const id = `call_${randomUUID().replaceAll('-', '').slice(0, 24)}`;
          pieces.push({ type: 'call', index: calls - 1, id, name: part.name });
        }
      }
      return pieces;
    },
    end() {
      const pieces: ContentPiece[] = [];
      complete(pieces);
      return pieces;
    },
  };
}

/** Text and calls of a whole answer. */
export function readContent(
  { shape }: { readonly shape?: AnswerShape },
  text: string,
): { readonly text: string; readonly calls: readonly SaidCall[] } {
  if (shape === undefined) return { text, calls: [] };
  const reader = createContentReader(shape);
  const calls: { id: string; name: string; arguments: string }[] = [];
  let plain = '';
  for (const piece of [...reader.push(text), ...reader.end()]) {
    if (piece.type === 'text') plain += piece.text;
    else if (piece.type === 'call') calls.push({ id: piece.id, name: piece.name, arguments: '' });
    else {
      const call = calls[piece.index];
      if (call !== undefined) call.arguments += piece.text;
    }
  }
  return { text: plain, calls };
}
