import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRecipe } from '@cairn/training';
import { createFileBlobStore } from '../../../src/data/blob-store.ts';
import { makeRun } from '../../../src/training/create/make-run.ts';
import { openLibrary } from '../../../src/training/library/library.ts';
import { aFolder, aRecordStore } from '../../data/parts.ts';
import { aLog, crypto } from '../../rpc/parts.ts';

/** Text that a tiny model can learn something from. */
const SENTENCES = Array.from(
  { length: 480 },
  (_, line) =>
    `${['the cat', 'a dog', 'one bird'][line % 3]} sat on the ${['mat', 'log', 'wall', 'hill'][line % 4]} ${line}.\n`,
);

/** The smallest recipe that learns, as it is written. */
export const TINY = {
  name: 'test/tiny',
  model: { layers: 1, width: 16, heads: 2, hidden: 32, context: 16 },
  tokenizer: { kind: 'characters' },
  data: [{ path: 'texts', kind: 'text', licence: 'CC0-1.0' }],
  heldOutPermille: 100,
  batch: { rows: 4, length: 16 },
  inner: { steps: 3, learningRate: 0.01, schedule: 'constant', warmup: 0 },
  outer: { kind: 'sparse', k: 256, block: 4096, decay: 0.95, learningRate: 1 },
  rounds: 100,
  checkpointEvery: 2,
  release: { licence: 'Apache-2.0' },
};

export const aRecipe = (more: object = {}) => readRecipe({ ...TINY, ...more });

/** A library on disk, as threads read it. */
function aDiskLibrary() {
  const folder = aFolder();
  const library = openLibrary({ blobs: createFileBlobStore(folder), records: aRecordStore(), log: aLog() });
  return { folder, library };
}

/** Writes forty small texts into a folder, where the recipe looks for them. */
export function writeTexts(folder: string): void {
  mkdirSync(join(folder, 'texts'));
  for (let file = 0; file < 40; file++)
    writeFileSync(join(folder, 'texts', `${file}.txt`), SENTENCES.slice(file * 12, file * 12 + 12).join(''));
}

/** A library with everything of a new run. */
export async function aMadeRun(recipe = aRecipe()) {
  const place = aDiskLibrary();
  const source = aFolder();
  writeTexts(source);
  return { ...place, made: await makeRun({ crypto, library: place.library }, recipe, source) };
}

/** Changes a blob of a library on disk. */
export function damage(folder: string, id: string): void {
  const path = join(folder, id.slice(0, 2), id);
  const bytes = readFileSync(path);
  bytes[0]! ^= 1;
  writeFileSync(path, bytes);
}
