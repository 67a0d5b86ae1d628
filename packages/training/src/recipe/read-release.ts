import type { Fields } from './fields.ts';
import { isLicence } from './read-data.ts';

/** GGUF types a release is written in. */
export const RELEASE_TYPES = ['f32', 'f16', 'q8_0'] as const;
export type ReleaseType = (typeof RELEASE_TYPES)[number];

/** What is published of a run, every `checkpointEvery` rounds and at its end. */
export interface ReleaseRecipe {
  readonly files: readonly ReleaseType[];
  /** SPDX expression. */
  readonly licence: string;
  /** Share of what its answers cost that goes to the owner, in hundredths of a percent. */
  readonly royaltyBps: number;
  readonly tasks: readonly string[];
  readonly languages: readonly string[];
  /** `plain` models go on with a text; `chat` ones answer messages, with the marks of `tokenizer/chat-template.ts`. */
  readonly prompt: 'plain' | 'chat';
}

const KEYS = ['files', 'licence', 'royaltyBps', 'tasks', 'languages', 'prompt'];

/** @throws TrainingError `RECIPE_MALFORMED` */
export function readRelease(recipe: Fields): ReleaseRecipe {
  const fields = recipe.object('release', KEYS);
  const files = fields.texts('files', RELEASE_TYPES.length, RELEASE_TYPES);
  const unknown = files.find((file) => !(RELEASE_TYPES as readonly string[]).includes(file));
  if (unknown !== undefined)
    throw fields.refuse('files', `names ${unknown}; known are ${RELEASE_TYPES.join(', ')}`);
  if (files.length === 0) throw fields.refuse('files', 'names none');
  const licence = fields.text('licence', 128);
  if (!isLicence(licence)) throw fields.refuse('licence', 'is no SPDX expression, such as Apache-2.0');
  const tasks = fields.texts('tasks', 16, []);
  if (!tasks.every((task) => /^[a-z0-9][a-z0-9.-]{0,47}$/.test(task)))
    throw fields.refuse('tasks', 'names one that is not in lower-case letters, digits, dots and dashes');
  const languages = fields.texts('languages', 32, []);
  if (!languages.every((tag) => /^[a-z]{2,3}(-[a-z0-9]{2,8})*$/.test(tag)))
    throw fields.refuse('languages', 'names one that is no lower-case tag such as en or pt-br');
  return {
    files: RELEASE_TYPES.filter((type) => files.includes(type)),
    licence,
    royaltyBps: fields.whole('royaltyBps', 0, 5_000, 0),
    tasks,
    languages,
    prompt: fields.choice('prompt', ['plain', 'chat'], 'plain'),
  };
}
