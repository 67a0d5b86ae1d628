import type { AnswerShape, Prompt, Task } from '@cairn/protocol';
import { toolCallHead } from '@cairn/protocol';
import { runByVectors } from './tasks/by-vectors.ts';

const DIMENSIONS = 8;
/** One white pixel. */
const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';

/**
 * The calls an echo makes: those that the last user message spells, as in `weather({"city":"Rome"})`; after the result
 * of a tool none. One that must call and is told nothing calls the first tool without arguments.
 */
export function echoCalls(prompt: Prompt, shape: AnswerShape | undefined): string | null {
  if (shape === undefined || shape.choice === 'none' || prompt.kind !== 'chat') return null;
  const last = prompt.messages.at(-1);
  if (last?.role !== 'user') return null;
  const usable = shape.tools.filter(({ name }) => shape.only === null || name === shape.only);
  const spelled = [...last.content.matchAll(/([\w-]+)\((\{[^()]*\})\)/gu)]
    .filter(([, name]) => usable.some((tool) => tool.name === name))
    .map(([, name, text]) => `${toolCallHead(name ?? '')}${text}`);
  if (spelled.length > 0) return (shape.parallel ? spelled : spelled.slice(0, 1)).join('');
  const [first] = usable;
  return shape.choice === 'required' && first !== undefined ? `${toolCallHead(first.name)}{}` : null;
}

/** Does tasks without a model: letters for vectors, a pixel for an image, the count of bytes for what was said. */
export async function echoTask(task: Task): Promise<readonly string[]> {
  switch (task.kind) {
    case 'embed':
    case 'rank':
      return runByVectors(task, async (texts) => texts.map(countLetters));
    case 'image':
      return Array.from({ length: task.count }, () => PIXEL);
    case 'speech':
      return [Buffer.from(`${task.format}:${task.voice}:${task.text}`).toString('base64')];
    case 'transcribe':
    case 'translate':
      return [
        JSON.stringify({
          text: `${task.audio.length} bytes of ${task.format}`,
          language: task.language ?? 'en',
          duration: 1.5,
          segments: [{ start: 0, end: 1.5, text: `${task.audio.length} bytes` }],
        }),
      ];
    case 'moderate':
      return task.texts.map((text) => {
        const score = text.includes('harm') ? 1 : 0;
        return JSON.stringify({
          flagged: score === 1,
          categories: { violence: score === 1 },
          category_scores: { violence: score },
        });
      });
  }
}

function countLetters(text: string): Float32Array {
  const vector = new Float32Array(DIMENSIONS);
  for (const letter of text.toLowerCase()) {
    const place = (letter.codePointAt(0) ?? 0) % DIMENSIONS;
    vector[place] = (vector[place] ?? 0) + 1;
  }
  return vector;
}
