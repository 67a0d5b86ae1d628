import type { Task } from '@cairn/protocol';
import { EngineError } from '../errors.ts';

/**
 * What a model that embeds can do: vectors, and ranking by the cosine of the angle between query and document.
 *
 * @throws EngineError `CAPABILITY_MISSING` for any other task
 */
export async function runByVectors(
  task: Task,
  embed: (texts: readonly string[]) => Promise<readonly Float32Array[]>,
): Promise<readonly string[]> {
  if (task.kind === 'embed') {
    const vectors = await embed(task.texts);
    return vectors.map((vector) => vectorToBase64(shorten(vector, task.dimensions)));
  }
  if (task.kind === 'rank') {
    const [query, ...documents] = await embed([task.query, ...task.documents]);
    return documents.map((document) => String(cosine(query ?? document, document)));
  }
  throw new EngineError(
    { code: 'CAPABILITY_MISSING', capability: task.kind },
    `A model that embeds cannot ${task.kind}. Choose a model whose offer says it can.`,
  );
}

/** The first dimensions, brought back to length one, as models trained for it allow. */
function shorten(vector: Float32Array, dimensions: number | null): Float32Array {
  if (dimensions === null || dimensions >= vector.length) return vector;
  const kept = vector.slice(0, dimensions);
  const length = Math.sqrt(dot(kept, kept));
  return length === 0 ? kept : kept.map((value) => value / length);
}

/** 32-bit floats, little end first. */
export function vectorToBase64(vector: Float32Array): string {
  const bytes = new Uint8Array(4 * vector.length);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of vector.entries()) view.setFloat32(4 * index, value, true);
  return Buffer.from(bytes).toString('base64');
}

function cosine(one: Float32Array, other: Float32Array): number {
  const size = Math.sqrt(dot(one, one) * dot(other, other));
  return size === 0 ? 0 : dot(one, other) / size;
}

function dot(one: Float32Array, other: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < one.length; index += 1) sum += (one[index] ?? 0) * (other[index] ?? 0);
  return sum;
}
