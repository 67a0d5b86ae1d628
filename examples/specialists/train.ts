/**
 * Trains a specialist on this machine, from nothing to files that llama.cpp runs, with a card that says how often it
 * was right:
 *
 *     node --conditions=source examples/specialists/train.ts --recipe examples/training/when.json --minutes 45
 *
 * It can be stopped with Ctrl-C and goes on where it was when it is started again. The learning rate falls towards the
 * end of the minutes, which count over all sessions, so give the same number each time.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { bytesToHex, u64ToBytes } from '@cairn/core';
import type { TensorTable } from '@cairn/protocol';
import {
  createInitialWeights,
  createLocalTrainer,
  createRelease,
  type LocalProgress,
  listPages,
  modelOf,
  modelTensors,
  readProgress,
  weightRootOf,
  writeProgress,
} from '@cairn/training';
import { createNativeEngine } from '@cairn/training/node';
import { evaluateFile } from './evaluate.ts';
import { crypto, openWorkshop, type Workshop, writeWhole } from './workshop.ts';

const { values: flags } = parseArgs({
  options: {
    recipe: { type: 'string' },
    minutes: { type: 'string', default: '45' },
    threads: { type: 'string', default: '1' },
    out: { type: 'string' },
    questions: { type: 'string', default: '500' },
  },
});
const say = (text: string) => console.error(text);
const SAVE_EVERY_MS = 60_000;

let isStopped = false;
process.once('SIGINT', () => {
  isStopped = true;
});

async function main(): Promise<void> {
  if (flags.recipe === undefined) throw new Error('Name a recipe: --recipe examples/training/when.json');
  const name = flags.recipe.replace(/^.*\/|\.json$/g, '');
  const out = resolve(flags.out ?? join(import.meta.dirname, 'out', name));
  const workshop = await openWorkshop(resolve(flags.recipe), out, say);
  const trained = await train(workshop, 60_000 * Number(flags.minutes));
  if (trained !== null) await release(workshop, trained);
}

/** The trained weights with their held-out loss; null when it was stopped before its time was up. */
async function train(
  { recipe, out, tokenizer, batches }: Workshop,
  limitMs: number,
): Promise<{ weights: TensorTable; heldOutLoss: number; step: number } | null> {
  const model = modelOf(recipe, tokenizer.model.tokens.length);
  const { inner, batch } = recipe;
  await using engine = await createNativeEngine({ model, ...batch, threads: Number(flags.threads) });
  const weights = createInitialWeights(crypto, u64ToBytes(BigInt(recipe.seed)), modelTensors(model));
  const path = join(out, 'progress.safetensors');
  const from = existsSync(path) ? readProgress(engine.tensors, await readFile(path)) : undefined;
  if (from !== undefined) say(`going on from step ${from.step}`);
  const trainer = createLocalTrainer(
    { engine, batch: (step) => batches.batch(step), clock: { nowMs: () => performance.now() } },
    { ...inner, parameters: weights, adamw: inner, steps: inner.steps * recipe.rounds, limitMs },
    from,
  );
  const save = async (): Promise<LocalProgress> => {
    const progress = trainer.progress();
    await writeWhole(path, writeProgress(engine.tensors, progress));
    return progress;
  };
  let [saved, told, mean] = [performance.now(), 0, Number.NaN];
  while (trainer.share < 1 && !isStopped) {
    const loss = await trainer.step();
    mean = Number.isNaN(mean) ? loss : 0.98 * mean + 0.02 * loss;
    const now = performance.now();
    if (now - told > 10_000) {
      const { step, elapsedMs } = trainer.progress();
      say(
        `${(100 * trainer.share).toFixed(1)} %  step ${step}  loss ${mean.toFixed(4)}  ${Math.round(elapsedMs / step)} ms a step`,
      );
      told = now;
    }
    if (now - saved < SAVE_EVERY_MS) continue;
    await save();
    saved = now;
  }
  const { step } = await save();
  if (trainer.share < 1) {
    say(`stopped at step ${step}; start again to go on`);
    return null;
  }
  let heldOutLoss = 0;
  const count = Math.min(16, batches.heldOutBatches);
  for (let index = 0; index < count; index++)
    heldOutLoss += (await engine.loss(weights, await batches.heldOut(index))) / count;
  return { weights, heldOutLoss, step };
}

async function release(
  { recipe, specialist, out, tokenizer, sets }: Workshop,
  { weights, heldOutLoss, step }: { weights: TensorTable; heldOutLoss: number; step: number },
): Promise<void> {
  const model = modelOf(recipe, tokenizer.model.tokens.length);
  const options = { specialist, tokenizer, questions: Number(flags.questions), say };
  const evaluate = async (file: string) =>
    /-(f16|q8_0)\.gguf$/.test(file) ? evaluateFile(join(out, file), file, options) : [];
  const { files } = await createRelease(
    { crypto, keep: (path, bytes) => writeWhole(join(out, path), bytes), evaluate },
    {
      facts: {
        name: recipe.name,
        version: `0.${step}.0`,
        description: recipe.description,
        licence: recipe.release.licence,
        model,
        prompt: recipe.release.prompt,
        tasks: recipe.release.tasks,
        languages: recipe.release.languages,
        royaltyBps: recipe.release.royaltyBps,
        data: sets.map(({ index, root }) => ({
          name: index.name,
          licence: index.licence,
          tokens: index.tokens,
          root: bytesToHex(root),
        })),
        run: null,
        contributors: [],
        parents: [],
        origin: null,
        heldOutLoss,
        evaluations: [],
        weightRoot: bytesToHex(weightRootOf(crypto, listPages(crypto, modelTensors(model), weights))),
      },
      weights,
      tokenizer,
      types: recipe.release.files,
    },
  );
  console.log(JSON.stringify({ out, step, heldOutLoss, files: files.map(({ path }) => path) }));
}

await main();
