import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

interface SelfTest {
  readonly question: string;
  readonly answer: string;
}

/** A model that comes with Cairn, as its card describes it. */
export interface BundledModel {
  readonly name: string;
  readonly artifacts: readonly {
    readonly path: string;
    readonly quantisation: string;
    readonly sizeBytes: number;
    readonly sha256: string;
  }[];
  /** A question with its known answer, of the model that a local network serves. */
  readonly selfTest: SelfTest | null;
}

interface CardFile {
  readonly name: string;
  readonly artifacts: readonly {
    readonly path: string;
    readonly quantisation: string;
    readonly sizeBytes: string;
    readonly sha256: string;
  }[];
}

/** The models in `models/` of the checkout or installation; of each folder its main one first. */
export async function listBundledModels(root: string): Promise<BundledModel[]> {
  const models = join(root, 'models');
  const found: BundledModel[] = [];
  for (const name of (await readdir(models)).sort()) {
    const folder = join(models, name);
    const files = new Set(await readdir(folder));
    const read = async (file: string): Promise<unknown> =>
      JSON.parse(await readFile(join(folder, file), 'utf8'));
    for (const file of ['card.json', 'base.json']) {
      if (!files.has(file)) continue;
      const card = (await read(file)) as CardFile;
      const isTested = file === 'card.json' && files.has('self-test.json');
      found.push({
        name: card.name,
        artifacts: card.artifacts.map(({ path, quantisation, sizeBytes, sha256 }) => ({
          ...{ path: join(folder, path), quantisation, sizeBytes: Number(sizeBytes), sha256 },
        })),
        selfTest: isTested ? ((await read('self-test.json')) as SelfTest) : null,
      });
    }
  }
  return found;
}
