import { createWriteStream } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createNativeCrypto } from '@cairn/chain';
import { utf8ToBytes } from '@cairn/core';
import { createSeededRandom } from '@cairn/mechanisms';
import { drawFrom, type Example, type Specialist, UNSUPPORTED } from './specialist.ts';

/** Seeds of the streams of examples. Questions to test with come from another stream than those to learn from. */
const seedOf = (specialist: Specialist, stream: string): Uint8Array =>
  createNativeCrypto().sha256(utf8ToBytes(`cairn/specialist/${specialist.name}/${stream}`));

/** Examples to learn from: a stream without an end, none with an answer that is held out. */
export function* examplesToLearn(specialist: Specialist): Generator<Example, never> {
  const random = createSeededRandom(createNativeCrypto(), seedOf(specialist, 'train'));
  for (;;) yield drawFrom(specialist, random, 'train');
}

/** Different questions whose answers were never trained on. */
export function examplesToTest(specialist: Specialist, count: number): Example[] {
  const random = createSeededRandom(createNativeCrypto(), seedOf(specialist, 'test'));
  const examples = new Map<string, Example>();
  while (examples.size < count) {
    const example = drawFrom(specialist, random, 'held out');
    examples.set(example.question.toLowerCase(), example);
  }
  return [...examples.values()];
}

/** Draws after which no other refusal is looked for. */
const REFUSAL_DRAWS = 20_000;

/** Different questions that have no answer, as many as there are up to `count`. Some may have been trained on. */
export function refusalsToTest(specialist: Specialist, count: number): Example[] {
  const random = createSeededRandom(createNativeCrypto(), seedOf(specialist, 'refusals'));
  const examples = new Map<string, Example>();
  for (let draws = 0; draws < REFUSAL_DRAWS && examples.size < count; draws++) {
    const example = specialist.draw(random);
    if (example.answer === UNSUPPORTED) examples.set(example.question.toLowerCase(), example);
  }
  return [...examples.values()];
}

/** Writes examples to learn from as lines of JSON, with `prompt` and `completion`. */
export async function writeExamples(specialist: Specialist, count: number, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const examples = examplesToLearn(specialist);
  async function* lines() {
    for (let written = 0; written < count; written++) {
      const { question, answer } = examples.next().value;
      yield `${JSON.stringify({ prompt: question, completion: answer })}\n`;
    }
  }
  await pipeline(lines, createWriteStream(`${path}.part`));
  await rename(`${path}.part`, path);
}
