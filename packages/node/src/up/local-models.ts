import { bytesToHex } from '@cairn/core';
import { createLlamaEngine, digestFile, EngineError, requireSelfTest } from '@cairn/engines';
import type { LoadedModel } from '@cairn/protocol';
import type { BundledArtifact, BundledModels } from '../models/bundled.ts';
import type { NodeParts } from '../roles/parts.ts';
import { createCheatModel } from './cheat-model.ts';
import type { LocalMinerModel } from './plan.ts';

/** A model a local miner serves, and the artifact it says it is. */
export interface LocalModel {
  readonly artifact: BundledArtifact;
  readonly model: LoadedModel;
}

export interface LocalModels extends AsyncDisposable {
  readonly serves: ReadonlyMap<LocalMinerModel, LocalModel>;
  readonly engine: ReturnType<typeof createLlamaEngine>;
}

/**
 * Loads the bundled files into one llama.cpp and makes sure that the default one gives its known answer.
 *
 * @throws EngineError when a file is missing or damaged, memory is short or the answer is wrong
 */
export async function loadLocalModels(
  parts: Pick<NodeParts, 'clock' | 'random' | 'log'>,
  bundled: BundledModels,
  threads: number,
): Promise<LocalModels> {
  const engine = createLlamaEngine({ ...parts, log: parts.log.child('llama') });
  const find = (variant: string, quantisation: string) =>
    bundled.artifacts.find(
      (artifact) => artifact.variant === variant && artifact.quantisation === quantisation,
    )!;
  const load = async (artifact: BundledArtifact): Promise<LocalModel> => {
    await checkDigest(artifact);
    const isTested = artifact.variant === 'default';
    const file = {
      location: artifact.path,
      format: 'gguf' as const,
      ...(isTested ? { selfTest: bundled.selfTest } : {}),
    };
    const model = await engine.load(file, { contextTokens: 256, threads });
    if (isTested) await requireSelfTest(model);
    return { artifact, model };
  };
  try {
    const main = await load(find('default', 'f16'));
    const quantised = await load(find('default', 'q8_0'));
    const base = await load(find('base', 'f16'));
    return {
      engine,
      serves: new Map<LocalMinerModel, LocalModel>([
        ['default', main],
        ['quantised', quantised],
        ['base', base],
        ['cheat', { artifact: main.artifact, model: createCheatModel(main.model) }],
      ]),
      async [Symbol.asyncDispose]() {
        for (const { model } of [main, quantised, base]) await model[Symbol.asyncDispose]();
        await engine[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw error;
  }
}

/** Miners say which file they serve: it has to be that one. */
async function checkDigest({ path, sha256 }: BundledArtifact): Promise<void> {
  const digest = await digestFile(path);
  if (digest.sha256 === bytesToHex(sha256)) return;
  throw new EngineError(
    { code: 'MODEL_FILE_CORRUPT', path, reason: 'its SHA-256 is not the one of its card' },
    `The model file ${path} is damaged: its SHA-256 is not the one of its card. Restore it, for example with git checkout.`,
  );
}
