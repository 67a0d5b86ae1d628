import type { EngineCapabilities, InferBody } from '@cairn/protocol';

/** What a request needs and an engine has not, in words; null when it has all. */
export function missingCapability(
  { task, shape }: InferBody,
  capabilities: EngineCapabilities,
): string | null {
  if (task !== undefined) return capabilities.tasks?.includes(task.kind) ? null : `do the task ${task.kind}`;
  if (shape === undefined) return null;
  if (shape.tools.length > 0 && capabilities.tools !== true) return 'call tools';
  if (shape.format.type !== 'text' && capabilities.json !== true) return 'answer in a given form';
  return null;
}

/** Answers that may be under way when this one starts: work that can wait leaves half of the room to the others. */
export function roomFor({ priority }: InferBody, maxConcurrency: number): number {
  return priority === 'batch' ? Math.ceil(maxConcurrency / 2) : maxConcurrency;
}
