/**
 * Measures a specialist that a network made, through llama.cpp, and writes what came out into its cards:
 *
 *     ./cairn train export --out ./model
 *     node --conditions=source examples/specialists/measure.ts quantities ./model
 */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { utf8ToBytes } from '@cairn/core';
import { parseTokenizerJson, type ReleaseCard, type ReleasedEvaluation } from '@cairn/training';
import { evaluateFile } from './evaluate.ts';
import { SPECIALISTS } from './index.ts';
import { writeWhole } from './workshop.ts';

/** Files that are worth asking: whoever wants the trainer's own logits takes f32. */
const ASKED = ['f16', 'q8_0'];

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { questions: { type: 'string', default: '500' } },
});
const [name = '', given] = positionals;

async function main(): Promise<void> {
  const specialist = SPECIALISTS[name];
  if (specialist === undefined || given === undefined || !/^[1-9]\d{0,4}$/.test(flags.questions))
    throw new Error(
      `Usage: measure.ts NAME FOLDER [--questions 500], where NAME is one of ${Object.keys(SPECIALISTS).join(', ')}.`,
    );
  const folder = resolve(given);
  const card = JSON.parse(await readFile(join(folder, 'card.json'), 'utf8')) as ReleaseCard;
  const options = {
    specialist,
    tokenizer: parseTokenizerJson(await readFile(join(folder, 'tokenizer.json'), 'utf8')),
    questions: Number(flags.questions),
    say: (text: string) => console.error(text),
  };
  const found: ReleasedEvaluation[] = [];
  for (const { path, quantisation } of card.artifacts)
    if (ASKED.includes(quantisation)) found.push(...(await evaluateFile(join(folder, path), path, options)));
  const evaluations = found.map(({ file, task, right, trials }) => {
    const { sha256 } = card.artifacts.find(({ path }) => path === file)!;
    return { artifact: sha256, task, right, trials };
  });
  const written = JSON.stringify({ ...card, evaluations }, null, 2);
  await writeWhole(join(folder, 'card.json'), utf8ToBytes(`${written}\n`));
  const readme = await readFile(join(folder, 'README.md'), 'utf8');
  await writeWhole(join(folder, 'README.md'), utf8ToBytes(withMeasured(readme, found)));
}

/** The page with these results in place of those that stood there. */
function withMeasured(readme: string, found: readonly ReleasedEvaluation[]): string {
  const lines = found.map(
    ({ task, file, right, trials, how }) =>
      `- ${task}, \`${file}\`: ${right} of ${trials} right (${((100 * right) / trials).toFixed(1)} %). ${how}\n`,
  );
  return readme.replace(
    /(\n## Measured\n\n[^\n]*\n)[\s\S]*?(?=\n## )/,
    (_, heading: string) => `${heading}\n${lines.join('')}`,
  );
}

await main();
