import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A model that comes with Cairn, as its card describes it. */
export interface BundledModel {
  readonly name: string;
  readonly description: string;
  readonly licence: string;
  readonly artifacts: readonly {
    readonly path: string;
    readonly variant: string;
    readonly quantisation: string;
    readonly sizeBytes: number;
    readonly sha256: string;
  }[];
  readonly selfTest: { readonly question: string; readonly answer: string } | null;
}

interface CardFile {
  readonly name: string;
  readonly description: string;
  readonly licence: string;
  readonly artifacts: readonly {
    readonly file: string;
    /** Absent on a card as the registry takes it, whose files are all of one checkpoint. */
    readonly variant?: string;
    readonly quantisation: string;
    readonly sizeBytes: number | string;
    readonly sha256: string;
  }[];
  readonly selfTest?: { readonly question: string; readonly answer: string };
}

/** The models in `models/` of the checkout or installation. */
export async function listBundledModels(root: string): Promise<BundledModel[]> {
  const folder = join(root, 'models');
  const names = (await readdir(folder)).sort();
  return Promise.all(
    names.map(async (name) => {
      const card = JSON.parse(await readFile(join(folder, name, 'card.json'), 'utf8')) as CardFile;
      return {
        name: card.name,
        description: card.description,
        licence: card.licence,
        artifacts: card.artifacts.map(({ file, variant = 'default', quantisation, sizeBytes, sha256 }) => ({
          path: join(folder, name, file),
          sizeBytes: Number(sizeBytes),
          ...{ variant, quantisation, sha256 },
        })),
        selfTest: card.selfTest ?? null,
      };
    }),
  );
}
