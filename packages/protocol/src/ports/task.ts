import { utf8ToBytes } from '@cairn/core';

/**
 * Work that is not generated text. A result is one text per item: a vector as base64 of its 32-bit floats, little
 * end first; a score as a decimal; an image or sound as base64; a transcript or judgement as JSON.
 */
export type Task =
  | { readonly kind: 'embed'; readonly texts: readonly string[]; readonly dimensions: number | null }
  | { readonly kind: 'rank'; readonly query: string; readonly documents: readonly string[] }
  | { readonly kind: 'image'; readonly text: string; readonly count: number; readonly size: string | null }
  | {
      readonly kind: 'speech';
      readonly text: string;
      readonly voice: string;
      /** Such as `mp3` or `wav`. */
      readonly format: string;
      readonly speed: number;
    }
  | {
      readonly kind: 'transcribe' | 'translate';
      readonly audio: Uint8Array;
      /** Such as `mp3`. */
      readonly format: string;
      /** ISO-639-1; null: any. */
      readonly language: string | null;
      /** Words that help to understand; null: none. */
      readonly hint: string | null;
    }
  | { readonly kind: 'moderate'; readonly texts: readonly string[] };
export type TaskKind = Task['kind'];

/** Units of output that one image counts. Every other item counts one. */
export const IMAGE_UNITS = 100;

/** Items that a task brings. */
export function taskItems(task: Task): number {
  switch (task.kind) {
    case 'embed':
    case 'moderate':
      return task.texts.length;
    case 'rank':
      return task.documents.length;
    case 'image':
      return task.count;
    default:
      return 1;
  }
}

/** Units of output of a whole task: what an offer's price of output tokens counts. */
export function taskUnits(task: Task): number {
  return taskItems(task) * (task.kind === 'image' ? IMAGE_UNITS : 1);
}

const BYTES_PER_TOKEN = 4;
const AUDIO_BYTES_PER_TOKEN = 1000;

/**
 * Tokens of input that a task counts, which no tokenizer decides, so that payer and provider count the same: one for
 * each four bytes of a text or part of them, and one for each thousand bytes of sound.
 */
export function taskPromptTokens(task: Task): number {
  switch (task.kind) {
    case 'embed':
    case 'moderate':
      return tokensOf(task.texts);
    case 'rank':
      return tokensOf(task.documents) + task.documents.length * tokensOf([task.query]);
    case 'image':
    case 'speech':
      return tokensOf([task.text]);
    default:
      return partsOf(task.audio.length, AUDIO_BYTES_PER_TOKEN) + tokensOf([task.hint ?? '']);
  }
}

function tokensOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + partsOf(utf8ToBytes(text).length, BYTES_PER_TOKEN), 0);
}

function partsOf(size: number, part: number): number {
  return (size + part - 1 - ((size + part - 1) % part)) / part;
}
