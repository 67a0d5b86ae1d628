import type { CancelSignal } from '@cairn/core';
import {
  type DeltaFrame,
  type GenerateEvent,
  IMAGE_UNITS,
  type LoadedModel,
  TASK_ITEM_START,
  type Task,
  taskItems,
  taskPromptTokens,
  taskUnits,
} from '@cairn/protocol';
import { lateTokenFrames } from './answer.ts';
import { Refusal } from './refusal.ts';

/** Text of one frame, well under what a frame may hold. */
const FRAME_CHARACTERS = 512 * 1024;

/**
 * Does a task and gives its items as frames of at most `mostTokens` units. What an item says travels with its last
 * unit: what is not paid is not shown.
 *
 * @throws Refusal `ENGINE_FAILED` when the engine brings another number of items than was asked for
 */
export async function* runTask(
  model: LoadedModel,
  task: Task,
  mostTokens: number,
  signal: CancelSignal,
): AsyncGenerator<DeltaFrame, void> {
  const items = (await model.run?.(task, { signal })) ?? [];
  if (items.length !== taskItems(task)) {
    throw new Refusal('ENGINE_FAILED', `The engine brought ${items.length} of ${taskItems(task)} items.`);
  }
  const units = task.kind === 'image' ? IMAGE_UNITS : 1;
  for (const item of items) {
    yield* lateTokenFrames(units - 1, mostTokens);
    const text = `${TASK_ITEM_START}${item.toWellFormed()}`;
    for (let at = 0; at < text.length; at += FRAME_CHARACTERS) {
      const piece = text.slice(at, at + FRAME_CHARACTERS);
      yield { type: 'delta', text: piece, tokens: at === 0 ? 1 : 0, tokenIds: null, logprobs: null };
    }
  }
}

/** The end of a task, as an engine tells it of text. */
export function taskEnd(task: Task, isCancelled: boolean): Extract<GenerateEvent, { type: 'end' }> {
  return {
    type: 'end',
    finishReason: isCancelled ? 'cancelled' : 'stop',
    promptTokens: taskPromptTokens(task),
    cachedTokens: 0,
    completionTokens: taskUnits(task),
    seed: null,
  };
}
