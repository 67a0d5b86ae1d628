import type { Crypto } from '@cairn/core';
import type { InferParams, Prompt } from '@cairn/protocol';
import { drawPhrase } from '../crontab/generate.ts';
import { DEFAULT_CRONTAB_PARAMS } from '../crontab/mechanism.ts';
import { createSeededRandom } from '../seeded-random.ts';

const SUBJECTS = [
  'photosynthesis',
  'the French Revolution',
  'compound interest',
  'a bicycle gear',
  'the tides',
  'sourdough bread',
  'vaccines',
  'a hash table',
  'the offside rule',
  'plate tectonics',
  'jazz',
  'a mortgage',
  'the water cycle',
  'binary search',
  'the Silk Road',
  'a heat pump',
  'haiku',
  'inflation',
  'how bees navigate',
  'the Roman senate',
] as const;

const FORMS = [
  'Explain {} to a ten-year-old.',
  'What is {}? Answer in two sentences.',
  'Give me three facts about {}.',
  'Write a short poem about {}.',
  'Why does {} matter?',
  'List the main parts of {}.',
  'I have an exam about {} tomorrow. What should I know?',
  'Summarise {} in one paragraph.',
  'What is a common mistake people make about {}?',
  'Tell me something surprising about {}.',
] as const;

const LENGTHS = [32, 48, 64, 96, 128, 256] as const;
/** Those that limits are measured at. */
const TEMPERATURES = [0, 0, 1] as const;

/** A question as users put it. */
export interface Canary {
  readonly prompt: Prompt;
  readonly params: InferParams;
}

export interface CanaryWishes {
  /** Tasks of the model's card: a specialist is asked what it is for. */
  readonly tasks: readonly string[];
  /** Whether the offer tells log probabilities. */
  readonly logprobs: boolean;
  /** Whether the offer takes a seed. */
  readonly seed: boolean;
  /** Most tokens that question and answer may have together. */
  readonly contextTokens: number;
}

/**
 * Draws a question, its sampling and its size as users choose them. Nothing in it says that it is a check.
 *
 * @param secret 32 random bytes.
 */
export function drawCanary(crypto: Crypto, secret: Uint8Array, wishes: CanaryWishes): Canary {
  const random = createSeededRandom(crypto, secret);
  const content = wishes.tasks.includes('crontab')
    ? drawPhrase(random, DEFAULT_CRONTAB_PARAMS).text
    : random.pick(FORMS).replace('{}', random.pick(SUBJECTS));
  const temperature = wishes.seed ? random.pick(TEMPERATURES) : 0;
  const room = Math.max(1, Math.floor(wishes.contextTokens / 2));
  return {
    prompt: { kind: 'chat', messages: [{ role: 'user', content }] },
    params: {
      maxTokens: Math.min(random.pick(LENGTHS), room),
      temperature,
      topP: 1,
      seed: temperature === 0 ? null : random.below(2 ** 31),
      stop: [],
      topLogprobs: wishes.logprobs && random.chance(800) ? 1 : 0,
    },
  };
}
