import type { AnswerShape, ToolCall } from '../ports/answer-shape.ts';
import type { Task } from '../ports/task.ts';
import {
  bytesUpTo,
  flag,
  listUpTo,
  nullable,
  numberWithin,
  oneOf,
  type Reader,
  record,
  tagged,
  textUpTo,
  wholeUpTo,
} from './cbor.ts';
import { MAX_INFER_BODY_BYTES } from './infer-limits.ts';

/** Bounds that gateways keep to before they ask. */
export const MAX_TOOLS = 128;
export const MAX_SCHEMA_CHARACTERS = 64 * 1024;
export const MAX_TASK_TEXTS = 2048;
export const MAX_IMAGES = 10;

const anyText = textUpTo(MAX_INFER_BODY_BYTES);

export const toolCallReader: Reader<ToolCall> = record({
  id: textUpTo(128),
  name: textUpTo(64),
  arguments: anyText,
});

export const shapeReader: Reader<AnswerShape> = record({
  tools: listUpTo(
    record({
      name: textUpTo(64),
      description: textUpTo(16 * 1024),
      parameters: textUpTo(MAX_SCHEMA_CHARACTERS),
    }),
    MAX_TOOLS,
  ),
  choice: oneOf('auto', 'none', 'required'),
  only: nullable(textUpTo(64)),
  parallel: flag,
  format: record({
    type: oneOf('text', 'json', 'schema'),
    schema: nullable(textUpTo(MAX_SCHEMA_CHARACTERS)),
  }),
});

const texts = listUpTo(anyText, MAX_TASK_TEXTS, 1);
const sound = {
  audio: bytesUpTo(MAX_INFER_BODY_BYTES, 1),
  format: textUpTo(16),
  language: nullable(textUpTo(8)),
  hint: nullable(textUpTo(4096)),
};

const kindedTask = tagged({
  embed: record({ type: oneOf('embed'), texts, dimensions: nullable(wholeUpTo(65_536, 1)) }),
  rank: record({ type: oneOf('rank'), query: anyText, documents: texts }),
  image: record({
    type: oneOf('image'),
    text: anyText,
    count: wholeUpTo(MAX_IMAGES, 1),
    size: nullable(textUpTo(16)),
  }),
  speech: record({
    type: oneOf('speech'),
    text: anyText,
    voice: textUpTo(64),
    format: textUpTo(16),
    speed: numberWithin(0, 4),
  }),
  transcribe: record({ type: oneOf('transcribe'), ...sound }),
  translate: record({ type: oneOf('translate'), ...sound }),
  moderate: record({ type: oneOf('moderate'), texts }),
});

/** A task travels with `type` for its kind. */
export const taskReader: Reader<Task> = (value, place) => {
  const { type: kind, ...rest } = kindedTask(value, place);
  return { kind, ...rest } as Task;
};

/** What `taskReader` reads. */
export function taskToWire({ kind, ...rest }: Task): object {
  return { type: kind, ...rest };
}
